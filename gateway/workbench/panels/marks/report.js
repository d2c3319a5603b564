// A report of the search for the file: asked for in a window, made by the service, saved.

import { call } from "../../calls.js";
import { openDialog } from "../../dialog.js";
import { h, put } from "../../elements.js";
import { save } from "../../files.js";
import { currentLanguage } from "../../texts.js";
import { Place } from "../../waiting.js";

const KINDS = { pdf: "application/pdf", html: "text/html" };
const COUNTS = [20, 50, 100, 200];

/** Open the window that makes a report of the search. */
export function openReport(search) {
  const reference = h("input", { type: "text", maxLength: 200, autocomplete: "off" });
  const kind = select(Object.keys(KINDS), "marks.report.kind");
  const count = h(
    "select",
    {},
    COUNTS.map((each) => h("option", { value: each, text: String(each) })),
  );
  const trouble = h("div");
  const place = new Place(trouble);
  const form = h(
    "form",
    { class: "stack report" },
    h("p", { class: "quiet", say: "marks.report.lead" }),
    field("marks.report.reference", reference),
    field("marks.report.format", kind),
    field("marks.report.count", count),
    h("div", { class: "row" }, h("button", { type: "submit", class: "primary", say: "marks.report.make" })),
    trouble,
  );
  const dialog = openDialog({ say: "marks.report.title", body: form, closed: () => place.cancel() });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    place.run(async (signal) => {
      const wanted = { reference: reference.value.trim(), limit: Number(count.value), kind: kind.value };
      const made = await make(search, wanted, signal);
      if (signal.aborted) return;
      put(trouble);
      save(made, fileName(wanted));
      dialog.close();
    });
  });
  reference.focus();
}

function make(search, { reference, limit, kind }, signal) {
  const judgements = search.judged.size ? Object.fromEntries(search.judged) : null;
  const members = { reference, limit, language: currentLanguage(), judgements };
  return call("/api/v1/marks/report", { ...search.body(members), accept: KINDS[kind], as: "blob", signal });
}

function fileName({ reference, kind }) {
  const written = reference.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+|-+$/g, "");
  return `${["search-report", written].filter(Boolean).join("-")}.${kind}`;
}

function select(values, key) {
  return h(
    "select",
    {},
    values.map((value) => h("option", { value, say: `${key}.${value}` })),
  );
}

function field(say, control) {
  return h("label", { class: "stack field" }, h("span", { say }), control);
}
