// A field that finds things by words and offers them in a list, by pointer and by keys.

import { h, put } from "../../elements.js";

const SETTLED_MILLISECONDS = 150;
let made = 0;

/**
 * Build a field with a list; `find(words, signal)` returns what to offer as `[{value, text}]`, `take(item)` gets what was
 * chosen. `label` and `placeholder` are keys of the texts.
 */
export function picker({ label, placeholder, find, take }) {
  return new Picker({ label, placeholder, find, take }).element;
}

class Picker {
  constructor({ label, placeholder, find, take }) {
    this._find = find;
    this._take = take;
    this._offered = [];
    this._at = -1;
    const id = `picker-${(made += 1)}`;
    this._list = h("ul", { id, role: "listbox", class: "offers", hidden: true, label });
    this._field = h("input", {
      type: "text",
      role: "combobox",
      autocomplete: "off",
      label,
      placeholder,
      "aria-expanded": "false",
      "aria-controls": id,
      "aria-autocomplete": "list",
      on: {
        input: () => this._ask(),
        focus: () => this._ask(),
        blur: () => this._close(),
        keydown: (event) => this._pressed(event),
      },
    });
    this.element = h("div", { class: "picker" }, this._field, this._list);
  }

  _ask() {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._offer(), SETTLED_MILLISECONDS);
  }

  async _offer() {
    this._asked?.abort();
    this._asked = new AbortController();
    const { signal } = this._asked;
    const found = await this._find(this._field.value.trim(), signal).catch(() => []);
    if (signal.aborted || document.activeElement !== this._field) return;
    this._offered = found;
    put(
      this._list,
      found.map((item, place) => this._option(item, place)),
    );
    this._list.hidden = found.length === 0;
    this._field.setAttribute("aria-expanded", String(found.length > 0));
    this._mark(-1);
  }

  _option(item, place) {
    // The field keeps the focus, so that its list is not closed before the choice is made.
    const on = { pointerdown: (event) => event.preventDefault(), click: () => this._choose(place) };
    return h("li", { id: `${this._list.id}-${place}`, role: "option", text: item.text, "aria-selected": "false", on });
  }

  _mark(place) {
    this._at = place;
    [...this._list.children].forEach((option, each) => option.setAttribute("aria-selected", String(each === place)));
    if (place < 0) return this._field.removeAttribute("aria-activedescendant");
    this._field.setAttribute("aria-activedescendant", this._list.children[place].id);
    this._list.children[place].scrollIntoView({ block: "nearest" });
  }

  _pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this._offered.length) {
      event.preventDefault();
      this._mark((this._at + step + this._offered.length) % this._offered.length);
    } else if (event.key === "Enter" && !event.ctrlKey && this._offered.length) {
      event.preventDefault();
      this._choose(Math.max(this._at, 0));
    } else if (event.key === "Escape" && !this._list.hidden) {
      event.preventDefault();
      this._close();
    }
  }

  _choose(place) {
    const item = this._offered[place];
    this._field.value = "";
    this._close();
    this._take(item);
  }

  _close() {
    clearTimeout(this._timer);
    this._asked?.abort();
    this._offered = [];
    this._list.hidden = true;
    this._field.setAttribute("aria-expanded", "false");
    this._field.removeAttribute("aria-activedescendant");
  }
}
