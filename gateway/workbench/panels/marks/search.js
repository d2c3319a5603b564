// What is searched by and how: the parts of the panel change it here, and every request is made from it.

import { change, follow, setting } from "../../state.js";

export const STRATEGIES = ["shape", "color", "composition", "concept", "combined"];
export const WEIGHED = ["shape", "color", "composition", "concept"];
const ONLY = { text: "concept", palette: "color" };
const MOST_EXAMPLES = 20;
const NO_FILTERS = { niceClass: [], viennaCode: [], status: "", office: "", applicant: "", dateFrom: "", dateTo: "" };

/**
 * A search. Tells of `change` with what changed as `detail`: "subject", "box", "filters", "strategy", "judged", "picture"
 * (that of the subject is there) or "seen".
 *
 * A subject is `{kind: "image", file}`, `{kind: "mark", markId}`, `{kind: "text", text}` or `{kind: "palette", palette}`.
 * Strategy and mix are settings of the page and stand in its address; all else is content and stays here.
 */
export class Search extends EventTarget {
  constructor() {
    super();
    this.subject = null;
    this.box = null;
    this.filters = NO_FILTERS;
    this.judged = new Map();
    this.isRankedByJudged = true;
    this.seen = { status: new Set(), office: new Set() };
    for (const name of ["strategy", "mix"]) follow(name, () => this.changed("strategy"));
  }

  /** Search by something else, all of it; what was judged belonged to what was searched by before. */
  take(subject) {
    this.subject = subject;
    this.box = null;
    this.judged = new Map();
    this.isRankedByJudged = true;
    this.changed("subject");
  }

  setBox(box) {
    this.box = box;
    this.changed("box");
  }

  setFilters(filters) {
    this.filters = { ...this.filters, ...filters };
    this.changed("filters");
  }

  clearFilters() {
    this.setFilters(NO_FILTERS);
  }

  /** Remember what the register says of marks, so that it can be offered where filters are chosen. */
  sawMarks(hits) {
    for (const [name, values] of Object.entries(this.seen)) {
      for (const { metadata } of hits) if (metadata[name]) values.add(metadata[name]);
    }
    this.changed("seen");
  }

  changed(what) {
    this.dispatchEvent(new CustomEvent("change", { detail: what }));
  }

  get hasFilters() {
    return Object.values(this.filters).some((value) => value.length > 0);
  }

  /** Whether hits can be judged: words and colors have no examples. */
  get isJudgeable() {
    return this.subject?.kind === "image" || this.subject?.kind === "mark";
  }

  /** Whether a strategy can answer what is searched by. */
  allows(strategy) {
    const only = ONLY[this.subject?.kind];
    return only === undefined || only === strategy;
  }

  get strategy() {
    const wished = setting("strategy", "combined");
    return ONLY[this.subject?.kind] ?? (STRATEGIES.includes(wished) ? wished : "combined");
  }

  /** The mix of the combined strategy as the examiner set it, or null. */
  get weights() {
    const written = setting("mix").split("-").map(Number);
    const isMix = written.length === WEIGHED.length && written.every((each) => each >= 0 && each <= 100);
    return isMix ? Object.fromEntries(WEIGHED.map((name, place) => [name, written[place]])) : null;
  }

  set weights(weights) {
    change("mix", weights === null ? "" : WEIGHED.map((name) => weights[name]).join("-"));
  }

  /** Return the body of a request, `{form}` or `{json}`, with further members. */
  body(members) {
    const { kind, ...content } = this.subject;
    const asked = kind === "image" ? {} : content;
    const all = { ...asked, ...this._parameters(), ...members };
    const given = Object.fromEntries(
      Object.entries(all).filter(([, value]) => value !== null && value !== "" && value.length !== 0),
    );
    return kind === "image" ? { form: formOf(this.subject.file, given) } : { json: given };
  }

  _parameters() {
    const { kind } = this.subject;
    if (ONLY[kind]) return this.filters;
    const weights = this.strategy === "combined" ? this.weights : null;
    const excludeMarkId = kind === "mark" ? this.subject.markId : null;
    return { ...this.filters, strategy: this.strategy, weights, box: this.box, excludeMarkId, ...this._examples() };
  }

  _examples() {
    const judged = this.isRankedByJudged ? [...this.judged] : [];
    const those = (wanted) => judged.filter(([, isRelevant]) => isRelevant === wanted).map(([markId]) => markId);
    return { like: those(true).slice(-MOST_EXAMPLES), unlike: those(false).slice(-MOST_EXAMPLES) };
  }
}

function formOf(file, fields) {
  const form = new FormData();
  // The name of the file may tell of the case, and is nobody's concern.
  form.append("image", file, "image");
  for (const [name, value] of Object.entries(fields)) {
    for (const each of [value].flat())
      form.append(name, typeof each === "object" ? JSON.stringify(each) : String(each));
  }
  return form;
}
