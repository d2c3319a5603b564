// The text to be classified: typed, pasted or read from a file, part by part; and the same to read, with marks.

import { announce } from "../../announcer.js";
import { call } from "../../calls.js";
import { h, put, speak } from "../../elements.js";
import { takeFiles } from "../../intake.js";
import { Place } from "../../waiting.js";
import { beginning, PARTS } from "./parts.js";
import { readingView, showFirstMark } from "./reading.js";

const ACCEPT = ".pdf,.docx,.odt,.txt,.xml,application/pdf,application/xml,text/plain,text/xml";
const BROUGHT = new Set(["insertFromPaste", "insertFromDrop"]);

/** The card of the text. Tells through `brought` of a text that came at once, `changed` of every change, `replaced` of a new document. */
export class Writing {
  constructor({ tools, brought, changed, replaced }) {
    this._tells = { brought, changed, replaced };
    this._fields = new Map(PARTS.map((part) => [part, this._field(part)]));
    this._source = h("div", { class: "source quiet" });
    this._aside = h("div", { class: "source quiet" });
    this._view = h("div", { hidden: true });
    this._place = new Place(h("div"));
    this._editing = h("div", { class: "stack" }, [...this._fields.values()].map((field) => field.fold));
    this._edit = h("button", { type: "button", say: "classify.edit", hidden: true, on: { click: () => this.edit() } });
    this.element = h("section", { class: "card stack writing", label: "classify.document" });
    const open = takeFiles(this.element, { accept: ACCEPT, say: "classify.open", take: (files) => this._read(files) });
    const anew = h("button", { type: "button", say: "classify.anew", on: { click: () => this._empty() } });
    const head = h("div", { class: "row" }, h("h2", { say: "classify.document" }), open, anew, this._edit, tools);
    this.element.append(head, this._source, this._aside, this._place.region, this._editing, this._view);
    this._arrange();
  }

  /** The field that takes the cursor. */
  get input() {
    return [...this._fields.values()].find((field) => !field.fold.hidden).area;
  }

  /** Return the parts that hold text, whole. */
  parts() {
    const filled = [...this._fields].map(([part, { area }]) => [part, area.value]).filter(([, text]) => text.trim());
    return Object.fromEntries(filled);
  }

  /** Return the parts that hold text, as much of each as is classified. */
  sent() {
    return Object.fromEntries(Object.entries(this.parts()).map(([part, text]) => [part, beginning(text)]));
  }

  /** Put a text in place of what is there. */
  fill(parts) {
    for (const [part, { area }] of this._fields) area.value = parts[part] ?? "";
    this._arrange();
    this.edit();
    this._tells.changed();
  }

  /** Show the text to be read, with the words of the evidence marked. */
  mark(evidence, language) {
    const top = this._view.firstChild?.scrollTop ?? 0;
    const view = readingView(this.parts(), evidence, language, () => this.edit());
    put(this._view, view);
    this._show(true);
    view.scrollTop = top;
    showFirstMark(view);
  }

  /** Show the text to be written. */
  edit() {
    if (this._view.hidden) return;
    this._show(false);
    this.input.focus();
  }

  _show(isRead) {
    this._view.hidden = !isRead;
    this._editing.hidden = isRead;
    this._edit.hidden = !isRead;
  }

  _field(part) {
    const size = h("span", { class: "quiet numbers" });
    const area = h("textarea", {
      class: `part-${part}`, label: `classify.part.${part}`, dir: "auto", autocomplete: "off", spellcheck: false,
      placeholder: part === "text" ? "classify.placeholder" : undefined, on: { input: (event) => this._written(event) },
    });
    const fold = h("details", { open: true }, h("summary", {}, h("span", { say: `classify.part.${part}` }), size), area);
    return { area, fold, size };
  }

  _written(event) {
    this._measure();
    put(this._aside);
    this._tells.changed();
    if (BROUGHT.has(event.inputType)) this._tells.brought();
  }

  async _read(files) {
    const [file] = files;
    if (files.length > 1) announce("classify.oneFile");
    const form = new FormData();
    form.append("file", file);
    await this._place.run(async (signal) => {
      const read = await call("/api/v1/documents/text", { form, signal });
      const before = this.parts();
      put(this._place.region);
      this.fill(read);
      put(this._source, source(file.name, read));
      this._tells.replaced();
      this._offerBack(before);
      this._tells.brought();
    });
  }

  _empty() {
    const before = this.parts();
    this._place.cancel();
    put(this._place.region);
    this.fill({});
    this.input.focus();
    this._tells.replaced();
    put(this._source);
    this._offerBack(before);
  }

  // Until something is written in its place, a text that was put aside can be had again.
  _offerBack(before) {
    put(this._aside);
    if (!Object.keys(before).length) return;
    const back = h("button", { type: "button", class: "plain", say: "classify.bringBack", on: { click: () => this._bringBack(before) } });
    put(this._aside, h("span", { say: "classify.putAside" }), back);
  }

  _bringBack(parts) {
    put(this._source);
    put(this._aside);
    this.fill(parts);
    this._tells.brought();
  }

  // Parts without text are out of the way; with no text at all there is one field.
  _arrange() {
    const filled = Object.keys(this.parts());
    for (const [part, { fold }] of this._fields) {
      fold.hidden = filled.length ? !filled.includes(part) : part !== "text";
      fold.open = true;
    }
    this._measure();
  }

  _measure() {
    for (const { area, size } of this._fields.values()) {
      speak(size, "say", ["classify.size", { count: area.value.length }]);
    }
  }
}

// What the file was, so that nobody takes half a document for the whole.
function source(name, read) {
  return [
    h("strong", { text: name, dir: "auto" }),
    h("span", { say: `classify.format.${read.format}` }),
    read.pages && h("span", { say: ["classify.pages", { count: read.pages }] }),
    read.truncated && h("span", { class: "warning", say: "classify.truncated" }),
  ];
}
