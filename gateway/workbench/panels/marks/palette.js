// Colors to search by: up to eight, each with a picker.

import { h, put } from "../../elements.js";

const MOST_COLORS = 8;
const NEXT = ["#c8102e", "#003366", "#ffcc00", "#1d6b3c", "#000000", "#f58220", "#6a1b9a", "#7ec8e3"];

/** Pickers of colors; `taken(colors)` is told when they are to be searched by. */
export class Palette {
  constructor(taken) {
    this._taken = taken;
    this._colors = [NEXT[0]];
    this._list = h("div", { class: "row" });
    this._more = h("button", { type: "button", say: "marks.palette.add", on: { click: () => this._add() } });
    this.element = h(
      "form",
      { class: "row" },
      this._list,
      this._more,
      h("button", { type: "submit", class: "primary", say: "marks.input.search" }),
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this._taken([...this._colors]);
    });
    this._show();
  }

  _add() {
    this._colors.push(NEXT[this._colors.length]);
    this._show();
    this._list.lastChild.firstChild.focus();
  }

  _remove(place) {
    this._colors.splice(place, 1);
    this._show();
    this._more.focus();
  }

  _show() {
    put(
      this._list,
      this._colors.map((color, place) => this._picker(color, place)),
    );
    this._more.disabled = this._colors.length >= MOST_COLORS;
  }

  _picker(color, place) {
    const field = h("input", { type: "color", value: color, label: ["marks.palette.color", { place: place + 1 }] });
    field.addEventListener("input", () => (this._colors[place] = field.value));
    field.addEventListener("change", () => this._taken([...this._colors]));
    const remove = h("button", {
      type: "button",
      class: "plain",
      text: "×",
      label: ["marks.palette.remove", { place: place + 1 }],
      on: { click: () => this._remove(place) },
    });
    return h("span", { class: "swatch" }, field, this._colors.length > 1 && remove);
  }
}
