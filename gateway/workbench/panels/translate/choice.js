// What is translated into what, and with which terms: chosen above the text, kept in the address bar.

import { call, Problem } from "../../calls.js";
import { h, put } from "../../elements.js";
import { change, follow, setting } from "../../state.js";
import { currentLanguage, t } from "../../texts.js";
import { Place } from "../../waiting.js";

const PAGE = 200;
const OFF = "off";

/** The languages and wishes of a translation; tells of `change` when others are chosen. */
export class Choice extends EventTarget {
  constructor() {
    super();
    this._pairs = [];
    this._glossaries = [];
    this._detected = null;
    this._isChanging = false;
    this._build();
    for (const name of ["from", "to", "glossary", "terms", "memory"]) follow(name, () => this._changed());
    document.addEventListener("languagechange", () => this._write());
    this._write();
  }

  /** Fetch what there is to choose from. */
  async open() {
    await this.place.run(async (signal) => {
      this._pairs = await everything("/api/v1/translate/languages", signal);
      this._glossaries = await everything("/api/v1/glossaries", signal);
      if (!this._isReady(this._source, this._target)) this._takeReadyTarget();
      this._write();
    });
  }

  /** Return what a call should ask for. */
  wishes() {
    const glossary = this._offeredGlossaries().find(({ id }) => id === setting("glossary"));
    return {
      sourceLanguage: setting("from") || undefined,
      targetLanguage: this._target,
      glossaryIds: glossary ? [glossary.id] : [],
      patentTerms: setting("terms") !== OFF,
      memory: setting("memory") !== OFF,
    };
  }

  /** Be told the language that a text was found to be in. */
  detected(tag) {
    this._detected = tag;
    this._write();
  }

  /** Tell what a glossary is called. */
  glossaryName(id) {
    return this._glossaries.find((glossary) => glossary.id === id)?.name;
  }

  /** Put a refusal that the choice of languages is to blame for into the words of this page. */
  explained(error) {
    if (!["undetected-language", "same-language"].includes(error.code)) return error;
    this.detected(null);
    const detail = t(`translate.refused.${error.code}`, { language: languageName(this._target) });
    return new Problem({ code: error.code, status: error.status, detail });
  }

  /** Choose the other direction. */
  swap() {
    const [source, target] = [this._source, this._target];
    this._changeAll({ from: target, to: source });
    this._changed();
  }

  get _source() {
    return setting("from") || this._detected || "";
  }

  get _target() {
    return setting("to") || currentLanguage();
  }

  _build() {
    this.from = select("from", "translate.from");
    this.to = select("to", "translate.to");
    this.glossary = select("glossary", "translate.glossary");
    this.swapper = h("button", {
      type: "button", text: "⇄", label: "translate.swap", hint: "translate.swap",
      on: { click: () => this.dispatchEvent(new Event("swap")) },
    });
    this.more = h("details", { class: "more-languages", hidden: true });
    const trouble = h("div", { class: "trouble" });
    this.place = new Place(trouble);
    const terms = toggle("terms", "translate.terms");
    const memory = toggle("memory", "translate.memory.use");
    const languages = h("div", { class: "row languages" }, this.from, this.swapper, this.to, this.more);
    const wishes = h("div", { class: "row" }, h("label", { class: "row" }, h("span", { say: "translate.glossary" }), this.glossary), terms, memory);
    this.element = h("div", { class: "choice" }, h("div", { class: "row between" }, languages, wishes), trouble);
  }

  // Several settings that only together make sense.
  _changeAll(settings) {
    this._isChanging = true;
    for (const [name, value] of Object.entries(settings)) change(name, value);
    this._isChanging = false;
  }

  _changed() {
    if (this._isChanging) return;
    if (setting("from")) this._detected = null;
    if (this._pairs.length && !this._isReady(this._source, this._target)) this._takeReadyTarget();
    this._write();
    this.dispatchEvent(new Event("change"));
  }

  // Of a language that cannot be translated into the one chosen before the first one that can is taken.
  _takeReadyTarget() {
    const ready = this._pairs.find((pair) => pair.status === "ready" && (!setting("from") || pair.sourceLanguage === setting("from")));
    if (ready) this._changeAll({ to: ready.targetLanguage });
  }

  _isReady(source, target) {
    return this._pairs.some((pair) => isPair(pair, source, target) && pair.status === "ready");
  }

