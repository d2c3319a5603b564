// The panel Marks: an image, a mark, words or colors in; marks that are like it out, for the examiner to judge.

import { h } from "../elements.js";
import { filterChips, filterFields } from "./marks/filters.js";
import { Input } from "./marks/input.js";
import { Judgements } from "./marks/judgements.js";
import { Results } from "./marks/results.js";
import { Search } from "./marks/search.js";
import { strategies } from "./marks/strategies.js";
import { suggestions } from "./marks/suggestions.js";

/** Build the panel. */
export async function createPanel({ isSeen, caller }) {
  // Inside a window other keys apply, and a window may be open over this panel.
  const when = () => isSeen() && !document.querySelector("dialog[open]");
  const search = new Search();
  // It takes the focus when it is clicked anywhere, so that a paste comes here.
  const element = h("section", { class: "panel marks", tabIndex: -1 });
  const input = new Input(search, element);
  const judgements = new Judgements(search, caller.scopes.includes("feedback"));
  const results = new Results({ search, input, judgements, when });
  element.append(
    h("div", { class: "stack" }, input.element, suggestions(search), filterFields(search)),
    h("div", { class: "stack" }, strategies(search, when), filterChips(search), results.element),
  );
  return { element, input, run: () => results.run() };
}
