// Forms of settings: a bar that says what would change, and a picture that is uploaded as it is chosen.
import { Fragment, jsx, jsxs } from "react/jsx-runtime";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { failures, runMutation } from "../live";
import { notify } from "./toast";

const wordsOf = (control, value) => {
  const option = control?.options && [...control.options].find((each) => each.value === value);
  return (option ? option.text : value) || "empty";
};

/**
 * The foot of a form: nothing while all is saved, else what would change, with Discard and Save.
 * values: what is saved now, by the names of the fields. A field that nobody touched follows it.
 */
export function SaveBar({ values, words, mutation, busy }) {
  const ref = useRef(null);
  const saved = useRef({});
  const [changes, setChanges] = useState([]);
  const control = (name) => ref.current.closest("form").elements.namedItem(name);
  const compare = () => {
    if (!ref.current) return;
    const found = [];
    for (const [name, was] of Object.entries(saved.current)) {
      const field = control(name);
      if (!field) continue;
      const changed = field.value !== was;
      field.closest(".input")?.classList.toggle("is-changed", changed);
      if (changed) found.push({ name, was: wordsOf(field, was), now: wordsOf(field, field.value) });
    }
    setChanges((before) => (JSON.stringify(before) === JSON.stringify(found) ? before : found));
  };
  const discard = () => {
    for (const [name, was] of Object.entries(saved.current)) if (control(name)) control(name).value = was;
    failures.set({ ...failures.get(), [mutation]: undefined });
    compare();
  };
  useLayoutEffect(() => {
    for (const [name, value] of Object.entries(values ?? {})) {
      const field = control(name);
      if (!field) continue;
      const next = String(value ?? "");
      if (!(name in saved.current) || field.value === saved.current[name]) field.value = next;
      saved.current[name] = next;
    }
    compare();
  }, [JSON.stringify(values)]);
  useEffect(() => {
    const form = ref.current.closest("form");
    const key = (event) => {
      if (event.key.toLowerCase() !== "s" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      form.requestSubmit();
    };
    form.addEventListener("input", compare);
    form.addEventListener("change", compare);
    window.addEventListener("keydown", key);
    return () => {
      form.removeEventListener("input", compare);
      form.removeEventListener("change", compare);
      window.removeEventListener("keydown", key);
    };
  }, []);
  useEffect(() => {
    if (changes.length === 0) return undefined;
    const ask = (event) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [changes.length === 0]);
  const first = changes[0];
  const more = changes.length - 1;
  return jsx("div", {
    ref,
    className: "savebar-slot",
    children:
      first &&
      jsxs("div", {
        className: "savebar",
        role: "group",
        "aria-label": "Unsaved changes",
        children: [
          jsx("span", { className: "unsaved", "aria-hidden": true }),
          jsxs("p", {
            className: "savebar-what",
            children: [
              jsx("b", { children: words?.[first.name] ?? first.name }),
              jsxs("span", {
                className: "diff cut",
                children: [jsx("del", { children: first.was }), " ", jsx("ins", { children: first.now })],
              }),
              more > 0 && jsx("span", { className: "meta", children: `and ${more} more` }),
            ],
          }),
          jsx("button", { type: "button", className: "btn quiet push", onClick: discard, children: "Discard" }),
          jsxs("button", {
            type: "submit",
            className: "btn ink",
            "aria-busy": busy || undefined,
            children: ["Save", jsxs("span", { className: "row g1 only-l", "aria-hidden": true, children: [jsx("kbd", { children: "⌘" }), jsx("kbd", { children: "S" })] })],
          }),
        ],
      }),
  });
}

const regions = () => {
  const found = new Map();
  for (const zone of Intl.supportedValuesOf?.("timeZone") ?? []) {
    const region = zone.includes("/") ? zone.split("/")[0] : "Other";
    found.set(region, [...(found.get(region) ?? []), zone]);
  }
  return found;
};
const placeOf = (zone) => zone.split("/").slice(1).join(", ").replaceAll("_", " ") || zone;
const ours = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A time zone, from the browser's own list, with the browser's own at hand. */
export function ZoneSelect({ value, ...props }) {
  const ref = useRef(null);
  const [groups] = useState(regions);
  const [chosen, setChosen] = useState(value);
  const here = ours();
  const all = [...groups.values()].flat();
  const extra = [...new Set([value, here, "UTC"])].filter((zone) => zone && !all.includes(zone));
  useEffect(() => {
    const form = ref.current.form;
    const look = () => setChosen(ref.current?.value);
    form?.addEventListener("change", look);
    const timer = setTimeout(look, 0);
    return () => (clearTimeout(timer), form?.removeEventListener("change", look));
  }, [value]);
  const take = () => {
    ref.current.value = here;
    ref.current.dispatchEvent(new Event("change", { bubbles: true }));
    ref.current.focus();
  };
  const option = (zone, words) => jsx("option", { value: zone, children: words }, zone);
  return jsxs(Fragment, {
    children: [
      jsxs("span", {
        className: "input",
        children: [
          jsxs("select", {
            ...props,
            ref,
            name: "time_zone",
            className: "sel",
            children: [
              ...extra.map((zone) => option(zone, zone.replaceAll("_", " "))),
              ...[...groups].map(([region, zones]) =>
                jsx("optgroup", { label: region, children: zones.map((zone) => option(zone, placeOf(zone))) }, region),
              ),
            ],
          }),
          jsx("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: jsx("path", { d: "m6 9 6 6 6-6" }) }),
        ],
      }),
      here &&
        chosen &&
        here !== chosen &&
        jsx("button", { type: "button", className: "btn sm zone-here", onClick: take, children: `Use ${here.replaceAll("_", " ")}` }),
    ],
  });
}

const MAX_BYTES = 5 * 1024 * 1024;

function send(url, file, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const failed = (message) => resolve({ error: message });
    request.open("POST", url);
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => (request.status === 200 ? resolve(request.response) : failed(request.response?.title ?? "The picture was not saved. Try again."));
    request.onerror = () => failed("The picture did not arrive. Look at your connection and try again.");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(file);
  });
}

/**
 * A picture that is replaced by choosing, dropping or pasting a file. Its face is the first child.
 * upload: where to post it; change: the mutation that takes it away or brings another back; noun: what it is called.
 */
export function PictureField({ picture, upload, change, noun = "picture", children }) {
  const input = useRef(null);
  const id = useId();
  const [over, setOver] = useState(false);
  const [share, setShare] = useState(null);
  const [error, setError] = useState("");
  const said = noun[0].toUpperCase() + noun.slice(1);
  const back = (name) => () => runMutation(change, { picture: name }, {});
  const take = async (file) => {
    if (!file || share !== null) return;
    setError("");
    if (file.size > MAX_BYTES) return setError("This picture is larger than 5 MB. Choose a smaller one.");
    setShare(0);
    const answer = await send(upload, file, setShare);
    setShare(null);
    if (answer.error) return setError(answer.error);
    notify({ text: answer.previous ? `${said} replaced` : `${said} added`, undo: back(answer.previous) });
  };
  const remove = async () => {
    setError("");
    const { value, error: refused } = (await runMutation(change, { picture: null }, { inline: true })) ?? {};
    if (refused) setError(refused.message);
    else if (value) notify({ text: `${said} removed`, undo: back(value) });
    input.current?.parentElement.querySelector("button")?.focus();
  };
  const drag = (on) => (event) => {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    setOver(on);
  };
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  const chosen = (event) => {
    take(event.target.files[0]);
    event.target.value = "";
  };
  const percent = Math.round((share ?? 0) * 100);
  return jsxs("div", {
    className: over ? "picture-field over" : "picture-field",
    onDragEnter: drag(true),
    onDragOver: drag(true),
    onDragLeave: drag(false),
    onDrop: drop,
    onPaste: (event) => take([...event.clipboardData.files][0]),
    children: [
      jsx("span", { className: "picture-face", "aria-busy": share !== null || undefined, children }),
      jsxs("div", {
        className: "picture-side",
        children: [
          jsxs("div", {
            className: "row g2",
            children: [
              jsx("button", {
                type: "button",
                className: "btn",
                "aria-busy": share !== null || undefined,
                "aria-describedby": `${id}-hint ${id}-error`,
                onClick: () => share === null && input.current.click(),
                children: picture ? `Replace ${noun}` : `Choose a ${noun}`,
              }),
              picture && jsx("button", { type: "button", className: "btn quiet", onClick: remove, children: "Remove" }),
              jsx("input", { ref: input, type: "file", accept: "image/jpeg,image/png,image/webp,image/gif", className: "vh", tabIndex: -1, "aria-hidden": true, onChange: chosen }),
            ],
          }),
          share === null
            ? jsx("p", { className: "hint", id: `${id}-hint`, children: "Or drop one here. JPEG, PNG, WebP or GIF, up to 5 MB; the middle is cut to a square." })
            : jsxs("p", {
                className: "row g2 hint",
                id: `${id}-hint`,
                children: [
                  jsx("progress", { value: percent, max: 100, "aria-label": "Uploading" }),
                  jsx("span", { className: "tn", children: percent < 100 ? `${percent} %` : "Cutting to a square" }),
                ],
              }),
          jsx("div", {
            id: `${id}-error`,
            role: "alert",
            className: "err-slot",
            children:
              error &&
              jsxs("p", {
                className: "err",
                children: [
                  jsxs("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: [jsx("circle", { cx: 12, cy: 12, r: 10 }), jsx("path", { d: "M12 8v4M12 16h.01" })] }),
                  jsx("span", { children: error }),
                ],
              }),
          }),
        ],
      }),
    ],
  });
}

/** Goes on to another page, without a place in the history for this one. */
export function GoOn({ to }) {
  const navigate = useNavigate();
  useEffect(() => void navigate(to, { replace: true }), [to]);
  return null;
}

/** Its content once the page runs: what depends on the address is not known when the page is built. */
export function OnceRunning({ children }) {
  const [running, setRunning] = useState(false);
  useEffect(() => setRunning(true), []);
  return running ? children : null;
}

/** Brings the current page's link into sight, where the list of settings scrolls sideways. */
export function RevealCurrent() {
  const { pathname } = useLocation();
  useEffect(() => {
    const list = document.querySelector(".settings-nav-list");
    const reveal = () => {
      const current = list?.querySelector("[aria-current]");
      if (current) list.scrollLeft = current.offsetLeft - (list.clientWidth - current.offsetWidth) / 2;
    };
    reveal();
    // What one may open is known a moment later than what everybody has.
    const watch = list && new MutationObserver(reveal);
    watch?.observe(list, { childList: true, subtree: true });
    return () => watch?.disconnect();
  }, [pathname]);
  return null;
}
