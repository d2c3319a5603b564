// Translates the selection or the document, paragraph by paragraph, and writes it in with its formatting.

import { announce } from "../workbench/announcer.js";
import { call } from "../workbench/calls.js";
import { h, put } from "../workbench/elements.js";
import { currentLanguage, number } from "../workbench/texts.js";
import { Place, emptiness } from "../workbench/waiting.js";
import { readParagraphs, writeParagraphs } from "./document.js";
import { indent, isPlain, joined, read, tagsOf, written } from "./formatting.js";
import { copyAndTell, told } from "./telling.js";

// Small enough for progress to be seen and for cancelling to help.
const MOST_TEXTS = 16;
const MOST_CHARACTERS = 5_000;
const WEAK = 0.5;

/** Make the part of the pane; `credit(models)` tells what made the answer. */
export function translatePart(credit) {
  const from = h("select", { id: "from" });
  const into = h("select", { id: "into" });
  const results = h("div", { class: "stack" });
  const place = new Place(results);
  const work = async (signal, tell) => {
    const outcome = await translate({ from: from.value, into: into.value }, signal, tell);
    if (outcome.models.length) credit(outcome.models);
    put(results, shown(outcome));
  };
  const run = () => place.run(work);
  const button = h("button", { type: "button", class: "primary", say: "word.translate.run", disabled: true, on: { click: run } });
  offer(place, from, into, button);
  const label = (field) => h("label", { htmlFor: field.id, say: `word.translate.${field.id}` });
  return [h("div", { class: "pair" }, label(from), from, label(into), into), button, results];
}

/** Offer the languages that can be translated now. */
function offer(place, from, into, button) {
  return place.run(async (signal) => {
    const { items } = await call("/api/v1/translate/languages", { signal });
    fillIn(from, into, items.filter((pair) => pair.status === "ready"));
    button.disabled = false;
    put(place.region, emptiness("word.translate.empty"));
  });
}

function fillIn(from, into, pairs) {
  const sources = [...new Set(pairs.map((pair) => pair.sourceLanguage))];
  put(from, h("option", { value: "", say: "word.translate.detect" }), inOrder(sources));
  const targets = () => {
    const possible = pairs.filter((pair) => !from.value || pair.sourceLanguage === from.value).map((pair) => pair.targetLanguage);
    const wished = into.value || currentLanguage();
    put(into, inOrder([...new Set(possible)]));
    if (possible.includes(wished)) into.value = wished;
  };
  from.addEventListener("change", targets);
  targets();
}

function inOrder(tags) {
  const names = new Intl.DisplayNames([currentLanguage()], { type: "language" });
  const named = tags.map((tag) => [tag, names.of(tag)]).sort(([, a], [, b]) => a.localeCompare(b, currentLanguage()));
  return named.map(([value, text]) => h("option", { value, text }));
}

async function translate({ from, into }, signal, tell) {
  const paragraphs = await readParagraphs();
  const translations = [];
  const models = new Map();
  for (const batch of batches(paragraphs)) {
    tell(translations.filter(Boolean).length, paragraphs.length);
    const format = isPlain(paragraphs[batch[0]]) ? "text" : "html";
    const texts = batch.map((i) => (format === "text" ? plain(paragraphs[i]) : written(paragraphs[i])));
    const json = { texts, targetLanguage: into, format, ...(from && { sourceLanguage: from }) };
    const answer = await call("/api/v1/translate", { json, signal });
    models.set(answer.model.name, answer.model);
    batch.forEach((i, at) => (translations[i] = translated(answer.translations[at], paragraphs[i])));
  }
  return { paragraphs, translations, models: [...models.values()] };
}

/** Numbers of paragraphs that go together: of one kind, and few enough. */
function batches(paragraphs) {
  const kinds = [true, false].map((wanted) => paragraphs.map((_, i) => i).filter((i) => isPlain(paragraphs[i]) === wanted));
  return kinds.flatMap((numbers) => {
    const found = [];
    let size = Infinity;
    for (const i of numbers) {
      const { length } = joined(paragraphs[i]);
      if (size + length > MOST_CHARACTERS || found.at(-1).length === MOST_TEXTS) {
        found.push([]);
        size = 0;
      }
      found.at(-1).push(i);
      size += length;
    }
    return found;
  });
}

// Word ends a line inside a paragraph with a vertical tab.
function plain(pieces) {
  return joined(pieces).replaceAll("\v", "\n");
}

function translated(answer, source) {
  const pieces = isPlain(source) ? [{ ...source[0], text: answer.text.replaceAll("\n", "\v") }] : read(answer.text, indent(source));
  const flags = [...(answer.gist ? ["gist"] : []), ...(answer.quality?.flags ?? [])];
  return { pieces, flags, isWeak: (answer.quality?.score ?? 1) < WEAK || flags.length > 0, score: answer.quality?.score ?? null };
}

function shown({ paragraphs, translations }) {
  if (!paragraphs.length) return h("p", { say: "word.translate.nothing" });
  const trouble = h("div", {});
  const note = h("div", { role: "status" });
  const write = (beneath) => async () => {
    const done = await writeParagraphs(paragraphs, translations.map((each) => each.pieces), beneath);
    if (done.replaced) announce(["word.translate.replaced", { count: done.replaced }]);
    if (done.beneath) announce(["word.translate.written", { count: done.beneath }]);
    if (!beneath && done.beneath) put(note, h("p", { class: "note", say: ["word.translate.kept", { count: done.beneath }] }));
  };
  const button = (say, click) => h("button", { type: "button", say, on: { click } });
  const copyAll = () => copyAndTell(translations.map((each) => joined(each.pieces)).join("\n"));
  const weak = translations.filter((each) => each.isWeak).length;
  return [
    weak > 0 && h("p", { class: "note", say: ["word.translate.weak", { count: weak }] }),
    h(
      "div",
      { class: "row" },
      button("word.translate.replace", () => told(write(false), trouble)),
      button("word.translate.beneath", () => told(write(true), trouble)),
      button("frame.copy", copyAll),
    ),
    note,
    trouble,
    h("ol", { class: "paragraphs" }, paragraphs.map((pieces, i) => paragraph(pieces, translations[i]))),
  ];
}

function paragraph(source, { pieces, flags, isWeak, score }) {
  return h(
    "li",
    { class: isWeak ? "card stack weak" : "card stack" },
    h("p", { class: "source quiet", text: joined(source) }),
    h("p", { dir: "auto" }, pieces.map(formatted)),
    isWeak && h("p", { class: "quiet" }, reasons(flags, score)),
  );
}

function reasons(flags, score) {
  const said = flags.map((flag) => h("span", { class: "chip", say: `word.flag.${flag}` }));
  if (said.length || score === null) return said;
  return h("span", { class: "chip", say: ["word.flag.low", { share: number(score, { style: "percent" }) }] });
}

function formatted(piece) {
  return tagsOf(piece).reduceRight((inner, tag) => h(tag, {}, inner), piece.text);
}
