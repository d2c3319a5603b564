// The hits as a grid of equal white squares: looked through by keys, opened, judged.

import { h, put } from "../../elements.js";
import { bind } from "../../keys.js";
import { number } from "../../texts.js";
import { WEIGHED } from "./search.js";
import { Thumbnails } from "./thumbnails.js";

/** Scores are shares with two places in the page's language. */
export function score(value) {
  return number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** The grid; `open(place)` shows a hit large, `judge(hit, isRelevant)` takes what the examiner says of it. */
export class Grid {
  constructor({ search, open, judge, when }) {
    this._search = search;
    this._open = open;
    this._judge = judge;
    this._thumbnails = new Thumbnails();
    this.hits = [];
    this.element = h("ul", {
      class: "hits",
      label: "marks.hits.title",
      on: { keydown: (event) => this._pressed(event), focusin: (event) => this._entered(event) },
    });
    const judged = (isRelevant) => () => this._current && search.isJudgeable && this._judge(this._current, isRelevant);
    bind({ key: " ", say: "marks.keys.compare", when });
    for (const key of ["+", "r"]) bind({ key, say: "marks.keys.relevant", when, run: judged(true) });
    for (const key of ["-", "n"]) bind({ key, say: "marks.keys.notRelevant", when, run: judged(false) });
  }

  /** Show other hits; the focus stays with the mark that has it. */
  show(hits) {
    const focused = this._current?.markId;
    // Who works with the pointer is looking at a place of the list, who works with keys at a mark.
    const preventScroll = !document.activeElement?.matches(":focus-visible");
    this._thumbnails.keepOnly(hits.map((hit) => hit.markId));
    this.hits = [];
    put(this.element);
    this.add(hits);
    if (focused) this.focusOn(focused, { preventScroll });
  }

  /** Show more hits behind those there are. */
  add(hits) {
    this.element.append(...hits.map((hit, place) => this._card(hit, this.hits.length + place)));
    this.hits.push(...hits);
    this._rove(this._place() ?? 0);
  }

  /** Put the focus on a mark, or on the first where it is not among the hits any more. */
  focusOn(markId, how) {
    this._focus(
      Math.max(
        0,
        this.hits.findIndex((hit) => hit.markId === markId),
      ),
      how,
    );
  }

  _focus(place, how) {
    this.element.children[place]?.querySelector(".open").focus(how);
  }

  /** Show what was judged. */
  showJudged() {
    this.hits.forEach((hit, place) => this._press(this.element.children[place], hit.markId));
  }

  get _current() {
    const place = this._place();
    return place === null ? undefined : this.hits[place];
  }

  _place() {
    const card = document.activeElement?.closest?.(".hit");
    return card && this.element.contains(card) ? [...this.element.children].indexOf(card) : null;
  }

  _card(hit, place) {
    const { metadata, markId } = hit;
    const told = [markId, metadata.status].filter(Boolean).join(" · ");
    const open = h(
      "button",
      {
        type: "button",
        class: "open",
        tabIndex: -1,
        label: ["marks.hits.open", { place: place + 1, name: metadata.name ?? markId, score: score(hit.score) }],
        on: { click: () => this._open(place) },
      },
      this._thumbnails.square(hit),
      h("span", { class: "scores" }, scoresOf(hit)),
    );
    const card = h(
      "li",
      { class: "hit" },
      open,
      h("strong", { class: "name", text: metadata.name ?? markId, title: metadata.name ?? markId }),
      h("span", { class: "quiet line number numbers", text: told, title: told }),
      h(
        "span",
        { class: "quiet line numbers" },
        metadata.niceClasses.length > 0 &&
          h("span", { say: ["marks.hits.nice", { classes: metadata.niceClasses.join(", ") }] }),
      ),
      h(
        "span",
        { class: "row between foot-of-hit" },
        h(
          "span",
          { class: "row measured" },
          h("span", { class: "bar", css: { "--share": hit.score } }),
          h("span", { class: "numbers", text: score(hit.score) }),
        ),
        this._judges(hit),
      ),
    );
    this._press(card, markId);
    return card;
  }

  _judges(hit) {
    if (!this._search.isJudgeable) return null;
    const name = hit.metadata.name ?? hit.markId;
    const judge = (isRelevant, sign, key) =>
      h("button", {
        type: "button",
        class: "judge",
        tabIndex: -1,
        text: sign,
        data: { judge: String(isRelevant) },
        label: [`marks.judge.${key}Of`, { name }],
        hint: `marks.judge.${key}`,
        on: { click: () => this._judge(hit, isRelevant) },
      });
    return h("span", { class: "judges" }, judge(true, "✓", "relevant"), judge(false, "✕", "notRelevant"));
  }

  _press(card, markId) {
    const judged = this._search.judged.get(markId);
    card.dataset.judged = String(judged ?? "");
    for (const button of card.querySelectorAll(".judge"))
      button.setAttribute("aria-pressed", String(button.dataset.judge === String(judged)));
  }

  // One hit at a time can be reached by Tab, the others by arrows: two hundred stops would be a wall.
  _rove(place) {
    [...this.element.children].forEach((card, each) => {
      for (const button of card.querySelectorAll("button")) button.tabIndex = each === place ? 0 : -1;
    });
  }

  _entered() {
    const place = this._place();
    if (place !== null) this._rove(place);
  }

  _pressed(event) {
    const place = this._place();
    if (place === null || event.ctrlKey || event.altKey || event.metaKey) return;
    const next = {
      ArrowRight: place + 1,
      ArrowLeft: place - 1,
      ArrowDown: place + this._columns(),
      ArrowUp: place - this._columns(),
      Home: 0,
      End: this.hits.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this._focus(Math.min(Math.max(next, 0), this.hits.length - 1));
  }

  _columns() {
    return getComputedStyle(this.element).gridTemplateColumns.split(" ").length;
  }
}

function scoresOf({ scores }) {
  const known = [...WEIGHED, "words"].filter((name) => scores[name] !== undefined);
  return known.map((name) =>
    h(
      "span",
      { class: "row between" },
      h("span", { say: `marks.strategy.${name}` }),
      h("span", { class: "numbers", text: score(scores[name]) }),
    ),
  );
}
