// A form that runs a mutation with its fields; `live_form` in memberpulse/ui/live.py is its Python side.
import { createElement, useRef } from "react";
import { failures, runMutation } from "./live";

const READERS = {
  int: (text) => (/^-?\d+$/.test(text) ? Number(text) : text),
  float: (text) => (text !== "" && Number.isFinite(Number(text)) ? Number(text) : text),
  bool: (text) => text !== null && text !== "false",
};

function fieldsOf(form, kinds) {
  const data = new FormData(form);
  const fields = {};
  for (const [name, { kind, optional }] of Object.entries(kinds)) {
    if (!data.has(name) && kind !== "bool") continue;
    const text = data.get(name);
    fields[name] = optional && text === "" ? null : (READERS[kind]?.(text) ?? text);
  }
  return fields;
}

function setFailure(mutation, error) {
  failures.set({ ...failures.get(), [mutation]: error });
}

const AFTERWARDS_MS = 600; // the second half of a double click, on a form that is empty by then

export function LiveForm({ mutation, fixed, kinds, options, children, ...props }) {
  const doneAt = useRef(-Infinity);
  async function submit(event) {
    event.preventDefault();
    if (performance.now() - doneAt.current < AFTERWARDS_MS) return;
    const form = event.currentTarget;
    setFailure(mutation, undefined);
    const answer = await runMutation(mutation, { ...fieldsOf(form, kinds), ...fixed }, { ...options, inline: true });
    if (!answer) return;
    setFailure(mutation, answer.error);
    if (!answer.error) doneAt.current = performance.now();
    if (!answer.error && options?.reset) form.reset();
    if (answer.error) requestAnimationFrame(() => form.querySelector("[aria-invalid=true]")?.focus());
  }
  return createElement("form", { ...props, onSubmit: submit, noValidate: true }, children);
}

