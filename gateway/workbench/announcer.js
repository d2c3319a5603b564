// Short messages at the edge of the page, read out by screen readers.

import { h } from "./elements.js";

const SHOWN_MILLISECONDS = 4000;
const board = h("div", { class: "announcements", role: "status" });
document.body.append(board);

/** Show a text for a moment: a key of the texts, or `[key, values]`. */
export function announce(say) {
  const note = h("p", { say });
  board.append(note);
  setTimeout(() => note.remove(), SHOWN_MILLISECONDS);
}
