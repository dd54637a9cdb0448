// The browser's side of the live protocol (docs/live-protocol.md): one WebSocket per tab carries every live
// query and every mutation. Components use the hooks at the end; nothing outside this file touches the socket.
import { applyDelta } from "$/utils/state";
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { useBlocker, useLocation, useNavigate } from "react-router";
import { notify, notifyError } from "./kit/toast";

const GRACE_MS = 3000; // an unmounted query stays subscribed this long, so going back finds it current
const PING_MS = 15000;
const PONG_MS = 5000;
const BACKOFF_MS = 150;
const BACKOFF_MAX_MS = 700; // while it may only be a restart
const BACKOFF_LATE_MS = 5000; // once it is more than that
const STEADY_MS = 3000; // a socket that lived less did not hold
const MOST_BYTES = 64 * 1024; // of one frame
const FRAME_TOO_LARGE = 1009; // the server did not take what it was sent, and would not take it again
const TOO_LARGE = { code: "too_large", message: "This is too much at once. Send it in smaller parts.", status: 413 };
const UNREADABLE = 422;
const NOTHING = { message: "There is nothing at this address." };
const FAILURES_OF_A_RESTART = 28;
const FAILURES_BEFORE_POLLING = 5;

const LOADING = Object.freeze({ status: "loading", value: undefined, error: "", request_id: "", origin: "" });
const entries = new Map(); // key -> entry: one per function and arguments, however many components show it
const byId = new Map(); // subscription id -> entry
const byQuery = new Map(); // the server's name of a query on this socket -> entries
const pending = new Map(); // run id -> { frame, kind, resolve, ends, on }: where to go when the session ends with it, and the socket it was sent on
let socket = null;
let attempts = 0;
let liveSince = Infinity;
let reconnecting = null;
let nextId = 0;
let syncMs = 30000;
let runsAtOnce = 16;
let build = null;
let outdated = false;
let navigate = (path) => window.location.assign(path);

// ---- observable values outside React

