// What the register says of a hit, and how alike it is by each way of comparing.

import { h } from "../../elements.js";
import { number } from "../../texts.js";
import { score } from "./grid.js";
import { WEIGHED } from "./search.js";
import { learnCodes, niceClasses, titleOfClass, titleOfCode } from "./titles.js";

const FACTS = ["applicant", "office", "status", "applicationDate", "markFeature"];

/** Build a table of scores, each with its distance to that of the best hit. */
export function scoreTable(hit, best) {
  const names = [...WEIGHED, "words"].filter((name) => hit.scores[name] !== undefined);
  const head = ["strategy", "score", "difference"].map((name) =>
    h("th", { scope: "col", say: `marks.scores.${name}` }),
  );
  const rows = names.map((name) => row(`marks.strategy.${name}`, hit.scores[name], best.scores[name]));
  return h(
    "table",
    { class: "score-table" },
    h("thead", {}, h("tr", {}, head)),
    h("tbody", {}, rows, row("marks.scores.all", hit.score, best.score)),
  );
}

function row(say, value, best) {
  const difference =
    best === undefined
      ? ""
      : number(value - best, { signDisplay: "exceptZero", minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const measured = h(
    "span",
    { class: "row" },
    h("span", { class: "bar", css: { "--share": value } }),
    h("span", { class: "numbers", text: score(value) }),
  );
  return h(
    "tr",
    {},
    h("th", { scope: "row", say }),
    h("td", {}, measured),
    h("td", { class: "numbers", text: difference }),
  );
}

/** Build the list of what the register says; titles of classes and codes come in when they are there. */
export function details({ markId, metadata, wordsRead }) {
  const codes = h("dd", { text: written(metadata.viennaCodes, titleOfCode) });
  const classes = h("dd", { text: written(metadata.niceClasses, titleOfClass) });
  if (metadata.niceClasses.length)
    niceClasses().then(
      () => (classes.textContent = written(metadata.niceClasses, titleOfClass)),
      () => {},
    );
  if (metadata.viennaCodes.length)
    learnCodes(metadata.viennaCodes).then(() => (codes.textContent = written(metadata.viennaCodes, titleOfCode)));
  return h(
    "dl",
    { class: "details" },
    fact("marks.fact.markId", h("dd", { class: "numbers", text: markId })),
    FACTS.filter((name) => metadata[name]).map((name) => fact(`marks.fact.${name}`, h("dd", { text: metadata[name] }))),
    metadata.niceClasses.length > 0 && fact("marks.fact.niceClasses", classes),
    metadata.viennaCodes.length > 0 && fact("marks.fact.viennaCodes", codes),
    wordsRead && fact("marks.fact.wordsRead", h("dd", { text: wordsRead.join(" ") })),
  );
}

function fact(say, value) {
  return h("div", {}, h("dt", { say }), value);
}

function written(values, titleOf) {
  return values.map((value) => `${value} ${titleOf(value)}`.trim()).join("; ");
}
