// Query and hit side by side at the same zoom, or one over the other; one hit after another.

import { openDialog } from "../../dialog.js";
import { h, put } from "../../elements.js";
import { t } from "../../texts.js";
import { details, scoreTable } from "./details.js";
import { score } from "./grid.js";
import { pictureOfMark } from "./pictures.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
const JUDGING = { "+": true, r: true, "-": false, n: false };

/** Open the window at a hit; `closed(hit)` is told which one was seen last. */
export function openCompare({ search, picture, hits, place, judge, closed }) {
  const compare = new Compare({ search, picture, hits, judge });
  const dialog = openDialog({
    say: "marks.compare.title",
    body: compare.element,
    className: "compare",
    closed: () => closed(compare.leave()),
  });
  dialog.addEventListener("keydown", (event) => compare.pressed(event));
  compare.show(place);
  compare.focus();
}

class Compare {
  constructor({ search, picture, hits, judge }) {
    Object.assign(this, { _search: search, _picture: picture, _hits: hits, _judge: judge });
    this._shown = null;
    this._query = pane("marks.compare.query");
    this._hit = pane("marks.compare.hit");
    this._over = h("div", { class: "paper viewport overlay" });
    this._title = h("p", { class: "title", "aria-live": "polite" });
    this._facts = h("div", { class: "facts" });
    this._judges = [true, false].map((isRelevant) => this._judgeButton(isRelevant));
    const views = h("div", { class: "views" }, this._query.element, this._hit.element, this._over);
    this.element = h("div", { class: "stack" }, this._bar(), this._tools(), views, this._facts);
    this._keepInStep();
    this._arrange();
  }

  async show(place) {
    this._place = Math.min(Math.max(place, 0), this._hits.length - 1);
    const hit = this._hits[this._place];
    this._fetching?.abort();
    this._fetching = new AbortController();
    const { signal } = this._fetching;
    this._tell(hit);
    const shown = await pictureOfMark(hit.markId, signal).catch(() => null);
    if (signal.aborted) return shown?.letGo();
    this._shown?.letGo();
    this._shown = shown;
    this._draw(hit);
  }

  focus() {
    (this._next.disabled ? this._before : this._next).focus();
  }

  /** Let go of what was fetched; return the hit that was shown. */
  leave() {
    this._fetching.abort();
    this._shown?.letGo();
    return this._hits[this._place];
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isSliding = event.target.type === "range";
    if (event.key in STEPS && !isSliding) return handled(event, () => this.show(this._place + STEPS[event.key]));
    if (event.key in JUDGING && this._search.isJudgeable) handled(event, () => this._judged(JUDGING[event.key]));
  }

  _tell(hit) {
    const name = hit.metadata.name ?? hit.markId;
    this._title.textContent = t("marks.compare.place", {
      place: this._place + 1,
      count: this._hits.length,
      name,
      score: score(hit.score),
    });
    this._before.disabled = this._place === 0;
    this._next.disabled = this._place === this._hits.length - 1;
    put(this._facts, scoreTable(hit, this._hits[0]), details(hit));
    this._press();
  }

  _draw(hit) {
    const [asked, found] = [this._picture, this._shown];
    const isAligned = this._aligned.checked;
    this._drawInto(this._query.view, asked, isAligned ? hit.queryBox : null);
    this._drawInto(this._hit.view, found, isAligned ? hit.matchedBox : null);
    put(this._over);
    if (!asked?.url || !found?.url) return;
    const top = drawing(found, hit.matchedBox ?? null);
    top.classList.add("top");
    put(this._over, drawing(asked, hit.queryBox ?? null), top);
  }

  _drawInto(view, picture, box) {
    put(view, picture?.url ? drawing(picture, box) : subject(this._search.subject, view === this._query.view));
  }

