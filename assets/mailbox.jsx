// Keeps the local mailbox current for somebody who is not signed in and so has no socket.
import "./mailbox.css";
import { useEffect } from "react";
import { askAgain } from "./live";

export function KeepCurrent() {
  useEffect(() => {
    const letters = new EventSource("/api/live/mail.list_letters?args=%7B%7D");
    letters.addEventListener("value", askAgain);
    return () => letters.close();
  }, []);
  return null;
}
