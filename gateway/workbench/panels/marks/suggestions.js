// Vienna codes that a machine suggests for the image, each a click away from being a filter.

import { call } from "../../calls.js";
import { h, put } from "../../elements.js";
import { Place } from "../../waiting.js";
import { keepCodes } from "./titles.js";

const MOST = 6;

/** Build the suggestions of codes, shown where an image is searched by. */
export function suggestions(search) {
  const list = h("div", { class: "row chips" });
  const region = h("div");
  const place = new Place(region);
  const ask = h("button", {
    type: "button",
    say: "marks.suggest.ask",
    on: { click: () => suggest(search, place, list) },
  });
  const element = h("div", { class: "stack suggestions", hidden: true }, h("div", { class: "row" }, ask), region, list);
  search.addEventListener("change", (event) => {
    if (!["subject", "box"].includes(event.detail)) return;
    place.cancel();
    put(region);
    put(list);
    element.hidden = search.subject.kind !== "image";
  });
  return element;
}

function suggest(search, place, list) {
  const form = new FormData();
  form.append("image", search.subject.file, "image");
  form.append("limit", String(MOST));
  if (search.box) form.append("box", JSON.stringify(search.box));
  return place.run(async (signal) => {
    const answer = await call("/api/v1/marks/suggest-codes", { form, signal });
    if (signal.aborted) return;
    put(place.region, answer.suggestions.length === 0 && h("p", { class: "quiet", say: "marks.suggest.none" }));
    keepCodes(answer.suggestions);
    put(
      list,
      answer.suggestions.map((each) => suggestion(search, each)),
    );
  });
}

function suggestion(search, { code, title, concepts }) {
  const add = () => search.setFilters({ viennaCode: [...new Set([...search.filters.viennaCode, code])] });
  return h(
    "button",
    {
      type: "button",
      class: "suggested",
      hint: ["marks.suggest.because", { concepts: concepts.join(", ") }],
      on: { click: add },
    },
    h("span", { class: "numbers", text: code }),
    ` ${title}`,
  );
}
