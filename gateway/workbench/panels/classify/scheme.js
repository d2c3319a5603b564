// Looks around in the classification: search in titles, and from entry to entry.

import { call } from "../../calls.js";
import { h, put } from "../../elements.js";
import { currentLanguage } from "../../texts.js";
import { Place } from "../../waiting.js";

const PATH = "/api/v1/ipc";
const TYPING_MILLISECONDS = 250;
const PAGE = 20;

/** The card of the classification; `add(entry, edition)` accepts one. */
export class Scheme {
  constructor({ add }) {
    this._add = add;
    this._place = new Place(h("div"));
    this._place.region.className = "stack";
    this._last = null;
    this._field = h("input", { type: "search", label: "classify.scheme.search", placeholder: "classify.scheme.search", maxLength: 200, autocomplete: "off" });
    const submit = (event) => {
      event.preventDefault();
      this._searchSoon(0);
    };
    this._field.addEventListener("input", () => this._searchSoon(TYPING_MILLISECONDS));
    const form = h("form", { role: "search", class: "row", label: "classify.scheme.title", on: { submit } }, this._field);
    form.append(h("button", { type: "button", say: "classify.scheme.sections", on: { click: () => this._search("", 0) } }));
    this.element = h("section", { class: "card stack scheme", label: "classify.scheme.title" }, h("h2", { say: "classify.scheme.title" }), form, this._place.region);
    document.addEventListener("languagechange", () => this._last?.());
  }

  /** Show an entry with what is above and below it. */
  open(symbol) {
    this._last = () => this.open(symbol);
    return this._place.run(async (signal) => {
      const entry = await this._fetch(`${PATH}/${encodeURIComponent(symbol)}`, {}, signal);
      const title = h("h3", { tabIndex: -1 }, h("span", { class: "numbers", text: entry.symbol }), ` ${entry.title}`);
      const below = entry.children.map((each) => this._item(each, entry.edition));
      const nothing = !below.length && h("p", { class: "quiet", say: "classify.scheme.nothingBelow" });
      put(this._place.region, this._path(entry), h("div", { class: "entry" }, title, this._adder(entry, entry.edition)), h("ul", { class: "entries bare" }, below), nothing);
      this.element.scrollIntoView({ block: "nearest" });
      title.focus();
    });
  }

  _searchSoon(milliseconds) {
    clearTimeout(this._timer);
    const words = this._field.value.trim();
    if (words) this._timer = setTimeout(() => this._search(words, 0), milliseconds);
    else put(this._place.region);
  }

  _search(words, offset) {
    this._last = () => this._search(words, offset);
    return this._place.run(async (signal) => {
      const found = await this._fetch(PATH, { q: words, limit: PAGE, offset }, signal);
      const items = found.items.map((each) => this._item(each, each.edition, true));
      const more = offset + items.length < found.count && h("button", { type: "button", say: "classify.scheme.more", on: { click: () => this._search(words, offset + PAGE) } });
      const count = words && h("p", { class: "quiet", say: ["classify.scheme.found", { count: found.count }] });
      put(this._place.region, count, h("ul", { class: "entries bare" }, items), more);
    });
  }

  _fetch(path, query, signal) {
    return call(path, { query: { ...query, language: currentLanguage() }, signal });
  }

  _item(entry, edition, isFound = false) {
    const above = isFound && entry.ancestors?.slice(1).map((each) => each.title).join(" › ");
    const words = h("span", { class: "title" }, h("span", { text: entry.title }), above && h("span", { class: "quiet above", text: above, title: above }));
    const go = h("button", { type: "button", class: "plain numbers", text: entry.symbol, hint: "classify.scheme.open", on: { click: () => this.open(entry.symbol) } });
    const below = h("span", { class: "quiet numbers", say: ["classify.scheme.below", { count: entry.childCount }] });
    return h("li", { class: "row" }, go, words, entry.childCount > 0 && below, this._adder(entry, edition));
  }

  _adder(entry, edition) {
    const label = ["classify.scheme.add", { symbol: entry.symbol }];
    return h("button", { type: "button", class: "small", text: "+", label, hint: label, on: { click: () => this._add(entry, edition) } });
  }

  _path(entry) {
    const steps = [h("button", { type: "button", class: "plain", say: "classify.scheme.sections", on: { click: () => this._search("", 0) } })];
    for (const { symbol, title } of entry.ancestors) {
      steps.push("›", h("button", { type: "button", class: "plain numbers", text: symbol, title, on: { click: () => this.open(symbol) } }));
    }
    return h("nav", { class: "row path", label: "classify.scheme.path" }, steps);
  }
}