function observable(value) {
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const connection = observable(Object.freeze({ status: "connecting", latency: null, as_of: null, answers: true, waits: null }));
const busy = observable(new Map());
export const failures = observable({});

function setConnection(change) {
  connection.set(Object.freeze({ ...connection.get(), ...change }));
}

// ---- the socket

function open() {
  clearTimeout(reconnecting);
  reconnecting = null;
  if (socket) return;
  const url = new URL("/live", window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const current = (socket = new WebSocket(url));
  current.onmessage = (event) => current === socket && receive(JSON.parse(event.data));
  current.onclose = (event) => current === socket && closed(event.code);
}

function send(frame) {
  if (connection.get().status !== "live" || socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(frame));
  return true;
}

const handlers = {
  hello(frame) {
    liveSince = performance.now();
    syncMs = frame.sync_ms ?? syncMs;
    runsAtOnce = frame.runs_at_once ?? runsAtOnce;
    if (build !== null && build !== frame.build) reloadSoon();
    build = frame.build;
    setConnection({ status: "live", as_of: null, answers: true, waits: null });
    // Names of queries belong to one socket: what "e5" meant on the last one says nothing here.
    for (const entry of entries.values()) {
      unbind(entry);
      subscribe(entry);
    }
    // The id is the idempotency key: what the server did before the link broke is answered, not done again.
    sendRuns();
    tellPage();
    heartbeat();
  },
  snap(frame) {
    const entry = bind(frame);
    if (entry) accept(entry, frame);
  },
  same(frame) {
    const entry = bind(frame);
    if (entry) show(entry, { error: "", request_id: "" });
  },
  set(frame) {
    for (const entry of byQuery.get(frame.q) ?? []) accept(entry, frame);
  },
  fail(frame) {
    const failed = frame.id === undefined ? (byQuery.get(frame.q) ?? []) : [byId.get(frame.id)].filter(Boolean);
    for (const entry of failed) fail(entry, frame.error);
  },
  gone(frame) {
    const nothing = frame.error.status === UNREADABLE; // arguments come from the address: it names nothing
    const entry = byId.get(frame.id);
    if (!entry) return;
    unbind(entry);
    entry.version = undefined;
    // What was refused may be allowed later: a role given back, a page's subject made anew; or it was only too often.
    clearTimeout(entry.again);
    const again = () => entries.get(entry.key) === entry && (streaming ? stream(entry) : subscribe(entry));
    entry.again = setTimeout(again, frame.error.retry_after ? frame.error.retry_after * 1000 * (1 + Math.random() / 4) : syncMs);
    const status = nothing ? "not_found" : (REFUSED[frame.error.status] ?? "error");
    show(entry, { ...refusal(nothing ? NOTHING : frame.error), status, value: undefined });
  },
  done(frame) {
    const run = pending.get(frame.id);
    pending.delete(frame.id);
    run?.resolve(frame);
    sendRuns();
  },
  pong(frame) {
    if (frame.n !== ping.n) return;
    clearTimeout(ping.deadline);
    setConnection({ latency: Math.max(1, Math.round(performance.now() - ping.at)) });
  },
};

function receive(frame) {
  handlers[frame.t]?.(frame);
}

function closed(code) {
  socket = null;
  clearTimeout(ping.timer);
  clearTimeout(ping.deadline);
  if (code === 4401) return signedOut();
  if (code === FRAME_TOO_LARGE) for (const { frame } of pending.values()) handlers.done({ id: frame.id, error: TOO_LARGE });
  if (entries.size === 0 && pending.size === 0) return setConnection({ status: "connecting", latency: null });
  if (performance.now() - liveSince > STEADY_MS) attempts = 0;
  liveSince = Infinity;
  attempts += 1;
  const polling = attempts >= FAILURES_BEFORE_POLLING;
  const as_of = connection.get().as_of ?? new Date().toISOString();
  setConnection({ status: polling ? "polling" : "reconnecting", latency: null, as_of, answers: connection.get().status === "polling" && connection.get().answers });
  if (polling) poll();
  // Full jitter: a restarted server is not met by every tab at once.
  const most = attempts <= FAILURES_OF_A_RESTART ? BACKOFF_MAX_MS : BACKOFF_LATE_MS;
  const ceiling = Math.min(most, BACKOFF_MS * 2 ** attempts);
  reconnecting = setTimeout(open, Math.random() * ceiling);
}

let leaving = false; // for good: the session is over, and where to go instead is known

function leave(path) {
  leaving = true;
  window.location.replace(path);
}

// Pages outside of the application's frame are for everybody, but the socket is not: there, public queries are asked for
// once.
function signedOut() {
  const { pathname, search } = window.location;
  if (document.querySelector(".app")) {
    // Another tab may have got this browser a new session: then the page opens again, else the server asks to sign in.
    const again = pathname + search;
    const last = [...pending.values()].find((run) => run.ends);
    if (last) leave(last.ends);
    if (leaving) return;
    const tried = window.sessionStorage.getItem("signed-out-at");
    window.sessionStorage.setItem("signed-out-at", String(Date.now()));
    const lately = tried && Date.now() - Number(tried) < 5000;
    if (lately) window.location.replace("/sign-in?next=" + encodeURIComponent(again));
    else window.location.reload();
    return;
  }
  if (connection.get().status === "signed_out") return;
  setConnection({ status: "signed_out", latency: null });
  if (streaming) entries.forEach(stream);
  else askAgain();
  for (const waiting of pending.values()) runOverHttp(waiting);
}

// ---- a page for everybody that stays live, such as the wall display: each public query is a stream of its own

let streaming = false;
const STREAM_AGAIN_MS = 3000;

/** From now on, what a page without a session shows follows the server. */
export function followWithoutSession() {
  streaming = true;
  if (connection.get().status === "signed_out") entries.forEach(stream);
  return () => (streaming = false);
}

function stream(entry) {
  if (entry.stream) return;
  const args = encodeURIComponent(JSON.stringify(entry.args));
  const source = (entry.stream = new EventSource(`/api/live/${entry.name}?args=${args}`));
  const settle = () => setConnection({ status: "signed_out", as_of: null });
  source.addEventListener("value", (event) => (settle(), accept(entry, { v: event.lastEventId, value: JSON.parse(event.data) })));
  source.addEventListener("fail", (event) => (settle(), fail(entry, JSON.parse(event.data))));
  const ended = () => {
    source.close();
    if (entry.stream !== source) return;
    entry.stream = undefined;
    if (!entries.has(entry.key)) return;
    setConnection({ status: "reconnecting", as_of: connection.get().as_of ?? new Date().toISOString() });
    if (entry.snapshot.value === undefined) refresh(entry); // why it ended, where the server answers
    entry.again = setTimeout(() => entries.get(entry.key) === entry && stream(entry), STREAM_AGAIN_MS * (0.5 + Math.random()));
  };
  source.addEventListener("gone", ended);
  source.onerror = ended;
}

/** Ask for everything that a page without a socket shows. */
export function askAgain() {
  if (connection.get().status !== "signed_out") return;
  for (const entry of entries.values()) refresh(entry);
}

// ---- heartbeat: latency for the eye, and a dead link (a laptop that slept) noticed without the kernel's patience

const ping = { n: 0, at: 0, timer: null, deadline: null };

function heartbeat() {
  clearTimeout(ping.timer);
  clearTimeout(ping.deadline);
  ping.n += 1;
  ping.at = performance.now();
  if (!send({ t: "ping", n: ping.n })) return;
  const current = socket;
  ping.deadline = setTimeout(() => {
    if (current !== socket) return;
    current.close();
    closed(1006); // a dead link answers no close handshake either
  }, PONG_MS);
  ping.timer = setTimeout(heartbeat, PING_MS);
}

// ---- queries

export const keyOf = (name, args) => `${name}(${stable(args)})`;

function stable(value) {
  if (Array.isArray(value)) return `[${value.map(stable).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  return `{${Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${stable(value[name])}`)
    .join()}}`;
}

function watch(name, args, key, listener) {
  let entry = entries.get(key);
  if (!entry) {
    entry = { key, name, args, id: ++nextId, snapshot: LOADING, listeners: new Set() };
    entries.set(key, entry);
    byId.set(entry.id, entry);
    if (connection.get().status === "signed_out") streaming ? stream(entry) : refresh(entry);
    else if (!subscribe(entry) && !socket && !reconnecting) open();
  }
  clearTimeout(entry.grace);
  entry.listeners.add(listener);
  return () => {
    entry.listeners.delete(listener);
    if (entry.listeners.size === 0) entry.grace = setTimeout(() => forget(entry), GRACE_MS);
  };
}

function subscribe(entry) {
  clearTimeout(entry.again);
  const frame = { t: "sub", id: entry.id, fn: entry.name, args: entry.args };
  if (entry.version !== undefined) frame.v = entry.version;
  return send(frame);
}

function forget(entry) {
  clearTimeout(entry.again);
  entry.stream?.close();
  entries.delete(entry.key);
  byId.delete(entry.id);
  unbind(entry);
  send({ t: "unsub", id: entry.id });
}

function bind(frame) {
  const entry = byId.get(frame.id);
  if (!entry || entry.query === frame.q) return entry;
  unbind(entry);
  entry.query = frame.q;
  if (!byQuery.has(frame.q)) byQuery.set(frame.q, new Set());
  byQuery.get(frame.q).add(entry);
  return entry;
}

function unbind(entry) {
  const bound = byQuery.get(entry.query);
  bound?.delete(entry);
  if (bound?.size === 0) byQuery.delete(entry.query);
  entry.query = undefined;
}

function accept(entry, { v, value }) {
  entry.version = v;
  // Unchanged parts keep their identity, so only the rows that changed render again.
  const merged = applyDelta({ value: entry.snapshot.value }, { value }).value;
  show(entry, { status: "ready", value: merged, error: "", request_id: "" });
}

const REFUSED = { 403: "forbidden", 404: "not_found" };
const refusal = ({ message, request_id }) => ({ error: message, request_id: request_id ?? "" });

function fail(entry, error) {
  const refused = REFUSED[error.status];
  // What may not be seen any more goes; what only could not be read anew stays.
  if (refused) entry.version = undefined;
  const kept = refused || entry.snapshot.value === undefined ? { status: refused ?? "error", value: undefined } : {};
  show(entry, { ...refusal(error), ...kept });
}

// A page comes as a whole: a first result waits for the others, for a moment, so that nothing moves under the eyes.
const TOGETHER_MS = 120;
const held = new Set();
let releasing = null;

function show(entry, change) {
  const first = entry.snapshot === LOADING;
  entry.snapshot = Object.freeze({ ...entry.snapshot, origin: entry.key, ...change });
  if (!first) return tell(entry);
  held.add(entry);
  if (!anyLoads()) release();
  else releasing ??= setTimeout(release, TOGETHER_MS);
}

const anyLoads = () => [...entries.values()].some((each) => each.snapshot === LOADING);

function release() {
  clearTimeout(releasing);
  releasing = null;
  const all = [...held];
  held.clear();
  all.forEach(tell);
  if (!("settled" in document.documentElement.dataset)) setTimeout(settle);
}

// What was shown first may have asked for more. The style sheets keep a page out of sight until it is settled.
function settle() {
  if (!anyLoads()) document.documentElement.dataset.settled = "";
}

function tell(entry) {
  for (const listener of entry.listeners) listener();
}

export function retry(key) {
  const entry = entries.get(key);
  if (!entry) return;
  send({ t: "unsub", id: entry.id });
  byId.delete(entry.id);
  unbind(entry);
  entry.id = ++nextId;
  byId.set(entry.id, entry);
  subscribe(entry);
}

// ---- without a socket: ask over HTTP at the server's sync interval, while the socket keeps being tried

let polling = null;

async function poll() {
  if (polling) return;
  polling = setTimeout(() => {
    polling = null;
    if (connection.get().status === "polling") poll();
  }, syncMs);
  const waiting = [...pending.values()];
  await Promise.all([...[...entries.values()].map(refresh), ...waiting.map(runOverHttp)]);
}

async function refresh(entry) {
  const answer = await post("query", entry.name, entry.args).catch(() => null);
  if (!answer || !entries.has(entry.key) || connection.get().status === "live") return;
  if (answer.ok) {
    accept(entry, { v: undefined, value: answer.body });
    setConnection({ as_of: new Date().toISOString() });
  } else if (answer.error.status in REFUSED || answer.error.status === 422) handlers.gone({ id: entry.id, error: answer.error });
  else fail(entry, answer.error);
}

async function runOverHttp(run) {
  if (run.posted) return;
  run.posted = true;
  const { frame, kind } = run;
  const answer = await post(kind, frame.fn, frame.args, { "idempotency-key": frame.id }).catch(() => null);
  if (answer) handlers.done(answer.ok ? { id: frame.id, value: answer.body } : { id: frame.id, error: answer.error });
  run.posted = false;
  askAgain();
}

/** Whether the server can be expected to answer now, over either way. */
function isReachable() {
  const { status, answers } = connection.get();
  return status === "polling" ? answers : status !== "reconnecting";
}

async function post(kind, name, args, headers = {}) {
  const body = JSON.stringify(args);
  const options = { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
  const response = await fetch(`/api/${kind}/${name}`, options).catch((fault) => {
    if (connection.get().answers) setConnection({ answers: false });
    throw fault;
  });
  if (!connection.get().answers) setConnection({ answers: true });
  if (response.status === 401) return signedOut();
  const answer = await response.json();
  return response.ok ? { ok: true, body: answer } : { ok: false, error: { ...answer, message: answer.title } };
}

// ---- mutations and actions

function newId() {
  // randomUUID exists only in secure contexts; a club's server on plain http in its own network is not one.
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function call(name, args, kind, ends) {
  const frame = { t: "run", id: newId(), fn: name, args };
  if (new TextEncoder().encode(JSON.stringify(frame)).length > MOST_BYTES) return Promise.resolve({ error: TOO_LARGE });
  return new Promise((resolve) => {
    pending.set(frame.id, { frame, kind, resolve, ends });
    setTimeout(sayWaiting, WAITS_MS, frame.id);
    if (["polling", "signed_out"].includes(connection.get().status)) return runOverHttp(pending.get(frame.id));
    sendRuns();
    if (!socket && !reconnecting) open();
  });
}

// In the order in which they were asked for; the server refuses more at once, so that the rest waits for answers.
function sendRuns() {
  let unanswered = 0;
  for (const run of pending.values()) unanswered += run.on === socket;
  for (const run of pending.values()) {
    if (unanswered >= runsAtOnce) return;
    if (run.on === socket || !send(run.frame)) continue;
    run.on = socket;
    unanswered += 1;
  }
}

const WAITS_MS = 2500;

function sayWaiting(id) {
  if (!pending.has(id) || isReachable()) return;
  setConnection({ waits: "deed" });
}

globalThis.window?.addEventListener("beforeunload", (event) => {
  if (pending.size > 0 && !leaving && !isReachable()) event.preventDefault();
});

function countBusy(key, change) {
  const next = new Map(busy.get());
  const count = (next.get(key) ?? 0) + change;
  if (count > 0) next.set(key, count);
  else next.delete(key);
  busy.set(next);
}

// Runs a mutation once, however often it is clicked meanwhile. `options`: kind, done, undo, go, then, ends.
export async function runMutation(name, args, options) {
  const key = keyOf(name, args);
  if (busy.get().has(key)) return undefined;
  const from = document.activeElement;
  countBusy(key, 1);
  countBusy(name, 1);
  try {
    const answer = await callProven(name, args, options ?? {}, from);
    if (!answer) return undefined;
    const { value, error } = answer;
    if (!error && options?.ends) leave(options.ends);
    else if (!error) succeed(value, options ?? {});
    else if (!options?.inline) notifyError(error);
    return { value, error };
  } finally {
    countBusy(key, -1);
    countBusy(name, -1);
  }
}

// Some things take a fresh proof of who is there. The part that asks for it registers here; it answers whether the
// person gave one, and where it did, the same call is made again, under a key of its own.
let askForProof = null;

export function onProofNeeded(ask) {
  askForProof = ask;
  return () => {
    if (askForProof === ask) askForProof = null;
  };
}

const FOCUS_MS = 60;
const PROOFS_AT_MOST = 3; // a call may need more than one, and one may be over by the time it is used

async function callProven(name, args, { kind = "mutation", ends }, from) {
  let answer = await call(name, args, kind, ends);
  for (let asked = 0; asked < PROOFS_AT_MOST; asked += 1) {
    if (answer.error?.code !== "step_up_required" || !askForProof) break;
    const proven = await askForProof(answer.error.fields.action);
    answer = proven ? await call(name, args, kind, ends) : undefined;
    // What was pressed was busy meanwhile, and could not keep the focus.
    setTimeout(() => document.activeElement === document.body && from?.isConnected && from.focus(), FOCUS_MS);
    if (!proven) break;
  }
  return answer;
}

function succeed(result, { done, undo, go, then }) {
  const resolved = (given) => (typeof given === "function" ? given(result) : given);
  const text = resolved(done);
  if (text) notify({ text, undo: undo && (() => undo(result)) });
  const path = resolved(go);
  // A download, where the page stays, or a way to pay: both are answered by the server.
  if (/^\/(export|pay)\//.test(path ?? "")) window.location.assign(path);
  else if (path) navigate(path);
  for (const follow of then ?? []) follow(result);
}

// ---- the page: where this tab is, and a newer build

// What is open on a page stands in its address as ?open=, so that others see who looks at it.
function placeOf({ pathname, search }) {
  const open = new URLSearchParams(search).get("open");
  return open ? `${pathname}?open=${open}` : pathname;
}

function tellPage() {
  send({ t: "at", path: document.visibilityState === "visible" ? placeOf(window.location) : null });
}

function reloadSoon() {
  outdated = true;
  reloadIfIdle();
}

function reloadIfIdle() {
  const unsaved = document.querySelector("dialog[open], [role=dialog]") ?? document.activeElement?.closest("form");
  if (outdated && pending.size === 0 && (document.visibilityState === "hidden" || !unsaved)) window.location.reload();
}

if (typeof window !== "undefined") {
  window.addEventListener("online", () => !socket && entries.size > 0 && open());
  document.addEventListener("visibilitychange", () => {
    tellPage();
    if (outdated) reloadIfIdle();
    if (document.visibilityState !== "visible") return;
    if (socket) heartbeat();
    else if (entries.size > 0) open();
  });
}

// ---- long lists: every page that was asked for is a query of its own, and all of them stay live

const NO_PAGES = Object.freeze({ ...LOADING, pages: 1, has_more: false, loading_more: false });
const lists = new Map(); // key -> list: one per function and arguments, however many components show it

function makeList(name, args, key) {
  const listeners = new Set();
  const watched = new Map(); // key of a page -> how to stop watching it
  let wanted = 1;
  let current = NO_PAGES;

  function pages() {
    const found = [];
    const keys = new Set();
    let cursor = null;
    do {
      const pageArgs = cursor === null ? args : { ...args, cursor };
      const pageKey = keyOf(name, pageArgs);
      keys.add(pageKey);
      if (!watched.has(pageKey)) watched.set(pageKey, watch(name, pageArgs, pageKey, changed));
      found.push(entries.get(pageKey).snapshot);
      cursor = found.at(-1).value?.next_cursor ?? null;
    } while (cursor !== null && found.length < wanted);
    for (const [pageKey, stop] of watched) if (!keys.has(pageKey)) (watched.delete(pageKey), stop());
    return found;
  }

  function changed() {
    const found = pages();
    const known = found.filter((page) => page.value !== undefined);
    const rows = known.flatMap((page) => page.value.rows);
    const waits = found.at(-1).status === "loading";
    // A page whose beginning moved is loaded anew; until then the rows stand as they were.
    const keep = waits && current.value !== undefined && rows.length < current.value.rows.length;
    const value = known.length === 0 ? undefined : keep ? current.value : { ...known[0].value, rows, next_cursor: known.at(-1).value.next_cursor };
    const has_more = value?.next_cursor != null || (waits && known.length > 0);
    current = Object.freeze({ ...found[0], value, pages: wanted, has_more, loading_more: waits && known.length > 0 });
    for (const listener of listeners) listener();
  }

  return {
    get: () => current,
    more() {
      if (current.loading_more || !current.has_more) return;
      wanted = watched.size + 1;
      changed();
    },
    subscribe(listener) {
      listeners.add(listener);
      if (listeners.size === 1) changed();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        for (const stop of watched.values()) stop();
        watched.clear();
        setTimeout(() => listeners.size === 0 && lists.delete(key), GRACE_MS);
      };
    },
  };
}

function listOf(name, args, key) {
  if (!lists.has(key)) lists.set(key, makeList(name, args, key));
  return lists.get(key);
}

export const showMore = (key) => lists.get(key)?.more();

// ---- hooks

const startsLoading = () => LOADING;
const startsWithoutPages = () => NO_PAGES;

export function useLiveList(name, args) {
  const key = keyOf(name, args);
  const [subscribeTo, read] = useMemo(
    () => [
      (listener) => (name ? listOf(name, args, key).subscribe(listener) : () => {}),
      () => lists.get(key)?.get() ?? NO_PAGES,
    ],
    [key],
  );
  const snapshot = useSyncExternalStore(subscribeTo, read, startsWithoutPages);
  const last = useRef(snapshot);
  if (snapshot.status !== "loading") last.current = snapshot;
  return snapshot.status === "loading" && last.current.status === "ready" ? last.current : snapshot;
}

export function useLive(name, args) {
  const key = keyOf(name, args);
  const [subscribeTo, read] = useMemo(() => {
    const ready = name && Object.values(args).every((value) => value !== undefined);
    return [
      (listener) => (ready ? watch(name, args, key, listener) : () => {}),
      () => entries.get(key)?.snapshot ?? LOADING,
    ];
  }, [key]);
  const snapshot = useSyncExternalStore(subscribeTo, read, startsLoading);
  const last = useRef(snapshot);
  if (snapshot.status !== "loading") last.current = snapshot;
  // While other arguments load, the old rows stay.
  return snapshot.status === "loading" && last.current.status === "ready" ? last.current : snapshot;
}

export const useBusy = (key) => useSyncExternalStore(busy.subscribe, () => busy.get().has(key), () => false);

export const useFailure = (name) =>
  useSyncExternalStore(failures.subscribe, () => failures.get()[name] ?? null, () => null);

export const useConnection = () => useSyncExternalStore(connection.subscribe, connection.get, connection.get);

// Another page may have to be fetched first. While the server does not answer, going there waits: the browser would show
// its own error instead, and what has not been sent yet would be lost.
function useHeldWay() {
  const blocker = useBlocker(({ currentLocation, nextLocation }) => currentLocation.pathname !== nextLocation.pathname && !isReachable());
  const { status, answers } = useConnection();
  useEffect(() => {
    if (blocker.state !== "blocked") return;
    if (isReachable()) blocker.proceed();
    else setConnection({ waits: "way" });
  }, [blocker.state, status, answers]);
}

// Mounted once around the app: the server learns which page this tab shows, and `go` navigates without a reload.
export function LivePage() {
  const location = useLocation();
  navigate = useNavigate();
  useHeldWay();
  useEffect(() => {
    tellPage();
    if (outdated) reloadIfIdle();
  }, [placeOf(location)]);
  return null;
}
