// Work that takes a while, and the place where its outcome will stand: waiting, progress, cancelling, failing.

import { h, put } from "./elements.js";
import { connection } from "./calls.js";
import { t } from "./texts.js";

// Shorter waits are not worth the flicker.
const SKELETON_MILLISECONDS = 300;

/** A region of the page that shows the outcome of the latest work, and one work at a time. */
export class Place {
  /** `region` is emptied whenever its content changes; it is announced to screen readers as it does. */
  constructor(region) {
    this.region = region;
    this._running = null;
    region.setAttribute("aria-live", "polite");
  }

  /**
   * Do `work(signal, tell)` and return what it returns; `tell(done, total)` shows how far it is (`total` may be 1 for a
   * share). Work begun before is cancelled. A failure is shown here with a way to try again, and `undefined` returned:
   * what is to happen with the outcome of another try belongs into `work`.
   */
  async run(work) {
    this.cancel();
    const running = new AbortController();
    this._running = running;
    const before = [...this.region.childNodes];
    const waiting = new Waiting(() => this._giveUp(running, before));
    const timer = setTimeout(() => put(this.region, waiting.element), SKELETON_MILLISECONDS);
    this.region.setAttribute("aria-busy", "true");
    try {
      const outcome = await work(running.signal, (done, total) => waiting.tell(done, total));
      return this._running === running ? outcome : undefined;
    } catch (error) {
      if (this._running !== running || error.name === "AbortError") return undefined;
      put(this.region, failure(error, () => this.run(work)));
      if (!error.code) throw error;
      return undefined;
    } finally {
      clearTimeout(timer);
      if (this._running === running) {
        this._running = null;
        this.region.removeAttribute("aria-busy");
        if (this.region.firstChild === waiting.element) put(this.region, before);
      }
    }
  }

  /** Give up what is being worked on. */
  cancel() {
    this._running?.abort();
    this._running = null;
    this.region.removeAttribute("aria-busy");
  }

  _giveUp(running, before) {
    if (this._running !== running) return;
    this.cancel();
    put(this.region, before);
  }
}

class Waiting {
  constructor(giveUp) {
    this._note = h("p", { class: "quiet", say: "frame.waiting" });
    this._bar = h("progress", { max: 1, label: "frame.waiting" });
    const lines = [1, 2, 3, 4].map(() => h("div", { class: "skeleton" }));
    const cancel = h("button", { type: "button", class: "plain", say: "frame.cancel", on: { click: giveUp } });
    this.element = h("div", { class: "waiting" }, h("div", { class: "row" }, this._note, this._bar, cancel), lines);
  }

  tell(done, total = 1) {
    this._bar.value = total ? done / total : 0;
    this._note.textContent = total > 1 ? t("frame.progress", { done, total }) : t("frame.waiting");
  }
}

/** Show what went wrong: what happened, what to do, and the number to quote; it tries again by itself once that can help. */
export function failure(error, again) {
  const isKnown = Boolean(error.code);
  const box = h(
    "div",
    { class: "failure", role: "alert" },
    h("p", {}, h("strong", { text: isKnown ? reason(error) : t("frame.failure.page") })),
    (error.details ?? []).slice(0, 5).map((each) => h("p", { class: "quiet", text: `${each.pointer}: ${each.message}` })),
    h("p", { say: `frame.advice.${advice(error)}` }),
    h("div", { class: "row" }, button(again), error.correlationId && quotable(error.correlationId)),
  );
  if (error.isAway && again) {
    connection.addEventListener("back", () => box.isConnected && again(), { once: true });
  }
  return box;
}

function button(again) {
  return again && h("button", { type: "button", say: "frame.again", on: { click: again } });
}

function reason(error) {
  if (error.code === "unreachable") return t("frame.failure.unreachable");
  return error.detail || t("frame.failure.unknown");
}

function advice(error) {
  if (error.code === "unreachable") return "unreachable";
  if (error.isAway) return "away";
  if (error.status === 401) return "key";
  if (error.status === 403) return "scope";
  if (error.status === 413) return "smaller";
  if (error.status === 429) return "later";
  return error.status >= 500 || !error.code ? "operator" : "input";
}

function quotable(correlationId) {
  return h(
    "span",
    { class: "quiet row" },
    h("span", { say: "frame.quote" }),
    h("code", { text: correlationId }),
    h("button", { type: "button", class: "plain", say: "frame.copy", on: { click: () => navigator.clipboard.writeText(correlationId) } }),
  );
}

/** Show an empty place: one sentence and, where there is one, an example to try. */
export function emptiness(key, example = null) {
  const tryIt = example && h("button", { type: "button", class: "plain", say: "frame.example", on: { click: example } });
  return h("div", { class: "emptiness" }, h("p", { say: key }), tryIt);
}
