// Says in words how far an answer can be relied on.

import { h } from "../../elements.js";
import { currentLanguage } from "../../texts.js";
import { countWords } from "./parts.js";

// More likely wrong than right.
const LOW_CHANCE = 0.5;
const FEW_WORDS = 30;

/** Build the lines above the predictions: the way the answer came about, what makes it less certain. */
export function doubts(answer, sent) {
  const notes = [
    doubt(answer.predictions, sent),
    answer.translated && ["classify.doubt.translated", { route: (answer.route ?? []).map(languageName).join(" → ") }],
    answer.translationProblem && "classify.doubt.untranslated",
  ].filter(Boolean);
  return notes.map((say) => h("p", { class: "doubt", say }));
}

function doubt([best], sent) {
  if (!best) return "classify.doubt.none";
  if (best.score >= LOW_CHANCE) return null;
  return countWords(sent) < FEW_WORDS ? "classify.doubt.short" : "classify.doubt.low";
}

/** Return what a language is called in the language of the page. */
export function languageName(tag) {
  const names = new Intl.DisplayNames([currentLanguage()], { type: "language" });
  return tag === "und" ? "?" : names.of(tag);
}
