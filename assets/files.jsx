// Files in the browser: what is being uploaded, where files are dropped, and how one looks before it is saved.
import "./files.css";
import { jsx, jsxs, Fragment } from "react/jsx-runtime";
import { useEffect, useId, useRef, useState, useSyncExternalStore } from "react";
import { runMutation } from "./live";

// ---- uploads: outside of React, so that they go on while one looks at other pages

const AT_ONCE = 3;
const AGAIN_MS = [1000, 3000, 8000]; // a broken line is tried again by itself
const ENDED = new Set(["done", "failed", "cancelled"]);

let items = [];
let nextId = 0;
const watchers = new Set();

function change(item, next) {
  items = items.map((each) => (each.id === item.id ? { ...each, ...next } : each));
  watchers.forEach((watch) => watch());
}

const now = (id) => items.find((each) => each.id === id);

/** Puts files into the queue. into: { folder_id, audience }; then: called with the id of each file that is there. */
export function addFiles(files, { largest, into = {}, then } = {}) {
  const added = [...files].map((file) => {
    const item = { id: ++nextId, file, name: file.name, size: file.size, into, then, state: "waiting", share: 0, error: "" };
    if (file.size === 0) return { ...item, state: "failed", error: "This file is empty.", final: true };
    if (largest && file.size > largest) return { ...item, state: "failed", final: true, error: `This file is ${saySize(file.size)}; at most ${saySize(largest)} are kept.` };
    return item;
  });
  items = [...items, ...added];
  watchers.forEach((watch) => watch());
  work();
}

function work() {
  const busy = items.filter((each) => each.state === "sending" || each.state === "working").length;
  items.filter((each) => each.state === "waiting").slice(0, Math.max(0, AT_ONCE - busy)).forEach(upload);
}

async function upload(item) {
  change(item, { state: "sending", share: 0, error: "" });
  try {
    const known = now(item.id).ticket;
    const ticket = known ?? (await call("files.reserve_upload", { name: item.name, size_bytes: item.size, ...item.into }));
    change(item, { ticket });
    if (now(item.id).state === "cancelled") return void call("files.cancel_upload", { upload_id: ticket.upload_id }).catch(() => {});
    const done = (known && (await complete(known).catch(ifNotThere))) ?? (await sendAndComplete(item, ticket));
    await item.then?.(done.file_id).catch((fault) => Promise.reject({ ...fault, final: true }));
    change(item, { state: "done", name: done.name });
  } catch (fault) {
    failed(item, fault);
  } finally {
    work();
  }
}

const complete = (ticket) => call("files.complete_upload", { upload_id: ticket.upload_id });

// The line may have broken when everything had arrived: only what is not there is sent again.
const ifNotThere = (fault) => (fault.code === "not_received" ? undefined : Promise.reject(fault));

async function sendAndComplete(item, ticket) {
  await send(item, ticket.address);
  change(item, { state: "working", share: 1 });
  return complete(ticket);
}

function failed(item, fault) {
  if (now(item.id).state === "cancelled") return;
  const tries = now(item.id).tries ?? 0;
  if (fault.broken && tries < AGAIN_MS.length) {
    change(item, { state: "later", tries: tries + 1, error: "The line broke. It is sent again by itself." });
    setTimeout(() => now(item.id)?.state === "later" && (change(item, { state: "waiting" }), work()), AGAIN_MS[tries]);
    return;
  }
  const over = fault.code === "upload_over" || fault.code === "upload_not_found";
  change(item, { state: "failed", error: fault.message, ...(over ? { ticket: undefined } : {}), final: fault.final || FINAL.has(fault.code) });
}

// What sending the same again would meet again.
const FINAL = new Set(["file_refused", "file_too_large", "bad_file_name", "forbidden"]);

async function call(name, args) {
  for (;;) {
    const answer = await runMutation(name, args, { inline: true });
    if (answer === undefined) await new Promise((resolve) => setTimeout(resolve, 150)); // the same call is under way
    else if (answer.error) throw answer.error;
    else return answer.value;
  }
}

