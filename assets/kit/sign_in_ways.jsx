// Ways to sign in besides a password, and why one of them did not work.
import { jsx, jsxs } from "react/jsx-runtime";
import { useEffect, useState, useSyncExternalStore } from "react";

const never = () => () => {};
const arrived = () => window.location.search;
const useArrival = () => new URLSearchParams(useSyncExternalStore(never, arrived, () => ""));
const useAble = () => useSyncExternalStore(never, () => Boolean(window.PublicKeyCredential), () => true);

const KEY = ["M2.586 17.414A2 2 0 0 0 2 18.828V21a1 1 0 0 0 1 1h3a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h1a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h.172a2 2 0 0 0 1.414-.586l.814-.814a6.5 6.5 0 1 0-4-4z", "M16.5 7.5h.01"];
const ALERT = ["M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0", "M12 8v4", "M12 16h.01"];
const Glyph = ({ paths }) => jsx("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: paths.map((d) => jsx("path", { d }, d)) });

export function PasskeyButton() {
  const next = useArrival().get("next") ?? undefined;
  const able = useAble();
  const [working, setWorking] = useState(false);
  const [problem, setProblem] = useState("");
  if (!able) return null;
  const use = async () => {
    setWorking(true);
    setProblem("");
    const answer = await import("../passkeys").then(({ signIn }) => signIn(next)).catch(() => ({ error: { message: "That did not work. Try again." } }));
    if (answer.value) return window.location.assign(answer.value.next);
    setWorking(false);
    setProblem(answer.error.message);
  };
  return jsxs("div", {
    className: "col",
    children: [
      jsxs("button", {
        type: "button",
        className: "btn lg full",
        "aria-busy": working,
        disabled: working,
        onClick: use,
        children: [jsxs("span", { className: "face", children: [jsx(Glyph, { paths: KEY }), "Sign in with a passkey"] }), jsx("span", { className: "spin", "aria-hidden": true })],
      }),
      jsx("p", { className: "err-slot err", role: "status", children: problem }),
    ],
  });
}

function useProviders() {
  const [found, setFound] = useState([]);
  useEffect(() => {
    const options = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    fetch("/api/query/accounts.list_providers", options)
      .then((response) => (response.ok ? response.json() : []))
      .then(setFound)
      .catch(() => {});
  }, []);
  return found;
}

export function ProviderButtons() {
  const next = useArrival().get("next");
  return useProviders().map(({ key, name }) =>
    jsxs("form", {
      method: "post",
      action: `/auth/oidc/${key}/start`,
      children: [
        next && jsx("input", { type: "hidden", name: "next", value: next }),
        jsx("button", { type: "submit", className: "btn lg full", children: `Go on with ${name}` }),
      ],
    }, key),
  );
}

const REASONS = {
  provider_over: ["That sign-in is over. ", "It was not finished in time, or not in this browser. Begin again."],
  provider_refused: ["The other side did not let you in. ", "Try again, or sign in another way."],
  provider_down: ["The other side does not answer. ", "Try again in a moment, or sign in another way."],
  provider_unverified: ["Your address is not confirmed there. ", "Confirm your e-mail address with the other side, or sign in another way."],
  account_unverified: ["Your address is not confirmed here. ", "Sign in with your password or a mailed link and confirm it, then link the other account."],
  linked_elsewhere: ["That account is not yours to use here. ", "It is linked to somebody else, or you have another one linked."],
  second_step_over: ["That sign-in is over. ", "It was not finished in time, or not in this browser. Sign in again."],
  step_up_required: ["Nothing was linked. ", "Confirm that it is you, then link the account again."],
};

export function ProviderNotice() {
  const said = REASONS[useArrival().get("error")];
  if (!said) return null;
  return jsxs("div", {
    className: "note danger",
    role: "alert",
    children: [jsx(Glyph, { paths: ALERT }), jsxs("span", { children: [jsx("b", { children: said[0] }), said[1]] })],
  });
}
