// The answer to a search: how many, the hits, more of them, what was judged, the report.

import { call } from "../../calls.js";
import { h, put } from "../../elements.js";
import { credit } from "../../frame.js";
import { emptiness, Place } from "../../waiting.js";
import { openCompare } from "./compare.js";
import { Grid } from "./grid.js";
import { openReport } from "./report.js";

const FIRST = 20;
const MORE = 60;
const MOST = 200;

/** The right side of the panel. */
export class Results {
  constructor({ search, input, judgements, when }) {
    Object.assign(this, { _search: search, _input: input, _judgements: judgements });
    this._status = h("div", { class: "marks-status" });
    this._place = new Place(this._status);
    this._grid = new Grid({
      search,
      when,
      open: (place) => this._compare(place),
      judge: (hit, isRelevant) => judgements.judge(hit, isRelevant),
    });
    this._empty = h("div");
    this._more = h("button", {
      type: "button",
      say: "marks.hits.more",
      hidden: true,
      on: { click: () => this._fetchMore() },
    });
    this._moreTrouble = h("div");
    this._morePlace = new Place(this._moreTrouble);
    this._report = h("button", {
      type: "button",
      say: "marks.report.open",
      hidden: true,
      on: { click: () => openReport(search) },
    });
    this._judged = this._judgedBar();
    this._keepGoing = new IntersectionObserver(([entry]) => entry.isIntersecting && this._fetchMore(), {
      rootMargin: "300px",
    });
    this.element = h(
      "div",
      { class: "stack" },
      h("div", { class: "row between" }, this._status, this._report),
      this._judged,
      this._grid.element,
      this._empty,
      this._moreTrouble,
      h("div", { class: "row more" }, this._more),
    );
    search.addEventListener("change", ({ detail }) => this._changed(detail));
    put(this._empty, this._invitation());
  }

  /** Search anew. */
  async run() {
    if (!this._search.subject) return;
    this._morePlace.cancel();
    put(this._moreTrouble);
    this._keepGoing.disconnect();
    this._more.hidden = true;
    if (!(await this._place.run((signal) => this._fetch(signal)))) this._left();
  }

  async _fetch(signal) {
    this._grid.element.classList.add("stale");
    const answer = await this._ask(0, FIRST, signal);
    if (signal.aborted) return false;
    this._tell(answer);
    return true;
  }

  // Given up, failed, or overtaken by a search that will tell by itself.
  _left() {
    if (this._status.getAttribute("aria-busy")) return;
    const hasFailed = this._status.querySelector(".failure") !== null;
    this._grid.element.classList.remove("stale");
    // What was found before does not belong to what is searched by now.
    if (hasFailed) this._grid.show([]);
    if (hasFailed) put(this._empty);
    this._report.hidden = this._grid.hits.length === 0;
    this._showMore();
  }

  _tell(answer) {
    this._answer = answer;
    credit("marks", [answer.model]);
    this._grid.element.classList.remove("stale");
    this._grid.show(answer.hits);
    this._search.sawMarks(answer.hits);
    this._report.hidden = answer.hits.length === 0;
    put(this._status, this._summary(answer));
    put(this._empty, answer.hits.length === 0 && this._nothing());
    this._showMore();
  }

  _changed(what) {
    this._showJudged();
    if (["picture", "seen"].includes(what)) return;
    if (what !== "judged" || this._search.isRankedByJudged) this.run();
  }

  _ask(offset, limit, signal) {
    return call("/api/v1/marks/search", { ...this._search.body({ offset, limit }), signal });
  }

  _summary({ count, hits, strategy, understood, waiting }) {
    const values = { shown: this._grid.hits.length, count };
    return [
      h(
        "p",
        {},
        hits.length > 0 && h("span", { say: ["marks.hits.found", values] }),
        hits.length > 0 && " · ",
        hits.length > 0 && h("span", { say: `marks.strategy.by.${strategy}` }),
      ),
      understood?.names.length > 0 &&
        h("p", {
          class: "quiet",
          say: [
            understood.approximate ? "marks.hits.nearly" : "marks.hits.understood",
            { names: understood.names.join(", ") },
          ],
        }),
      waiting && h("p", { class: "quiet", say: ["marks.hits.waiting", { count: waiting }] }),
    ];
  }

  _nothing() {
    if (!this._search.hasFilters) return h("div", { class: "emptiness" }, h("p", { say: "marks.hits.emptyRegister" }));
    const clear = h("button", {
      type: "button",
      say: "marks.filter.clear",
      on: { click: () => this._search.clearFilters() },
    });
    return h("div", { class: "emptiness" }, h("p", { say: "marks.hits.none" }), clear);
  }

  _invitation() {
    return emptiness("marks.empty", () =>
      this._place.run(async () => {
        const isFound = await this._input.takeExample();
        if (!isFound) put(this._empty, h("div", { class: "emptiness" }, h("p", { say: "marks.hits.emptyRegister" })));
      }),
    );
  }

  _showMore() {
    const shown = this._grid.hits.length;
    const isMore = shown > 0 && shown < Math.min(this._answer.count, MOST);
    this._more.hidden = !isMore;
    this._keepGoing.disconnect();
    if (isMore) this._keepGoing.observe(this._more);
  }

  async _fetchMore() {
    if (this._moreTrouble.getAttribute("aria-busy") || this._more.hidden) return;
    this._keepGoing.disconnect();
    await this._morePlace.run(async (signal) => {
      const offset = this._grid.hits.length;
      const { hits } = await this._ask(offset, Math.min(MORE, MOST - offset), signal);
      if (signal.aborted) return;
      put(this._moreTrouble);
      this._grid.add(hits);
      put(this._status, this._summary(this._answer));
      this._showMore();
    });
  }

  _judgedBar() {
    this._judgedText = h("span");
    this._ranked = h("input", { type: "checkbox", on: { change: () => this._rank(this._ranked.checked) } });
    const clear = h("button", {
      type: "button",
      class: "plain",
      say: "marks.judge.clear",
      on: { click: () => this._judgements.clear() },
    });
    return h(
      "div",
      { class: "row judged-bar", hidden: true },
      this._judgedText,
      h("label", { class: "row" }, this._ranked, h("span", { say: "marks.judge.rank" })),
      clear,
      !this._judgements.isKept && h("span", { class: "quiet", say: "marks.judge.notAllowed" }),
    );
  }

  _rank(isRanked) {
    this._search.isRankedByJudged = isRanked;
    this.run();
  }

  _showJudged() {
    const { judged } = this._search;
    this._judged.hidden = judged.size === 0;
    this._ranked.checked = this._search.isRankedByJudged;
    const relevant = [...judged.values()].filter(Boolean).length;
    put(this._judgedText, h("span", { say: ["marks.judge.judged", { relevant, not: judged.size - relevant }] }));
    this._grid.showJudged();
  }

  _compare(place) {
    openCompare({
      search: this._search,
      picture: this._input.picture,
      hits: [...this._grid.hits],
      place,
      judge: (hit, isRelevant) => this._judgements.judge(hit, isRelevant),
      closed: (last) => this._grid.focusOn(last.markId),
    });
  }
}
