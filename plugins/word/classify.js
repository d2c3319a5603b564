// Classifies the selection or the document, and writes what the examiner accepts into it.

import { announce } from "../workbench/announcer.js";
import { call } from "../workbench/calls.js";
import { h, put } from "../workbench/elements.js";
import { currentLanguage, number } from "../workbench/texts.js";
import { Place, emptiness } from "../workbench/waiting.js";
import { insertComment, insertText, readText, showPhrase, takesComments } from "./document.js";
import { copyAndTell, told } from "./telling.js";

// The classifier reads the beginning of a text; more need not travel.
const MOST_CHARACTERS = 20_000;
const LEVELS = ["auto", "subclass", "mainGroup", "subgroup"];
const MOST_PREDICTIONS = 5;
const MOST_EVIDENCE = 4;

/** Make the part of the pane; `credit(models, edition)` tells what made the answer. */
export function classifyPart(credit) {
  const state = { read: null, answer: null, accepted: [] };
  const level = h("select", { id: "level" }, LEVELS.map((name) => h("option", { value: name, say: `word.level.${name}` })));
  const results = h("div", { class: "stack" }, emptiness("word.classify.empty"));
  const place = new Place(results);
  const work = async (signal) => {
    Object.assign(state, await classify(level.value, signal), { accepted: [] });
    credit([state.answer.model], state.answer.edition);
    put(results, found(state), byHand(state), tray(state));
  };
  const run = () => place.run(work);
  const button = h("button", { type: "button", class: "primary", say: "word.classify.run", on: { click: run } });
  return [h("div", { class: "row" }, h("label", { htmlFor: "level", say: "word.level.label" }), level), button, results];
}

async function classify(level, signal) {
  const read = await readText();
  const asked = { text: read.text.slice(0, MOST_CHARACTERS), level, limit: MOST_PREDICTIONS, explain: true };
  return { answer: await call("/api/v1/classify", { json: asked, signal }), read: { ...read, text: asked.text } };
}

function found(state) {
  const { read, answer } = state;
  const what = read.isSelection ? "word.classify.ofSelection" : "word.classify.ofDocument";
  const said = h("p", { class: "quiet", say: [what, { count: read.text.length }] });
  if (!answer.predictions.length) return [said, h("p", { say: "word.classify.none" })];
  return [said, h("ol", { class: "predictions" }, answer.predictions.map((each) => prediction(each, state)))];
}

function prediction(each, state) {
  const box = h("input", { type: "checkbox", data: { symbol: each.symbol }, on: { change: () => accept(state, each, box.checked) } });
  const sure = h("span", { class: "numbers", text: number(each.score, { style: "percent" }) });
  const bar = h("span", { class: "bar", css: { "--share": each.score } });
  const above = each.ancestors.at(-1);
  return h(
    "li",
    { class: "card stack" },
    h(
      "div",
      { class: "row between" },
      h("label", { class: "row" }, box, h("strong", { class: "numbers", text: each.symbol })),
      h("span", { class: "row" }, bar, sure),
    ),
    h("p", { text: each.title }),
    above && h("p", { class: "quiet above", text: `${above.symbol} ${above.title}` }),
    evidence(each, state),
  );
}

function evidence({ evidence: terms }, state) {
  if (!terms?.length) return null;
  const trouble = h("div", {});
  return [h("div", { class: "row" }, terms.slice(0, MOST_EVIDENCE).map((term) => evidenceButton(term, state, trouble))), trouble];
}

/** A word that spoke for a symbol: each press selects its next place in the document. */
function evidenceButton(term, state, trouble) {
  let turn = 0;
  const phrase = surface(term, state.read.text);
  const show = async () => {
    if (!(await showPhrase(phrase, turn))) announce("word.trouble.notFound");
    turn += 1;
  };
  return h("button", { type: "button", class: "evidence", text: phrase, hint: "word.classify.show", on: { click: () => told(show, trouble) } });
}

/** The term as the text has it, where the answer tells the place (in Unicode characters). */
function surface({ term, places }, text) {
  const place = places?.[0];
  return place ? [...text].slice(place.start, place.end).join("") : term;
}

function accept(state, { symbol, title }, isAccepted) {
  const others = state.accepted.filter((each) => each.symbol !== symbol);
  state.accepted = isAccepted ? [...others, { symbol, title }] : others;
  document.dispatchEvent(new CustomEvent("acceptedchange"));
}

function byHand(state) {
  const field = h("input", { type: "text", id: "by-hand", autocomplete: "off", spellcheck: false });
  const trouble = h("div", {});
  const label = h("label", { htmlFor: "by-hand", say: "word.classify.byHand" });
  const form = h("form", { class: "row" }, label, field, h("button", { type: "submit", say: "word.classify.add" }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    told(async () => {
      const entry = await call(`/api/v1/ipc/${encodeURIComponent(field.value.trim())}`, { query: { language: currentLanguage() } });
      accept(state, entry, true);
      field.value = "";
    }, trouble);
  });
  return [form, trouble];
}

/** What is accepted, and what can be done with it. */
function tray(state) {
  const list = h("ul", { class: "accepted", label: "word.classify.accepted" });
  const trouble = h("div", {});
  const does = (work, key) => () =>
    told(async () => {
      await work();
      announce(key);
    }, trouble);
  const button = (say, work, key) => h("button", { type: "button", say, on: { click: does(work, key) } });
  const buttons = [
    button("word.classify.insert", () => insertText(asText(state)), "word.classify.inserted"),
    takesComments() && button("word.classify.comment", () => insertComment(asComment(state)), "word.classify.commented"),
    h("button", { type: "button", say: "frame.copy", on: { click: () => copyAndTell(asText(state)) } }),
    button("word.classify.feedback", () => giveFeedback(state), "word.classify.thanks"),
  ].filter(Boolean);
  const draw = () => {
    if (!list.isConnected) return document.removeEventListener("acceptedchange", draw);
    for (const each of buttons) each.disabled = !state.accepted.length;
    return put(list, state.accepted.map((each) => acceptedItem(each, state)));
  };
  document.addEventListener("acceptedchange", draw);
  for (const each of buttons) each.disabled = true;
  return h(
    "section",
    { class: "tray stack" },
    h("h2", { say: "word.classify.accepted" }),
    list,
    h("div", { class: "row" }, buttons),
    h("p", { class: "quiet", say: "word.classify.feedbackNote" }),
    trouble,
  );
}

function acceptedItem(each, state) {
  const remove = () => {
    accept(state, each, false);
    const box = [...document.querySelectorAll("[data-symbol]")].find((other) => other.dataset.symbol === each.symbol);
    if (box) box.checked = false;
  };
  const label = ["word.classify.remove", { symbol: each.symbol }];
  const button = h("button", { type: "button", text: "×", label, on: { click: remove } });
  return h("li", { class: "chip" }, h("span", { class: "numbers", text: each.symbol }), button);
}

function asText({ accepted }) {
  return accepted.map((each) => each.symbol).join("; ");
}

function asComment({ accepted, answer }) {
  const { model, edition } = answer;
  const made = `Examkit: ${model.name} ${model.version}, IPC ${edition}`;
  return [...accepted.map((each) => `${each.symbol} ${each.title}`), made].join("\n");
}

function giveFeedback({ read, answer, accepted }) {
  const predicted = answer.predictions.map(({ symbol, score }) => ({ symbol, score }));
  return call("/api/v1/classify/feedback", { json: { text: read.text, predicted, assigned: accepted.map((each) => each.symbol) } });
}
