// Which marks count: the fields to choose by, and what was chosen as chips.

import { call } from "../../calls.js";
import { h, put } from "../../elements.js";
import { currentLanguage } from "../../texts.js";
import { picker } from "./picker.js";
import { keepCodes, niceClasses, renewTitles, titleOfClass, titleOfCode } from "./titles.js";

const LISTS = ["niceClass", "viennaCode"];
const SINGLE = ["status", "office", "applicant", "dateFrom", "dateTo"];
const MOST_OFFERED = 20;

/** Build the fields of the filters. */
export function filterFields(search) {
  const add = (name, value) => search.setFilters({ [name]: [...new Set([...search.filters[name], value])] });
  const nice = picker({
    label: "marks.filter.niceClass",
    placeholder: "marks.filter.niceExample",
    find: findClasses,
    take: (item) => add("niceClass", item.value),
  });
  const vienna = picker({
    label: "marks.filter.viennaCode",
    placeholder: "marks.filter.viennaExample",
    find: findCodes,
    take: (item) => add("viennaCode", item.value),
  });
  const fields = SINGLE.map((name) => singleField(search, name));
  const labelled = [
    ["niceClass", nice],
    ["viennaCode", vienna],
    ...fields.map((field, place) => [SINGLE[place], field]),
  ];
  return h(
    "details",
    { class: "card filters" },
    h("summary", { say: "marks.filter.title" }),
    h(
      "div",
      { class: "filter-grid" },
      labelled.map(([name, field]) =>
        h(
          "div",
          { class: `filter-${name}` },
          h("span", { class: "quiet", say: `marks.filter.${name}`, "aria-hidden": "true" }),
          field,
        ),
      ),
    ),
  );
}

/** Build the chips of what was chosen, each with a button that takes it away. */
export function filterChips(search) {
  const element = h("div", { class: "row chips", role: "group", label: "marks.filter.chosen", hidden: true });
  const show = () => {
    const lists = LISTS.flatMap((name) => search.filters[name].map((value) => chip(search, name, value)));
    const single = SINGLE.filter((name) => search.filters[name]).map((name) =>
      chip(search, name, search.filters[name]),
    );
    const all = [...lists, ...single];
    const clear = h("button", {
      type: "button",
      class: "plain",
      say: "marks.filter.clear",
      on: { click: () => search.clearFilters() },
    });
    element.hidden = all.length === 0;
    put(element, all, all.length > 1 && clear);
  };
  search.addEventListener("change", (event) => event.detail === "filters" && show());
  document.addEventListener("languagechange", () => renewTitles(search.filters.viennaCode).then(show));
  return element;
}

function singleField(search, name) {
  const type = name.startsWith("date") ? "date" : "text";
  const field = h("input", {
    type,
    label: `marks.filter.${name}`,
    autocomplete: "off",
    maxLength: name === "office" ? 2 : 500,
  });
  field.addEventListener("change", () => {
    const written = field.value.trim();
    search.setFilters({ [name]: name === "office" ? written.toUpperCase() : written });
  });
  const known = search.seen[name] && h("datalist", { id: `known-${name}` });
  if (known) field.setAttribute("list", known.id);
  search.addEventListener("change", (event) => {
    if (event.detail === "filters") field.value = search.filters[name];
    if (event.detail === "seen" && known)
      put(
        known,
        [...search.seen[name]].map((value) => h("option", { value })),
      );
  });
  return known ? h("span", {}, field, known) : field;
}

function chip(search, name, value) {
  const isList = LISTS.includes(name);
  const remove = () =>
    search.setFilters({ [name]: isList ? search.filters[name].filter((each) => each !== value) : "" });
  const written = name === "niceClass" ? titleOfClass(value) : titleOfCode(value);
  const text = isList ? h("span", { text: `${value}${written ? ` ${written}` : ""}` }) : h("span", { text: value });
  return h(
    "span",
    { class: "chip" },
    h("span", { class: "quiet", say: `marks.filter.${name}` }),
    text,
    h("button", { type: "button", text: "×", label: ["marks.filter.remove", { value }], on: { click: remove } }),
  );
}

async function findClasses(words) {
  const all = await niceClasses();
  const wanted = folded(words);
  const isMeant = ({ number, title }) => String(number).startsWith(wanted) || folded(title).includes(wanted);
  return all.filter(isMeant).map(({ number, title }) => ({ value: number, text: `${number} ${title}` }));
}

async function findCodes(words, signal) {
  const { items } = await call("/api/v1/vienna", {
    query: { q: words, language: currentLanguage(), limit: MOST_OFFERED },
    signal,
  });
  keepCodes(items);
  return items.map(({ code, title }) => ({ value: code, text: `${code} ${title}` }));
}

function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