function send(item, address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", address);
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && change(item, { share: event.loaded / event.total, ...(event.loaded === event.total ? { state: "working" } : {}) });
    request.onload = () => {
      if (request.status === 204) return resolve();
      const said = request.response ?? {};
      reject({ code: said.code, message: said.title ?? "The file was not kept. Send it again.", broken: request.status >= 500 || request.status === 408 });
    };
    request.onerror = () => reject({ code: "broken", message: "The file did not arrive. Look at your connection and send it again.", broken: true });
    request.onabort = () => reject({ code: "aborted", message: "Cancelled." });
    request.setRequestHeader("Content-Type", "application/octet-stream");
    change(item, { request });
    request.send(item.file);
  });
}

function cancel(item) {
  const { request, ticket } = now(item.id);
  change(item, { state: "cancelled", error: "" });
  request?.abort();
  if (ticket) call("files.cancel_upload", { upload_id: ticket.upload_id }).catch(() => {});
  work();
}

function again(item) {
  change(item, { state: "waiting", error: "", tries: 0, ticket: item.state === "cancelled" ? undefined : item.ticket });
  work();
}

function clear() {
  items = items.filter((each) => !ENDED.has(each.state));
  watchers.forEach((watch) => watch());
}

const useUploads = () =>
  useSyncExternalStore(
    (watch) => (watchers.add(watch), () => watchers.delete(watch)),
    () => items,
    () => NONE,
  );
const NONE = Object.freeze([]);

if (typeof window !== "undefined") {
  window.addEventListener("beforeunload", (event) => {
    if (items.some((each) => !ENDED.has(each.state))) event.preventDefault();
  });
}

// ---- what is shown of them

export function saySize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KB", "MB", "GB"];
  let amount = bytes / 1024;
  while (amount >= 999.95 && units.length > 1) (amount /= 1024), units.shift();
  return `${amount >= 100 ? Math.round(amount) : amount.toFixed(1).replace(/\.0$/, "")} ${units[0]}`;
}

const icon = (...paths) => jsx("svg", { className: "i", viewBox: "0 0 24 24", "aria-hidden": true, children: paths.map((d) => jsx("path", { d }, d)) });
const CROSS = ["M18 6 6 18", "m6 6 12 12"];
const TICK = ["M20 6 9 17l-5-5"];
const AGAIN = ["M3 12a9 9 0 0 1 9-9 9.75 9.75 0 0 1 6.74 2.74L21 8", "M21 3v5h-5", "M21 12a9 9 0 0 1-9 9 9.75 9.75 0 0 1-6.74-2.74L3 16", "M8 16H3v5"];
const UP = ["M12 3v12", "m17 8-5-5-5 5", "M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4"];
const LEFT = ["m15 18-6-6 6-6"];
const RIGHT = ["m9 18 6-6-6-6"];

const square = (label, paths, onClick, more = {}) =>
  jsx("button", { type: "button", className: "btn quiet sq sm", "aria-label": label, title: label, onClick, children: icon(...paths), ...more });

const WORDS = { waiting: "Waiting", working: "Looking through it", done: "Uploaded", cancelled: "Cancelled" };

function Line({ item }) {
  const { name, size, state, share, error } = item;
  const percent = Math.round(share * 100);
  const under = error || (state === "sending" ? `${percent} % of ${saySize(size)}` : (WORDS[state] ?? ""));
  const running = state === "sending" || state === "working";
  return jsxs("li", {
    "data-state": state,
    children: [
      jsxs("span", {
        className: "grow col",
        children: [
          jsx("bdi", { className: "cut strong", children: name }),
          jsx("span", { className: error && state !== "later" ? "meta upload-fault" : "meta tn", children: under }),
          running &&
            jsx("span", {
              className: "upload-bar",
              role: "progressbar",
              "aria-label": `Uploading ${name}`,
              "aria-valuemin": 0,
              "aria-valuemax": 100,
              "aria-valuenow": percent,
              children: jsx("span", { style: { inlineSize: `${percent}%` } }),
            }),
        ],
      }),
      state === "done" && jsx("span", { className: "upload-tick", children: icon(...TICK) }),
      !ENDED.has(state) && square(`Cancel ${name}`, CROSS, () => cancel(item)),
      (state === "cancelled" || (state === "failed" && !item.final)) && square(`Send ${name} again`, AGAIN, () => again(item)),
    ],
  });
}

