// A window over the page, closed by Escape or its button; the focus goes back to where it was.

import { h } from "./elements.js";

/** Open a dialog with a title (`say`) and a body, and return it; `closed` is called when it has gone. */
export function openDialog({ say, body, closed = () => {}, className = "" }) {
  const title = h("h2", { say, id: `dialog-${crypto.randomUUID?.() ?? Date.now()}` });
  const close = h("button", { type: "button", class: "plain", say: "frame.close", on: { click: () => dialog.close() } });
  const dialog = h("dialog", { class: className, "aria-labelledby": title.id }, h("div", { class: "row between" }, title, close), body);
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
