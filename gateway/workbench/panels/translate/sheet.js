// The text and its translation: written at left, then read side by side, translated by parts as they come.

import { announce } from "../../announcer.js";
import { h, put, speak } from "../../elements.js";
import { copy, save } from "../../files.js";
import { credit } from "../../frame.js";
import { emptiness, failure, Place } from "../../waiting.js";
import { name } from "./corrections.js";
import { openEditor } from "./editor.js";
import { exampleFor } from "./example.js";
import { Parts } from "./parts.js";
import { light, textOf } from "./rows.js";

const PAUSE_MILLISECONDS = 700;

/** A text, its translation, and what an examiner does with them. */
export class Sheet {
  /** `choice` tells the languages and wishes, and is told which language was detected. */
  constructor(choice, corrections) {
    this.choice = choice;
    this.corrections = corrections;
    this._parts = new Parts(this);
    this._shown = [];
    this._timer = null;
    this._isWhole = false;
    this._turned = null;
    this._build();
    corrections.addEventListener("change", ({ detail }) => this._refresh(detail));
    this._empty();
  }

  /** Whether the translation is read side by side, not the text written. */
  get isReading() {
    return this.element.classList.contains("reading");
  }

  /** The translation as it stands, with what the examiner corrected. */
  get translation() {
    return this._shown.map(({ reading, rows }) => textOf(reading, rows)).join("");
  }

  /** Put another text in and translate it. */
  take(text) {
    this.input.value = text;
    this.translate({ toRead: true });
  }

  /** Translate what is written, and afterwards show it side by side where that is wished. */
  async translate({ toRead = false } = {}) {
    clearTimeout(this._timer);
    const text = this.input.value;
    if (!text.trim()) return this._empty();
    const wishes = this.choice.wishes();
    put(this.place.region);
    const isDone = await this.place.run(async (signal, tell) => {
      await this._parts.translate(text, wishes, { signal, tell, came: (parts) => this._show(parts, toRead) }).catch((error) => {
        throw this.choice.explained(error);
      });
      return true;
    });
    if (!isDone && !this._shown.length && !this.place.region.firstChild) this._sayEmpty();
    return undefined;
  }

  /** Translate the other way round: the translation becomes the text; doing so twice gives the text back. */
  turnAround() {
    const written = this.input.value;
    const text = written === this._turned?.text ? this._turned.written : this.translation;
    if (text.trim()) {
      this._turned = { written, text };
      this.input.value = text;
    }
    this.choice.swap();
  }

  /** Show source and translation in step. */
  readSideBySide() {
    this.element.classList.replace("writing", "reading");
    if (document.activeElement === document.body || document.activeElement === this.input) this.rows[0]?.target.focus();
  }

  /** Show the text to be written. */
  write() {
    this.element.classList.replace("reading", "writing");
    this.input.focus();
  }

  /** Correct the translation of a row, from another wording where one is given. */
  edit(row, text = row.text) {
    const before = row.text;
    const { glossaryIds, patentTerms } = this.choice.wishes();
    openEditor(row, { text, wishes: { glossaryIds, patentTerms }, done: (written, where) => {
      if (written && written !== before) this.correct(row, written);
      this._goOn(row, where);
    } });
  }

  /** Keep a correction. */
  correct(row, text) {
    return this.corrections.put(row.segment, text);
  }

  /** Put a correction back. */
  async undo(row) {
    row.target.focus();
    try {
      await this.corrections.undo(row.segment);
      announce("translate.undone");
    } catch (error) {
      put(this.place.region, failure(error, () => this.undo(row)));
    }
  }

  /** Go to the next segment that should be looked at. */
  nextDoubt() {
    const rows = this.rows;
    const at = rows.findIndex((row) => row.element.contains(document.activeElement));
    const next = [...rows.slice(at + 1), ...rows.slice(0, at + 1)].find((row) => row.isDoubtful);
    if (next) next.target.focus();
    else announce("translate.noDoubt");
  }

  /** Say something to those who hear the page. */
  tell(text) {
    this.said.textContent = text;
  }

  /** Tell what a glossary is called; nothing for the one that comes along. */
  glossaryName(id) {
    return this.choice.glossaryName(id);
  }

  get rows() {
    return this._shown.flatMap((part) => part.rows);
  }

