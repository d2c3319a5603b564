// Says in words what there is to know of a segment: why to look at it, what the memory has, what the examiner did.

import { h } from "../../elements.js";
import { number } from "../../texts.js";

const ORIGINS = { memory: "exact", "memory-adapted": "adapted" };

/** Return what stands below the translation of a row. */
export function notes(row, correction) {
  if (correction) return corrected(row, correction);
  const { doubts, origin, score, matches } = row.segment;
  const said = doubts.map((doubt) => h("span", { class: "doubt", say: [`translate.doubt.${doubt}`, { score: percent(score) }] }));
  if (ORIGINS[origin]) said.push(h("span", { class: "known", say: `translate.memory.${ORIGINS[origin]}` }));
  return [...said, ...matches.map((match) => near(row, match))];
}

function corrected(row, { state, error }) {
  const said = h("span", { class: state === "unsaved" ? "doubt" : "known", say: `translate.corrected.${state}` });
  const why = error && state === "unsaved" && h("span", { class: "quiet", text: error.detail });
  const again = state === "unsaved" && action("frame.again", () => row.sheet.correct(row, row.text));
  const undo = state !== "saving" && action("translate.undo", () => row.sheet.undo(row));
  return [said, why, again, undo].filter(Boolean);
}

function near(row, { source, target, score }) {
  const { sourceLanguage, targetLanguage } = row.segment;
  return h(
    "details",
    { class: "near" },
    h("summary", { say: ["translate.memory.near", { score: percent(score) }] }),
    h("p", { class: "quiet", lang: sourceLanguage, dir: "auto", text: source }),
    h("p", { lang: targetLanguage, dir: "auto", text: target }),
    action("translate.use", () => row.sheet.edit(row, target)),
  );
}

function action(say, run) {
  return h("button", { type: "button", class: "plain", say, on: { click: run } });
}

function percent(share) {
  return number(share, { style: "percent", maximumFractionDigits: 0 });
}