/** The files on their way, at the corner of the page, while there are any. */
export function Uploads() {
  const all = useUploads();
  const [folded, fold] = useState(false);
  if (all.length === 0) return null;
  const open = all.filter((each) => !ENDED.has(each.state)).length;
  const failures = all.filter((each) => each.state === "failed").length;
  const done = all.filter((each) => each.state === "done").length;
  const files = (count) => (count === 1 ? "1 file" : `${count} files`);
  const said = open > 0 ? `Uploading ${files(open)}` : failures > 0 ? `${files(failures)} not uploaded` : done > 0 ? `${files(done)} uploaded` : "Cancelled";
  return jsxs("section", {
    className: "uploads",
    "aria-label": "Uploads",
    children: [
      jsxs("header", {
        children: [
          jsx("h2", { className: "t14 grow", role: "status", children: said }),
          jsx("button", { type: "button", className: "btn quiet sm", "aria-expanded": !folded, onClick: () => fold(!folded), children: folded ? "Show" : "Hide" }),
          open === 0 && square("Close", CROSS, clear),
        ],
      }),
      !folded && jsx("ul", { tabIndex: 0, "aria-label": "Files", children: all.map((item) => jsx(Line, { item }, item.id)) }),
    ],
  });
}

const brings = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/** Around a page: files dropped or pasted anywhere on it are uploaded. Its input is opened by `chooseFiles(name)`. */
export function DropPage({ name = "files", folder, audience, largest, accept, off, children }) {
  const [over, setOver] = useState(false);
  const input = useRef(null);
  const depth = useRef(0);
  const latest = useRef({});
  latest.current = { largest, off, into: { folder_id: folder || null, audience: audience || "organization" } };
  useEffect(() => {
    const take = (files) => !latest.current.off && files.length > 0 && addFiles(files, latest.current);
    const handlers = {
      dragenter: (event) => brings(event) && (event.preventDefault(), (depth.current += 1), setOver(true)),
      dragover: (event) => brings(event) && event.preventDefault(),
      dragleave: (event) => brings(event) && ((depth.current -= 1) > 0 || setOver(false)),
      drop: (event) => {
        if (!brings(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        take(event.dataTransfer.files);
      },
      paste: (event) => !event.target.closest?.("input, textarea") && take(event.clipboardData?.files ?? []),
    };
    inputs.set(name, () => input.current?.click());
    for (const [kind, handle] of Object.entries(handlers)) window.addEventListener(kind, handle);
    return () => {
      inputs.delete(name);
      for (const [kind, handle] of Object.entries(handlers)) window.removeEventListener(kind, handle);
    };
  }, [name]);
  const chosen = (event) => {
    addFiles([...event.target.files], latest.current);
    event.target.value = "";
  };
  return jsxs("div", {
    className: "drop-page",
    children: [
      children,
      jsx("input", { ref: input, type: "file", multiple: true, accept, hidden: true, tabIndex: -1, "aria-label": "Choose files to upload", onChange: chosen }),
      over &&
        !off &&
        jsx("div", {
          className: "drop-over",
          children: jsxs("p", { children: [icon(...UP), jsx("b", { children: "Drop files to upload them" }), jsx("span", { className: "meta", children: `Images, PDF, text and office documents, up to ${saySize(largest || 0)} each` })] }),
        }),
      jsx(Uploads, {}),
    ],
  });
}

const inputs = new Map();

/** Opens the browser's own picker of a `DropPage`. */
export const chooseFiles = (name) => inputs.get(name)?.();

/** A place for files at a record: what is chosen or dropped is uploaded and handed to `mutation` with its id. */
export function AttachField({ mutation, given, audience, largest, accept, one, text = "Attach a file" }) {
  const input = useRef(null);
  const id = useId();
  const [over, setOver] = useState(false);
  const [mine, setMine] = useState(NONE);
  const all = useUploads();
  const take = (files) => {
    const from = nextId;
    addFiles(one ? [...files].slice(0, 1) : files, {
      largest,
      into: { audience: audience || "organization" },
      then: (file_id) => call(mutation, { ...given, file_id }),
    });
    setMine([...mine, ...items.filter((each) => each.id > from).map((each) => each.id)]);
  };
  const chosen = (event) => (take([...event.target.files]), (event.target.value = ""));
  const drag = (on) => (event) => brings(event) && (event.preventDefault(), event.stopPropagation(), setOver(on));
  const drop = (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    take([...event.dataTransfer.files]);
  };
  const shown = all.filter((each) => mine.includes(each.id) && each.state !== "done" && each.state !== "cancelled");
  return jsxs("div", {
    className: over ? "attach over" : "attach",
    onDragEnter: drag(true),
    onDragOver: drag(true),
    onDragLeave: drag(false),
    onDrop: drop,
    children: [
      jsxs("button", { type: "button", className: "btn", "aria-describedby": id, onClick: () => input.current?.click(), children: [icon(...UP), text] }),
      jsx("span", { className: "meta", id, children: `or drop it here, up to ${saySize(largest || 0)}` }),
      jsx("input", { ref: input, type: "file", multiple: !one, accept, hidden: true, tabIndex: -1, "aria-label": text, onChange: chosen }),
      shown.length > 0 && jsx("ul", { className: "attach-lines", children: shown.map((item) => jsx(Line, { item }, item.id)) }),
    ],
  });
}

// ---- how a file looks

const TEXT_BYTES = 65536;

function TextPreview({ address }) {
  const [text, setText] = useState(null);
  const [error, setError] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    fetch(address, { headers: { Range: `bytes=0-${TEXT_BYTES - 1}` }, signal: stop.signal })
      .then(async (answer) => (answer.ok ? setText([await answer.text(), answer.status === 206 && !answer.headers.get("content-range")?.endsWith(`-${Number(answer.headers.get("content-range")?.split("/")[1]) - 1}/${answer.headers.get("content-range")?.split("/")[1]}`)]) : setError("This file could not be read.")))
      .catch(() => stop.signal.aborted || setError("This file could not be read."));
    return () => stop.abort();
  }, [address]);
  if (error) return jsx("p", { className: "preview-none", role: "alert", children: error });
  if (!text) return jsx("div", { className: "preview-wait", "aria-busy": true });
  return jsxs("pre", { className: "preview-text", dir: "auto", tabIndex: 0, "aria-label": "Content", children: [text[0], text[1] && "\n…"] });
}

