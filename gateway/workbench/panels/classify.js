// The panel that classifies a text: the text at left, the tree of predictions at right, the examiner's choice below it.

import { announce } from "../announcer.js";
import { call } from "../calls.js";
import { h, put, speak } from "../elements.js";
import { credit } from "../frame.js";
import { emptiness, Place } from "../waiting.js";
import { decisionForm } from "./classify/decision.js";
import { doubts, languageName } from "./classify/doubts.js";
import { EXAMPLE } from "./classify/example.js";
import { Grid } from "./classify/grid.js";
import { depthChoices, languageChoice, options } from "./classify/options.js";
import { Scheme } from "./classify/scheme.js";
import { Tray } from "./classify/tray.js";
import { levelBelow, Tree } from "./classify/tree.js";
import { likeDocuments, why } from "./classify/why.js";
import { Writing } from "./classify/writing.js";

const PATH = "/api/v1/classify";
// A paste is followed by no further typing for a moment; a slow hand still sees the answer at once.
const SETTLED_MILLISECONDS = 50;
const SIMILAR_DOCUMENTS = 5;

/** Build the panel. */
export async function createPanel({ isSeen, caller }) {
  const panel = new ClassifyPanel(isSeen, caller);
  return {
    element: panel.element,
    get input() {
      return panel.input;
    },
    run: () => panel.classify(),
  };
}

class ClassifyPanel {
  constructor(isSeen, caller) {
    const again = () => this._answer && this.classify();
    const run = h("button", { type: "button", class: "primary", say: "classify.run", on: { click: () => this.classify() } });
    this._answer = null;
    this._sent = null;
    this._writing = new Writing({
      tools: [languageChoice(again), run],
      brought: () => this._classifySoon(),
      changed: () => this._textChanged(),
      replaced: () => this._textReplaced(),
    });
    const mayRecord = caller.scopes.includes("feedback");
    this._tray = new Tray({ changed: () => this._answer && this._grid.draw(), decision: mayRecord ? decisionForm(() => this._decided()) : h("div") });
    this._scheme = new Scheme({ add: (entry, edition) => this._tray.add(entry, edition) });
    this._grid = new Grid(this._acts(), isSeen);
    this._place = new Place(h("div", { class: "stack outcome" }));
    // The number of symbols is announced; the table itself would take minutes to be read out.
    this._place.region.setAttribute("aria-live", "off");
    this._below = new Place(h("div"));
    this._why = h("div");
    this._stale = h("div");
    this._status = h("p", { class: "quiet", role: "status" });
    const head = h("div", { class: "row" }, h("h2", { say: "classify.predictions" }), depthChoices(again));
    const results = h("section", { class: "card stack results", label: "classify.predictions" }, head, this._status, this._place.region);
    this._showEmptiness();
    this.element = h("section", { class: "panel classify" }, this._writing.element, h("div", { class: "stack" }, results, this._scheme.element, this._tray.element));
  }

  get input() {
    return this._writing.input;
  }

  /** Classify the text as it is now. */
  async classify() {
    clearTimeout(this._soon);
    const sent = this._writing.sent();
    if (!Object.keys(sent).length) {
      announce("classify.blank");
      return this.input.focus();
    }
    const asked = { ...sent, ...options(), explain: true, similarDocuments: SIMILAR_DOCUMENTS };
    return this._place.run(async (signal) => this._show(await call(PATH, { json: asked, signal }), sent));
  }

  _classifySoon() {
    clearTimeout(this._soon);
    this._soon = setTimeout(() => this.classify(), SETTLED_MILLISECONDS);
  }

  _show(answer, sent) {
    this._answer = answer;
    this._sent = sent;
    this._tree = new Tree();
    this._tree.add(answer);
    this._below.cancel();
    put(this._below.region);
    put(this._stale);
    put(this._why, likeDocuments(answer.similarDocuments, true));
    this._grid.show(this._tree);
    put(this._place.region, this._stale, doubts(answer, sent), this._grid.element, this._below.region, this._why);
    credit("classify", [answer.model], answer.edition);
    this._status.hidden = false;
    speak(this._status, "say", ["classify.found", { count: answer.predictions.length, language: languageName(answer.language) }]);
  }

  _showEmptiness() {
    this._status.hidden = true;
    const example = () => {
      this._writing.fill(EXAMPLE);
      this.classify();
    };
    put(this._place.region, emptiness("classify.empty", example));
  }

  _acts() {
    return {
      choose: (node) => this._choose(node),
      deeper: (node) => this._deeper(node),
      accept: (node) => this._accept(node),
      lookAround: (symbol) => this._scheme.open(symbol),
      isAccepted: (symbol) => this._tray.has(symbol),
    };
  }

  _choose(node) {
    if (!node.prediction) return;
    put(this._why, why(node, this._answer.translated), likeDocuments(this._answer.similarDocuments, false));
    if (!this._isStale()) this._writing.mark(node.prediction.evidence ?? [], this._answer.language);
  }

  _deeper({ symbol }) {
    const level = levelBelow(symbol);
    if (!level) return announce("classify.deepest");
    const asked = { ...this._sent, ...options(), level, startFrom: symbol, explain: true };
    return this._below.run(async (signal) => {
      const answer = await call(PATH, { json: asked, signal });
      put(this._below.region);
      this._tree.add(answer, symbol);
      this._grid.draw();
      speak(this._status, "say", ["classify.foundBelow", { count: answer.predictions.length, symbol }]);
    });
  }

  _accept({ symbol, title, role, chance, given }) {
    if (this._tray.has(symbol)) this._tray.remove(symbol);
    else this._tray.add({ symbol, title, role, score: given ? null : chance }, this._answer.edition);
  }

  _textChanged() {
    if (!this._answer) return;
    if (!this._isStale()) return put(this._stale);
    const again = h("button", { type: "button", say: "classify.again", on: { click: () => this.classify() } });
    put(this._stale, h("p", { class: "doubt row" }, h("span", { say: "classify.stale" }), again));
  }

  _textReplaced() {
    this._tray.textReplaced();
    this._answer = this._sent = null;
    this._place.cancel();
    this._below.cancel();
    this._showEmptiness();
  }

  _isStale() {
    const now = this._writing.sent();
    const parts = new Set([...Object.keys(now), ...Object.keys(this._sent)]);
    return [...parts].some((part) => now[part] !== this._sent[part]);
  }

  _decided() {
    const predicted = this._answer ? this._tree.predicted().slice(0, 50) : [];
    const language = this._answer && this._answer.language !== "und" ? this._answer.language : null;
    return {
      ...(this._sent ?? this._writing.sent()),
      ...(language && { language }),
      predicted: predicted.map(({ symbol, chance }) => ({ symbol, score: chance })),
      assigned: this._tray.symbols.map(({ symbol }) => symbol),
    };
  }
}
