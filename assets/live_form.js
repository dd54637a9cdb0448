// A form that runs a mutation with its fields; `live_form` in memberpulse/ui/live.py is its Python side.
import { createElement, useEffect, useRef } from "react";
import { notifyError } from "./kit/toast";
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

export function LiveForm({ mutation, fixed, opened, kinds, options, children, ...props }) {
  const doneAt = useRef(-Infinity);
  const sending = useRef(false);
  const kept = useRef(opened);
  const isOpen = useRef(false);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
      setFailure(mutation, undefined);
    };
  }, [mutation]);
  async function submit(event) {
    event.preventDefault();
    if (sending.current || performance.now() - doneAt.current < AFTERWARDS_MS) return;
    const form = event.currentTarget;
    const sent = fieldsOf(form, kinds);
    setFailure(mutation, undefined);
    sending.current = true;
    const answer = await runMutation(mutation, { ...sent, ...fixed, ...kept.current }, { ...options, inline: true }).finally(
      () => (sending.current = false),
    );
    if (!answer) return;
    if (!isOpen.current) return answer.error && notifyError(answer.error);
    setFailure(mutation, answer.error);
    if (!answer.error) doneAt.current = performance.now();
    // What was typed while it was on its way is the next thing to send.
    if (!answer.error && options?.reset && JSON.stringify(fieldsOf(form, kinds)) === JSON.stringify(sent)) form.reset();
    if (answer.error) requestAnimationFrame(() => form.querySelector("[aria-invalid=true]")?.focus());
  }
  return createElement("form", { ...props, onSubmit: submit, noValidate: true }, children);
}

