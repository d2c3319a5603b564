// The keys of the page: one list, which the page obeys and `?` shows.

import { h } from "./elements.js";
import { openDialog } from "./dialog.js";

const bindings = [];

/**
 * Bind a key: `key` as KeyboardEvent.key has it, `say` the text that explains it, `run(event)` what it does, `when()`
 * whether it applies now. With `control` it is Ctrl (or Command) and the key and works in fields too; others do not. A
 * key without `run`, which the browser or an element obeys by itself, is only told of. With `within`, an element, only a
 * press inside it counts.
 */
export function bind({ key, say, run = null, when = () => true, control = false, within = document }) {
  bindings.push({ key, say, run, when, control, within });
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const control = event.ctrlKey || event.metaKey;
  if (!control && isTyping(event.target)) return;
  if (document.querySelector("dialog[open]") && !event.target.closest?.("dialog[open]")) return;
  const isMeant = (each) => each.run && each.key === event.key && each.control === control && each.within.contains(event.target);
  const found = bindings.find((each) => isMeant(each) && each.when());
  if (!found) return;
  event.preventDefault();
  found.run(event);
});

/** Show all keys that apply now. */
export function showKeys() {
  const rows = bindings
    .filter((each) => each.when())
    .map((each) => h("tr", {}, h("td", {}, h("kbd", { text: name(each) })), h("td", { say: each.say })));
  openDialog({ say: "frame.keys.title", body: h("table", { class: "keys" }, h("tbody", {}, rows)) });
}

function name({ key, control }) {
  const shown = { ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", " ": "␣" }[key] ?? key;
  return control ? `Ctrl + ${shown}` : shown;
}

function isTyping(target) {
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target.tagName === "INPUT" && !["checkbox", "radio", "range", "button", "file"].includes(target.type);
}
