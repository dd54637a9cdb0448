// What the server says on open screens about payments: each window says each thing once, and nothing that is old.
import { useEffect } from "react";
import { notify } from "./kit/toast";

const FRESH_MS = 60_000; // what happened before that is history: it stands in the bell and in the receipts
const KEPT = 50;
const STORED = "memberpulse.payments.said"; // of this window: it outlives a reload

function saidBefore() {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? "[]");
  } catch {
    return [];
  }
}

const said = { ids: null };

/** Shows rows of `list_my_toasts` as toasts. */
export function PaymentToasts({ rows }) {
  useEffect(() => {
    said.ids ??= saidBefore();
    for (const row of rows ?? []) {
      if (said.ids.includes(row.id) || Date.now() - Date.parse(row.at) > FRESH_MS) continue;
      said.ids = [...said.ids, row.id].slice(-KEPT);
      notify({ text: row.title, detail: row.message || undefined, kind: row.tone === "error" ? "error" : "live" });
    }
    try {
      sessionStorage.setItem(STORED, JSON.stringify(said.ids));
    } catch {
      // without a store a reload may say something again
    }
  }, [rows]);
  return null;
}
