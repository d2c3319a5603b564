// Shows segments of source and translation in step: a row each, with what speaks for and against the translation.

import { h, put } from "../../elements.js";
import { notes } from "./notes.js";

const OTHER = { source: "target", target: "source" };
const words = new WeakMap();
let lit = [];
let made = 0;

/** A segment on the page; `sheet` is asked for the correction of it, for glossaries' names, and to edit it. */
export class Row {
  constructor(segment, mark, sheet) {
    this.segment = segment;
    this.sheet = sheet;
    this.words = { source: [], target: [] };
    this.target = h("div", {
      class: "target", role: "button", tabIndex: 0, lang: segment.targetLanguage, dir: "auto", hint: "translate.correct",
      "aria-describedby": `notes-${(made += 1)}`,
      on: { click: () => this._clicked(), keydown: (event) => this._pressed(event) },
    });
    this.notes = h("div", { class: "notes row", id: `notes-${made}` });
    this.answer = h("div", { class: "answer" }, this.target, this.notes);
    const source = h("p", { class: "source", lang: segment.sourceLanguage, dir: "auto" });
    put(source, lead(mark.source), this._words("source"));
    this.element = h("div", { class: "segment" }, source, this.answer);
    this.mark = mark;
    this.show();
  }

  /** The translation as it stands: the examiner's, else the machine's. */
  get text() {
    return this.sheet.corrections.of(this.segment)?.text ?? this.segment.target.text;
  }

  /** Whether the segment should be looked at and has not been corrected. */
  get isDoubtful() {
    return this.segment.doubts.length > 0 && !this.sheet.corrections.of(this.segment);
  }

  /** Write the translation and what there is to say of it anew. */
  show() {
    const correction = this.sheet.corrections.of(this.segment);
    this.words.target = [];
    put(this.target, lead(this.mark.target), correction ? correction.text : this._words("target"));
    put(this.notes, notes(this, correction));
    this.element.classList.toggle("weak", this.isDoubtful);
    this.element.classList.toggle("corrected", Boolean(correction));
  }

  _words(name) {
    return this.segment[name].pieces.map((piece) => {
      if (!piece.links.length && !piece.term && !piece.isUnknown) return piece.text;
      const element = h("span", { class: classes(piece), text: piece.text, hint: this._hint(piece) });
      words.set(element, { row: this, name, piece });
      this.words[name].push(element);
      return element;
    });
  }

  _hint({ term, isUnknown }) {
    if (!term) return isUnknown ? "translate.unknown" : undefined;
    const glossary = this.sheet.glossaryName(term.glossary);
    return glossary ? ["translate.term", { ...term, glossary }] : ["translate.patentTerm", term];
  }

  _clicked() {
    // Somebody marks words to copy them.
    if (!getSelection().isCollapsed) return;
    this.sheet.edit(this);
  }

  _pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.target) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) this._walk(step);
    else if (event.key === "Enter" || event.key === " ") this.sheet.edit(this);
    else return;
    event.preventDefault();
  }

  /** Light the next word and its partners, for those who have no mouse. */
  _walk(step) {
    const own = this.words.target;
    if (!own.length) return;
    const at = own.indexOf(lit[0]);
    const next = own[at < 0 ? (step > 0 ? 0 : own.length - 1) : (at + step + own.length) % own.length];
    this.sheet.tell(light(next));
  }
}

/** Light a word and its partners on the other side, and return what to say of them; without a word nothing is lit. */
export function light(element) {
  for (const each of lit) each.classList.remove("lit");
  const word = words.get(element);
  if (!word) {
    lit = [];
    return "";
  }
  const { row, name, piece } = word;
  const kin = (side) => row.words[side].filter((each) => words.get(each).piece.links.some((link) => piece.links.includes(link)));
  const partners = kin(OTHER[name]);
  lit = [element, ...kin(name).filter((each) => each !== element), ...partners];
  for (const each of lit) each.classList.add("lit");
  const pair = `${element.textContent}: ${partners.map((each) => each.textContent).join(" ") || "–"}`;
  return element.title ? `${pair}. ${element.title}` : pair;
}

/** Make the rows of a part of the text, and those lines of it that have no words. */
export function rowsOf({ segments, tail }, sheet) {
  const rows = [];
  const elements = [];
  for (const segment of segments) {
    const before = { source: lines(segment.source.before), target: lines(segment.target.before) };
    elements.push(...plainLines(before));
    const row = new Row(segment, { source: before.source.at(-1), target: before.target.at(-1) }, sheet);
    row.element.classList.toggle("begins", before.source.length > 1);
    rows.push(row);
    elements.push(row.element);
  }
  const after = { source: [...lines(tail.source), ""], target: [...lines(tail.target), ""] };
  elements.push(...plainLines(after));
  return { rows, elements };
}

/** Join the translation of a part as it stands, white space and all. */
export function textOf({ segments, tail }, rows) {
  return segments.map((segment, index) => segment.target.before + rows[index].text).join("") + tail.target;
}

function lines(text) {
  return text.split("\n");
}

// All but the last line, which the next segment stands on.
function plainLines({ source, target }) {
  return source.slice(0, -1).flatMap((line, index) => {
    const words = line.trim();
    if (!words) return [];
    return [h("div", { class: "segment begins" }, h("p", { class: "source", text: words }), h("p", { class: "answer", text: target[index] ?? "" }))];
  });
}

function lead(mark) {
  const text = mark.trim();
  return text && h("span", { class: "lead", text: `${text} ` });
}

function classes({ links, term, isUnknown }) {
  return [links.length && "word", term && "term", isUnknown && "unknown"].filter(Boolean).join(" ");
}
