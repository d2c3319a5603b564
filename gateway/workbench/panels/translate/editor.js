// Corrects a translation in its place, with other wordings to choose from.

import { call } from "../../calls.js";
import { h, put } from "../../elements.js";

const ALTERNATIVES = 3;

/**
 * Put a field in the place of a row's translation. `done(text, where)` is called once: with the text, or null when it is
 * put back; `where` is `next`, `previous`, `here` or null for where the focus should go.
 */
export function openEditor(row, { text, wishes, done }) {
  const giveUp = new AbortController();
  const { segment } = row;
  const field = h("textarea", {
    value: text, rows: Math.ceil(text.length / 50) + 1, lang: segment.targetLanguage, dir: "auto",
    label: "translate.field", spellcheck: true,
  });
  const list = h("div", { class: "wordings", role: "group", label: "translate.wordings" });
  const editor = h("div", { class: "editor" }, field, h("p", { class: "quiet", say: "translate.editing" }), list);
  let isOpen = true;
  const close = (where, isKept = true) => {
    if (!isOpen) return;
    isOpen = false;
    giveUp.abort();
    editor.replaceWith(row.target, row.notes);
    done(isKept ? field.value.trim() : null, where);
  };
  const wordings = [];
  const offer = (found) => {
    wordings.splice(0, wordings.length, ...new Set([...known(row, text), ...found]));
    put(list, wordings.slice(1).map((wording) => choice(wording, field)));
    list.hidden = wordings.length < 2;
  };
  field.addEventListener("keydown", (event) => pressed(event, { close, wordings, field }));
  editor.addEventListener("focusout", (event) => {
    if (document.hasFocus() && !editor.contains(event.relatedTarget)) close(null);
  });
  put(row.answer, editor);
  field.focus();
  field.setSelectionRange(text.length, text.length);
  offer([]);
  others(segment, wishes, giveUp.signal).then(offer);
}

function pressed(event, { close, wordings, field }) {
  if (event.isComposing) return;
  if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) turn(wordings, field, event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Escape") close("here", false);
  else if (event.key === "Enter" && !event.shiftKey) close("here");
  else if (event.key === "Tab") close(event.shiftKey ? "previous" : "next");
  else return;
  event.preventDefault();
}

// What the page has already: the wording so far, the machine's, those of the memory.
function known(row, text) {
  return [text, row.segment.target.text, ...row.segment.matches.map((match) => match.target)];
}

async function others(segment, wishes, signal) {
  const { sourceLanguage, targetLanguage, source } = segment;
  const json = { ...wishes, texts: [source.text], sourceLanguage, targetLanguage, memory: false, alternatives: ALTERNATIVES };
  try {
    const { translations } = await call("/api/v1/translate", { json, signal });
    return [translations[0].text, ...translations[0].alternatives];
  } catch (error) {
    // Without other wordings the correction goes on.
    if (error.code || error.name === "AbortError") return [];
    throw error;
  }
}

function choice(wording, field) {
  const use = () => {
    field.value = wording;
    field.focus();
  };
  return h("button", { type: "button", class: "wording", text: wording, dir: "auto", on: { click: use } });
}

function turn(wordings, field, step) {
  const at = wordings.indexOf(field.value);
  field.value = wordings[(at + step + wordings.length) % wordings.length];
}
