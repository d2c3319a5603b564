// What is asked about a text: its language, how deep, how many; all but the defaults stand in the address bar.

import { h, put } from "../../elements.js";
import { change, follow, setting } from "../../state.js";
import { languageName } from "./doubts.js";

const LEVELS = ["auto", "section", "class", "subclass", "mainGroup", "subgroup"];
const COUNTS = ["3", "5", "10", "20", "50"];
const LANGUAGES = ["ar", "ca", "de", "en", "es", "fr", "gl", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "uk", "vi", "zh"];

const DEFAULTS = { level: "auto", predictions: "5", textLanguage: "" };
const ALLOWED = { level: LEVELS, predictions: COUNTS, textLanguage: ["", ...LANGUAGES] };

/** Return the options as the service takes them. */
export function options() {
  const language = chosen("textLanguage");
  return { level: chosen("level"), limit: Number(chosen("predictions")), ...(language && { language }) };
}

/** Build the choice of the language of the text; `changed` is called when it changes. */
export function languageChoice(changed) {
  const select = choice("textLanguage", changed);
  const draw = () => put(select, LANGUAGES.map((tag) => [languageName(tag), tag]).sort(byName).map(([text, value]) => h("option", { value, text })));
  const fill = () => {
    draw();
    select.prepend(h("option", { value: "", say: "classify.language.detect" }));
    select.value = chosen("textLanguage");
  };
  document.addEventListener("languagechange", fill);
  fill();
  return h("label", { class: "row" }, h("span", { class: "quiet", say: "classify.language.label" }), select);
}

/** Build the choices of level and number; `changed` is called when one changes. */
export function depthChoices(changed) {
  const level = choice("level", changed);
  put(level, LEVELS.map((value) => h("option", { value, say: `classify.level.${value}` })));
  level.value = chosen("level");
  const count = choice("predictions", changed);
  put(count, COUNTS.map((value) => h("option", { value, text: value })));
  count.value = chosen("predictions");
  return [
    h("label", { class: "row" }, h("span", { class: "quiet", say: "classify.level.label" }), level),
    h("label", { class: "row" }, h("span", { class: "quiet", say: "classify.count" }), count),
  ];
}

// The address can be written by hand, so only what is known is taken from it.
function chosen(name) {
  const found = setting(name, DEFAULTS[name]);
  return ALLOWED[name].includes(found) ? found : DEFAULTS[name];
}

function choice(name, changed) {
  const select = h("select", { on: { change: () => change(name, select.value === DEFAULTS[name] ? "" : select.value) } });
  follow(name, () => {
    select.value = chosen(name);
    changed();
  });
  return select;
}

function byName([a], [b]) {
  return a.localeCompare(b);
}
