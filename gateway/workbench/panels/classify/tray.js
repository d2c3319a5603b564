// The tray of accepted symbols: their order and roles, a field to add one by hand, and the ways out.

import { announce } from "../../announcer.js";
import { call } from "../../calls.js";
import { h, put } from "../../elements.js";
import { copy, save } from "../../files.js";
import { currentLanguage } from "../../texts.js";
import { Place } from "../../waiting.js";
import { asCsv, asJson, asSt96, asText } from "./exports.js";

const ROLES = ["inventive", "additional"];

/** The accepted symbols; `changed` is told of every change, `decision` is an element that stands below them. */
export class Tray {
  constructor({ changed, decision }) {
    this._symbols = [];
    this._changed = changed;
    this._edition = null;
    this._looking = Promise.resolve();
    this._note = h("div");
    this._list = h("ol", { class: "accepted bare", label: "classify.tray.title" });
    this._place = new Place(h("div"));
    this._ways = h("div", { class: "row" }, this._exits());
    this._decision = decision;
    this.element = h(
      "section",
      { class: "card stack tray", label: "classify.tray.title" },
      h("div", { class: "row between" }, h("h2", { say: "classify.tray.title" }), this._ways, this._adding()),
      this._note, this._list, this._place.region, decision,
    );
    this._draw();
  }

  /** The symbols in their order, as `{symbol, title, role, score}`. */
  get symbols() {
    return this._symbols;
  }

  /** Tell whether a symbol is accepted. */
  has(symbol) {
    return this._symbols.some((each) => each.symbol === symbol);
  }

  /** Accept a symbol at the end; without a role, the first is the invention's. */
  add({ symbol, title, role = null, score = null }, edition) {
    if (this.has(symbol)) return;
    this._edition = edition;
    const given = role ?? (this._symbols.length ? "additional" : "inventive");
    this._put([...this._symbols, { symbol, title, role: given, score }]);
  }

  /** Take a symbol out. */
  remove(symbol) {
    this._put(this._symbols.filter((each) => each.symbol !== symbol));
  }

  /** Say that the text is another one now, where there are symbols of the one before. */
  textReplaced() {
    if (!this._symbols.length) return;
    const empty = h("button", { type: "button", say: "classify.tray.empty", on: { click: () => this._put([]) } });
    put(this._note, h("p", { class: "doubt row" }, h("span", { say: "classify.tray.ofAnotherText" }), empty));
  }

  _put(symbols) {
    this._symbols = symbols;
    put(this._note);
    this._draw();
    this._changed();
  }

  _draw() {
    put(this._list, this._symbols.map((each, index) => this._item(each, index)));
    this._list.hidden = this._ways.hidden = this._decision.hidden = !this._symbols.length;
    if (!this._symbols.length) put(this._note, h("p", { class: "quiet", say: "classify.tray.none" }));
  }

  _item(each, index) {
    const { symbol, title, role } = each;
    const roles = h("select", { label: ["classify.tray.role", { symbol }], on: { change: () => this._put(this._with(index, { ...each, role: roles.value })) } });
    roles.append(...ROLES.map((name) => h("option", { value: name, say: `classify.role.${name}`, selected: name === role })));
    return h(
      "li",
      { class: "row" },
      h("span", { class: "numbers symbol", text: symbol }),
      h("span", { class: "title quiet", text: title, title }),
      roles,
      this._small("↑", "up", symbol, () => this._move(index, -1), index === 0),
      this._small("↓", "down", symbol, () => this._move(index, 1), index === this._symbols.length - 1),
      this._small("✕", "remove", symbol, () => this.remove(symbol), false),
    );
  }

  _small(sign, name, symbol, run, disabled) {
    const say = [`classify.tray.${name}`, { symbol }];
    const button = h("button", { type: "button", class: "plain small", text: sign, label: say, hint: say, disabled, data: { act: name, symbol } });
    button.addEventListener("click", () => {
      run();
      // The list was drawn anew; who moves a symbol twice presses the same button twice.
      const again = this._list.querySelector(`[data-act="${name}"][data-symbol="${symbol}"]:not(:disabled)`);
      (again ?? this._list.querySelector("select") ?? this._field).focus();
    });
    return button;
  }

  _with(index, changed) {
    return this._symbols.map((each, at) => (at === index ? changed : each));
  }

  _move(index, by) {
    const moved = [...this._symbols];
    moved.splice(index + by, 0, ...moved.splice(index, 1));
    this._put(moved);
  }

  _exits() {
    const xml = () => this._place.run(async (signal) => save(await asSt96(this._symbols, signal), "classification.xml", "application/xml"));
    const ways = {
      copy: async () => announce((await copy(asText(this._symbols))) ? "classify.tray.copied" : "classify.tray.notCopied"),
      st96: xml,
      json: () => save(asJson(this._symbols, this._edition), "classification.json", "application/json"),
      csv: () => save(asCsv(this._symbols, this._edition), "classification.csv", "text/csv"),
    };
    return Object.entries(ways).map(([name, run]) => h("button", { type: "button", say: `classify.tray.${name}`, on: { click: run } }));
  }

  _adding() {
    this._field = h("input", { type: "text", label: "classify.tray.add", placeholder: "classify.tray.add", autocomplete: "off", maxLength: 64, required: true });
    const submit = (event) => {
      event.preventDefault();
      const typed = this._field.value.trim();
      // One after the other, so that a quick hand loses nothing.
      this._looking = this._looking.then(() => this._look(typed));
    };
    return h("form", { class: "row", on: { submit } }, this._field, h("button", { type: "submit", say: "classify.tray.addButton" }));
  }

  _look(typed) {
    return this._place.run(async (signal) => {
      try {
        const path = `/api/v1/ipc/${encodeURIComponent(typed)}`;
        const found = await call(path, { query: { language: currentLanguage() }, signal });
        this.add(found, found.edition);
        if (this._field.value.trim() === typed) this._field.value = "";
        put(this._place.region);
      } catch (error) {
        if (error.code !== "symbol-of-another-edition") throw error;
        put(this._place.region, this._successors(error));
      }
    });
  }

  // The server names what took the matter over as "symbol: title".
  _successors({ detail, details }) {
    const symbols = details.map(({ message }) => message.split(":")[0]);
    const buttons = symbols.map((symbol, index) =>
      h("button", { type: "button", class: "numbers", text: symbol, title: details[index].message, on: { click: () => this._look(symbol) } }),
    );
    return h("div", { class: "failure", role: "alert" }, h("p", { text: detail }), h("div", { class: "row" }, buttons));
  }
}