  _write() {
    const sources = distinct(this._pairs.map((pair) => pair.sourceLanguage));
    const targets = distinct(this._pairs.map((pair) => pair.targetLanguage));
    const detect = this._detected ? t("translate.detected", { language: languageName(this._detected) }) : t("translate.detect");
    const from = sources.map((tag) => this._option(tag, tag, ""));
    const to = targets.filter((tag) => tag !== this._source).map((tag) => this._option(tag, this._source, tag));
    put(this.from, h("option", { value: "", text: detect }), from.length ? from : known(setting("from")));
    put(this.to, to.length ? to : known(this._target));
    this.from.value = sources.find((tag) => serves(tag, setting("from"))) ?? setting("from");
    this.to.value = targets.find((tag) => serves(tag, this._target)) ?? this._target;
    this.swapper.disabled = !this._isReady(this._target, this._source);
    const glossaries = this._offeredGlossaries();
    put(this.glossary, h("option", { value: "", text: t("translate.noGlossary") }), glossaries.map(({ id, name }) => h("option", { value: id, text: name })));
    this.glossary.value = glossaries.some(({ id }) => id === setting("glossary")) ? setting("glossary") : "";
    this.glossary.disabled = !glossaries.length;
    this._writeMissing();
  }

  _option(tag, source, target) {
    const pairs = this._pairs.filter((pair) => isPair(pair, source, target));
    const ready = pairs.filter((pair) => pair.status === "ready");
    const text = languageName(tag);
    if (!ready.length) return h("option", { value: tag, text: t("translate.notReady", { language: text }), disabled: true });
    const isGist = ready.every((pair) => pair.gist);
    return h("option", { value: tag, text: isGist ? t("translate.gist", { language: text }) : text });
  }

  _offeredGlossaries() {
    return this._glossaries.filter(
      (glossary) => serves(glossary.targetLanguage, this._target) && (!this._source || serves(glossary.sourceLanguage, this._source)),
    );
  }

  // What an operator could add, by what has to be done for it.
  _writeMissing() {
    const missing = this._pairs.filter((pair) => pair.status !== "ready");
    const byHint = new Map();
    for (const pair of missing) byHint.set(pair.hint, [...(byHint.get(pair.hint) ?? []), pairName(pair)]);
    const items = [...byHint].map(([hint, names]) => h("li", {}, h("span", { text: `${names.join(", ")}: ` }), h("code", { text: hint })));
    put(this.more, h("summary", { say: ["translate.missing", { count: missing.length }] }), h("p", { class: "quiet", say: "translate.forOperator" }), h("ul", { class: "quiet" }, items));
    this.more.hidden = !missing.length;
  }
}

/** Write the name of a language in the page's language. */
export function languageName(tag) {
  try {
    return new Intl.DisplayNames([currentLanguage()], { type: "language" }).of(tag);
  } catch {
    // The address bar may hold anything.
    return tag;
  }
}

/** Write the name of a pair of languages. */
export function pairName({ sourceLanguage, targetLanguage }) {
  return `${languageName(sourceLanguage)} → ${languageName(targetLanguage)}`;
}

async function everything(path, signal) {
  const items = [];
  let count = 1;
  while (items.length < count) {
    const page = await call(path, { query: { limit: PAGE, offset: items.length }, signal });
    items.push(...page.items);
    count = page.items.length ? page.count : 0;
  }
  return items;
}

function isPair(pair, source, target) {
  return (!source || serves(pair.sourceLanguage, source)) && (!target || serves(pair.targetLanguage, target));
}

// A language serves its regions: pt-BR is translated as pt.
function serves(offered, wished) {
  return offered.toLowerCase() === wished.toLowerCase() || offered.toLowerCase() === wished.toLowerCase().split("-")[0];
}

function distinct(tags) {
  return [...new Set(tags)].sort((one, other) => languageName(one).localeCompare(languageName(other), currentLanguage()));
}

function known(tag) {
  return tag ? [h("option", { value: tag, text: languageName(tag) })] : [];
}

function select(name, label) {
  const element = h("select", { label, on: { change: () => change(name, element.value) } });
  return element;
}

function toggle(name, say) {
  const box = h("input", { type: "checkbox", checked: setting(name) !== OFF, on: { change: () => change(name, box.checked ? "" : OFF) } });
  follow(name, (value) => (box.checked = value !== OFF));
  return h("label", { class: "row" }, box, h("span", { say }));
}
