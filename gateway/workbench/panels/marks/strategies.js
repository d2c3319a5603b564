// How marks are compared: five buttons, and the mix of the combined one.

import { h } from "../../elements.js";
import { bind } from "../../keys.js";
import { change } from "../../state.js";
import { STRATEGIES, WEIGHED } from "./search.js";

// What the service takes for a query in color where nothing else is said.
const USUAL = { shape: 85, color: 15, composition: 0, concept: 0 };
const SETTLED_MILLISECONDS = 250;

/** Build the buttons and sliders; `when()` tells whether keys 1 to 5 apply. */
export function strategies(search, when) {
  const buttons = STRATEGIES.map((name) =>
    h("button", {
      type: "button",
      say: `marks.strategy.${name}`,
      hint: `marks.strategy.hint.${name}`,
      data: { name },
      on: { click: () => change("strategy", name) },
    }),
  );
  STRATEGIES.forEach((name, place) =>
    bind({ key: String(place + 1), say: `marks.keys.${name}`, when, run: () => buttons[place].click() }),
  );
  const mix = new Mix(search);
  const element = h(
    "div",
    { class: "row strategies" },
    h("div", { class: "row segments", role: "group", label: "marks.strategy.label" }, buttons),
    mix.element,
  );
  const show = () => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.name === search.strategy));
      button.disabled = !search.allows(button.dataset.name);
    }
    mix.show();
  };
  search.addEventListener("change", show);
  show();
  return element;
}

class Mix {
  constructor(search) {
    this._search = search;
    this._sliders = WEIGHED.map((name) =>
      h("input", {
        type: "range",
        min: 0,
        max: 100,
        step: 5,
        data: { name },
        label: `marks.strategy.${name}`,
        on: { input: () => this._slid() },
      }),
    );
    this._numbers = WEIGHED.map(() => h("span", { class: "numbers" }));
    this._reset = h("button", {
      type: "button",
      class: "plain",
      say: "marks.mix.reset",
      on: { click: () => (search.weights = null) },
    });
    const lines = this._sliders.map((slider, place) =>
      h(
        "label",
        { class: "slider" },
        h("span", { say: `marks.strategy.${WEIGHED[place]}` }),
        slider,
        this._numbers[place],
      ),
    );
    this.element = h(
      "details",
      { class: "mix" },
      h("summary", { say: "marks.mix.title" }),
      h("div", { class: "sliders" }, lines),
      this._reset,
    );
  }

  show() {
    const weights = this._search.weights;
    this.element.hidden = this._search.strategy !== "combined";
    this._reset.disabled = weights === null;
    for (const slider of this._sliders) slider.value = (weights ?? USUAL)[slider.dataset.name];
    this._write();
  }

  _slid() {
    this._write();
    clearTimeout(this._timer);
    this._timer = setTimeout(() => (this._search.weights = this._values()), SETTLED_MILLISECONDS);
  }

  _write() {
    this._sliders.forEach((slider, place) => (this._numbers[place].textContent = slider.value));
  }

  _values() {
    return Object.fromEntries(this._sliders.map((slider) => [slider.dataset.name, slider.valueAsNumber]));
  }
}