  _bar() {
    this._before = h("button", {
      type: "button",
      text: "←",
      label: "marks.compare.before",
      hint: "marks.compare.before",
      on: { click: () => this.show(this._place - 1) },
    });
    this._next = h("button", {
      type: "button",
      text: "→",
      label: "marks.compare.next",
      hint: "marks.compare.next",
      on: { click: () => this.show(this._place + 1) },
    });
    return h(
      "div",
      { class: "row between" },
      h("div", { class: "row" }, this._before, this._next, this._title),
      h("div", { class: "row" }, this._search.isJudgeable && this._judges),
    );
  }

  _judgeButton(isRelevant) {
    const key = isRelevant ? "relevant" : "notRelevant";
    const sign = h("span", { text: isRelevant ? "✓ " : "✕ ", "aria-hidden": "true" });
    return h(
      "button",
      { type: "button", data: { judge: String(isRelevant) }, on: { click: () => this._judged(isRelevant) } },
      sign,
      h("span", { say: `marks.judge.${key}` }),
    );
  }

  _judged(isRelevant) {
    this._judge(this._hits[this._place], isRelevant);
    this._press();
  }

  _press() {
    const judged = String(this._search.judged.get(this._hits[this._place].markId));
    for (const button of this._judges) button.setAttribute("aria-pressed", String(button.dataset.judge === judged));
  }

  _tools() {
    const canLay = Boolean(this._picture?.url);
    this._laid = h("input", { type: "checkbox", disabled: !canLay, on: { change: () => this._arrange() } });
    this._aligned = h("input", {
      type: "checkbox",
      checked: true,
      on: { change: () => this._draw(this._hits[this._place]) },
    });
    this._opacity = h("input", { type: "range", min: 0, max: 100, value: 50, on: { input: () => this._arrange() } });
    this._zoom = h("input", {
      type: "range",
      min: 1,
      max: 6,
      step: 0.25,
      value: 1,
      on: { input: () => this._arrange() },
    });
    this._opacityLabel = label("marks.compare.opacity", this._opacity);
    return h(
      "div",
      { class: "row tools-of-compare" },
      label("marks.compare.zoom", this._zoom),
      label("marks.compare.align", this._aligned),
      label("marks.compare.overlay", this._laid),
      this._opacityLabel,
    );
  }

  _arrange() {
    const isLaid = this._laid.checked;
    this._query.element.hidden = this._hit.element.hidden = isLaid;
    this._over.hidden = this._opacityLabel.hidden = !isLaid;
    this.element.style.setProperty("--opacity", this._opacity.value / 100);
    this.element.style.setProperty("--zoom", this._zoom.value);
  }

  // What is looked at in the one is looked at in the other.
  _keepInStep() {
    const views = [this._query.view, this._hit.view];
    views.forEach((view, each) => {
      const other = views[1 - each];
      view.addEventListener("scroll", () => other.scrollTo(view.scrollLeft, view.scrollTop), { passive: true });
    });
  }
}

/** Draw a picture in the middle of a square so that a part of it, or all, fills the square. */
function drawing({ url, width, height }, box) {
  const part = box ?? { x: 0, y: 0, width, height };
  const side = Math.max(part.width, part.height);
  const css = {
    "--drawn-width": width / side,
    "--drawn-height": height / side,
    "--drawn-x": 0.5 - (part.x + part.width / 2) / side,
    "--drawn-y": 0.5 - (part.y + part.height / 2) / side,
  };
  return h("span", { class: "drawing" }, h("img", { src: url, alt: "", draggable: false, css }));
}

function subject(searched, isQuery) {
  if (isQuery && searched.kind === "text") return h("p", { class: "words", text: searched.text });
  if (isQuery && searched.kind === "palette")
    return h(
      "p",
      { class: "row words" },
      searched.palette.map((color) => h("span", { class: "color", css: { "--color": color }, title: color })),
    );
  return h("p", { class: "words", say: isQuery ? "marks.input.notShown" : "marks.hits.noPicture" });
}

function pane(say) {
  const view = h("div", { class: "paper viewport", tabIndex: 0, role: "group", label: say });
  return { view, element: h("figure", {}, h("figcaption", { class: "quiet", say }), view) };
}

function label(say, field) {
  return h("label", { class: "row" }, field, h("span", { say }));
}

function handled(event, act) {
  event.preventDefault();
  act();
}
