// A text to be read, with the words marked that spoke for a symbol.

import { h } from "../../elements.js";
import { beginning, PARTS } from "./parts.js";
import { stretches } from "./places.js";

/**
 * Build the view of the parts that were classified; `edit` is called where somebody clicks into it to write.
 *
 * Only what was sent is shown: the marks lie there, and however long a document is, this much is drawn at once.
 */
export function readingView(parts, evidence, language, edit) {
  const filled = PARTS.filter((part) => parts[part]?.trim());
  const view = h(
    "div",
    { class: "reading", tabIndex: 0, role: "region", label: "classify.reading.label", on: { click: () => isPlainClick() && edit() } },
    filled.map((part) => section(part, parts[part], evidence, filled.length > 1)),
  );
  if (language) view.lang = language;
  return view;
}

/** Bring the first mark of a view into sight, without moving the page. */
export function showFirstMark(view) {
  const first = view.querySelector("mark.strength-3") ?? view.querySelector("mark");
  if (!first) return;
  const distance = first.getBoundingClientRect().top - view.getBoundingClientRect().top;
  view.scrollTop += distance - view.clientHeight / 3;
}

// Selecting words to copy them ends in a click, too.
function isPlainClick() {
  return getSelection().isCollapsed;
}

function section(part, text, evidence, isNamed) {
  const read = beginning(text);
  const marks = stretches(part, read, evidence);
  const rest = text.length - read.length;
  return h(
    "section",
    {},
    isNamed && h("h3", { say: `classify.part.${part}` }),
    h("div", { class: "prose", dir: "auto" }, pieces(read, marks)),
    rest > 0 && h("p", { class: "quiet", say: ["classify.reading.rest", { count: rest }] }),
  );
}

function pieces(text, marks) {
  const made = [];
  let done = 0;
  for (const { start, end, strength } of marks) {
    made.push(text.slice(done, start), h("mark", { class: `strength-${strength}`, text: text.slice(start, end) }));
    done = end;
  }
  return [...made, text.slice(done)].filter((piece) => piece !== "");
}
