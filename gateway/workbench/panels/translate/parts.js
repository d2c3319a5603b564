// Translates a text part by part; what was translated once is not asked for again while somebody writes on.

import { call } from "../../calls.js";
import { h } from "../../elements.js";
import { cut } from "./cutting.js";
import { read } from "./reading.js";
import { rowsOf } from "./rows.js";

// A part with fewer letters says too little of the language of those after it.
const TELLING_LETTERS = 40;

/** The parts of a text: each has a `reading`, `rows`, an `element` that shows it, and the `model` that translated it. */
export class Parts {
  constructor(sheet) {
    this._sheet = sheet;
    this._kept = [];
  }

  /** Translate a text; `tell(done, total)` says how far it is, `came(parts)` is given the parts so far, one by one. */
  async translate(text, wishes, { signal, tell, came }) {
    const texts = cut(text);
    const spare = [...this._kept];
    const answers = new Map(spare.map((part) => [part.key, part.answer]));
    const parts = [];
    let detected;
    for (const [index, own] of texts.entries()) {
      if (texts.length > 1) tell(index, texts.length);
      const asked = { ...wishes, sourceLanguage: wishes.sourceLanguage ?? detected };
      const key = JSON.stringify([own, asked]);
      const part = take(spare, key) ?? this._made(key, own, answers.get(key) ?? (await ask(own, asked, signal)));
      answers.set(key, part.answer);
      if (isTelling(own)) detected ??= part.reading.translation?.sourceLanguage;
      parts.push(part);
      this._kept = [...parts, ...spare];
      came(parts);
    }
    this._kept = parts;
  }

  _made(key, text, answer) {
    const reading = answer ? read(text, answer.translations[0]) : { segments: [], tail: { source: text, target: text } };
    const { rows, elements } = rowsOf(reading, this._sheet);
    return { key, answer, reading, rows, model: answer?.model, element: h("div", { class: "part" }, elements) };
  }
}

async function ask(text, wishes, signal) {
  if (!text.trim()) return null;
  const json = { ...wishes, texts: [text], segments: true, alignment: true, quality: true };
  return call("/api/v1/translate", { json, signal });
}

// A part that comes twice in a text is shown twice.
function take(spare, key) {
  const at = spare.findIndex((part) => part.key === key);
  return at < 0 ? null : spare.splice(at, 1)[0];
}

function isTelling(text) {
  return (text.match(/\p{L}/gu)?.length ?? 0) >= TELLING_LETTERS;
}