function PagePreview({ address, pages, name }) {
  const [page, setPage] = useState(1);
  const [state, setState] = useState("wait");
  const go = (next) => (setState("wait"), setPage(Math.max(1, Math.min(pages, next))));
  return jsxs(Fragment, {
    children: [
      jsx("div", {
        className: "preview-page",
        "aria-busy": state === "wait",
        children:
          state === "broken"
            ? jsx("p", { className: "preview-none", role: "alert", children: "This page could not be drawn." })
            : jsx("img", { src: `${address}/pages/${page}`, alt: `Page ${page} of ${name}`, onLoad: () => setState("there"), onError: () => setState("broken") }),
      }),
      pages > 1 &&
        jsxs("div", {
          className: "row mid",
          children: [
            square("Previous page", LEFT, () => go(page - 1), { disabled: page === 1 }),
            jsx("span", { className: "meta tn", role: "status", children: `Page ${page} of ${pages}` }),
            square("Next page", RIGHT, () => go(page + 1), { disabled: page === pages }),
          ],
        }),
    ],
  });
}

/** One file, as large as there is room. */
export function FilePreview({ kind, address, name, pages, missing }) {
  if (!address) return null;
  if (missing) return jsx("p", { className: "preview-none", role: "alert", children: "The content of this file is missing from the storage. Restore it from a backup, or delete the file." });
  if (kind === "image") return jsx("div", { className: "preview-image", children: jsx("img", { src: address, alt: name, decoding: "async" }) });
  if (kind === "pdf") return jsx(PagePreview, { address, pages, name }, address);
  if (kind === "text") return jsx(TextPreview, { address }, address);
  return jsx("p", { className: "preview-none", children: "There is no preview of office documents. Download it to read it." });
}