  _build() {
    this.input = h("textarea", {
      label: "translate.text", placeholder: "translate.placeholder", spellcheck: false, dir: "auto", rows: 16,
      on: { input: (event) => this._written(event), paste: () => this._pasted() },
    });
    this.list = h("div", { class: "segments" });
    this.list.addEventListener("pointerover", (event) => light(event.target.closest?.(".word, .term, .unknown")));
    this.list.addEventListener("focusin", () => light(null));
    this.summary = h("p", { class: "quiet", role: "status" });
    this.said = h("p", { class: "out-of-sight", "aria-live": "polite" });
    const outcome = h("div", { class: "outcome" });
    this.place = new Place(outcome);
    this.next = button("translate.next", () => this.nextDoubt());
    this.tools = h(
      "div", { class: "row", hidden: true },
      this.next,
      button("translate.copy", () => this._copy()),
      button("translate.save", () => this._save()),
    );
    this.own = h(
      "div", { class: "row" },
      h("button", { type: "button", class: "primary when-writing", say: "translate.run", on: { click: () => this.translate({ toRead: true }) } }),
      button("translate.edit", () => this.write(), "when-reading"),
      button("translate.clear", () => this._clear()),
    );
    const head = h("div", { class: "head-of-sheet" }, this.own, h("div", { class: "row between" }, this.summary, this.tools));
    this.element = h("div", { class: "sheet writing" }, head, h("div", { class: "text" }, this.input), h("div", { class: "read" }, this.list, outcome), this.said);
  }

  _show(shown, toRead) {
    this._shown = [...shown];
    arrange(this.list, shown.map((part) => part.element));
    const { translation } = shown.find((part) => part.reading.translation)?.reading ?? {};
    if (translation) this.choice.detected(translation.sourceLanguage);
    const models = new Map(shown.filter((part) => part.model).map(({ model }) => [model.name, model]));
    credit("translate", [...models.values()]);
    this.tools.hidden = false;
    this._summarize();
    if (toRead && shown.length === 1) this.readSideBySide();
  }

  _summarize() {
    const rows = this.rows;
    const doubts = rows.filter((row) => row.isDoubtful).length;
    this.next.hidden = !doubts;
    const key = doubts ? "translate.summary.doubts" : "translate.summary.plain";
    speak(this.summary, "say", [key, { count: rows.length, doubts }]);
  }

  _refresh(changed) {
    for (const row of this.rows) if (name(row.segment) === changed) row.show();
    if (this._shown.length) this._summarize();
  }

  _goOn(row, where) {
    const rows = this.rows;
    const step = { next: 1, previous: -1 }[where];
    const neighbor = step && rows[rows.indexOf(row) + step];
    if (neighbor) this.edit(neighbor);
    else if (where) row.target.focus();
  }

  _written({ inputType }) {
    clearTimeout(this._timer);
    if (inputType === "insertFromPaste" && this._isWhole) this.translate({ toRead: true });
    else this._timer = setTimeout(() => this.translate(), PAUSE_MILLISECONDS);
  }

  // A text that came as a whole is there to be read, one that is being written is not.
  _pasted() {
    const { value, selectionStart, selectionEnd } = this.input;
    this._isWhole = !value.trim() || selectionEnd - selectionStart === value.length;
  }

  _clear() {
    this.input.value = "";
    this.write();
    this._empty();
  }

  _empty() {
    this.place.cancel();
    this._shown = [];
    put(this.list);
    put(this.summary);
    this.summary.removeAttribute("data-say");
    this.tools.hidden = true;
    this.choice.detected(null);
    this._sayEmpty();
  }

  _sayEmpty() {
    put(this.place.region, emptiness("translate.empty", () => this.take(exampleFor(this.choice.wishes()))));
  }

  async _copy() {
    announce((await copy(this.translation)) ? "translate.copied" : "translate.notCopied");
  }

  _save() {
    save(this.translation, `translation.${this.choice.wishes().targetLanguage}.txt`, "text/plain");
  }
}

function button(say, click, className = "") {
  return h("button", { type: "button", class: className, say, on: { click } });
}

// What stands already is left where it is: somebody may be reading or correcting it.
function arrange(container, elements) {
  for (const [index, element] of elements.entries()) {
    if (container.children[index] !== element) container.insertBefore(element, container.children[index] ?? null);
  }
  while (container.children.length > elements.length) container.lastChild.remove();
}
