// Passkeys in the browser. Fetched when somebody is about to use one.

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function post(path, body) {
  const options = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  const answer = await response.json().catch(() => ({}));
  return response.ok ? { value: answer } : { error: { ...answer, message: answer.title ?? "That did not work. Try again." } };
}

// The browser says the same whether it was cancelled, or there was no key: it must not tell pages which.
function refusal(fault) {
  if (fault.name === "InvalidStateError") return { error: { message: "This device holds a passkey of yours already." } };
  if (fault.name === "NotAllowedError" || fault.name === "AbortError") return { error: { message: "No passkey was used." } };
  return { error: { message: "Your browser could not use a passkey here." } };
}

function described(credential) {
  const { response } = credential;
  const parts = { clientDataJSON: toText(response.clientDataJSON) };
  if (response.attestationObject) {
    parts.attestationObject = toText(response.attestationObject);
    parts.transports = response.getTransports?.() ?? [];
  } else {
    parts.authenticatorData = toText(response.authenticatorData);
    parts.signature = toText(response.signature);
    if (response.userHandle) parts.userHandle = toText(response.userHandle);
  }
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: parts };
}

async function assertion({ challenge, allow }) {
  const publicKey = {
    challenge: toBytes(challenge),
    userVerification: "preferred",
    timeout: 120000,
    allowCredentials: (allow ?? []).map(({ id, transports }) => ({ type: "public-key", id: toBytes(id), transports })),
  };
  return described(await navigator.credentials.get({ publicKey }));
}

async function asserted(begin, finish, extra) {
  const begun = await post(begin, extra);
  if (begun.error) return begun;
  try {
    return await post(finish, { ...extra, credential: await assertion(begun.value) });
  } catch (fault) {
    return refusal(fault);
  }
}

/** Proves the person to this session for an action. */
export const prove = (action) => asserted("/auth/passkeys/prove/begin", "/auth/passkeys/prove", { action });

/** Signs in with whichever passkey the person chooses. */
export const signIn = (next) => asserted("/auth/passkeys/sign-in/begin", "/auth/passkeys/sign-in", { next });

/** The second step of a sign-in that has begun. */
export const secondStep = () => asserted("/auth/passkeys/second-step/begin", "/auth/passkeys/second-step", {});

/** Makes a passkey on this device or key, with what `prepare_passkey` gave. */
export async function add({ challenge, user_id, email, name, known }) {
  const publicKey = {
    challenge: toBytes(challenge),
    rp: { name: "MemberPulse" },
    user: { id: toBytes(user_id), name: email, displayName: name },
    pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: known.map((id) => ({ type: "public-key", id: toBytes(id) })),
    authenticatorSelection: { residentKey: "required", userVerification: "preferred" },
    attestation: "none",
    timeout: 120000,
  };
  try {
    return await post("/auth/passkeys/add", { credential: described(await navigator.credentials.create({ publicKey })) });
  } catch (fault) {
    return refusal(fault);
  }
}
