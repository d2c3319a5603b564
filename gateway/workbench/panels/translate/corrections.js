// What the examiner corrected: kept in the page by its source, and in the office's memory where the key may write there.

import { call } from "../../calls.js";

const MEMORY = "/api/v1/translate/memory";

/** Corrections by language pair and source; tells of `change` with the source that it is about. */
export class Corrections extends EventTarget {
  constructor() {
    super();
    this._all = new Map();
    // Calls go one after another: of two corrections of a segment the later one has to win.
    this._calls = Promise.resolve();
  }

  /**
   * Return the correction of a segment: its `text`, and as `state` whether it is `saving`, `kept` in the memory, `here`
   * in the page only since the key may not write there, or `unsaved` by an `error`.
   */
  of(segment) {
    return this._all.get(name(segment));
  }

  /** Correct a segment, and all others with its source. */
  put(segment, text) {
    const correction = { text, state: "saving", url: this.of(segment)?.url };
    this._set(segment, correction);
    return this._later(async () => {
      try {
        correction.url = (await store(segment, text)) ?? correction.url;
        correction.state = "kept";
      } catch (error) {
        if (!error.code) throw error;
        Object.assign(correction, { state: error.status === 403 ? "here" : "unsaved", error });
      }
      this._tell(segment);
    });
  }

  /** Put back what was there before the examiner's correction, in the memory too; throws Problem where that fails. */
  undo(segment) {
    return this._later(async () => {
      const correction = this.of(segment);
      if (correction?.url) await takeBack(segment, correction.url);
      this._set(segment, undefined);
    });
  }

  _later(work) {
    const done = this._calls.then(work);
    this._calls = done.catch(() => {});
    return done;
  }

  _set(segment, correction) {
    if (correction) this._all.set(name(segment), correction);
    else this._all.delete(name(segment));
    this._tell(segment);
  }

  _tell(segment) {
    this.dispatchEvent(new CustomEvent("change", { detail: name(segment) }));
  }
}

/** Name a segment by what a correction of it holds for. */
export function name({ sourceLanguage, targetLanguage, source }) {
  return JSON.stringify([sourceLanguage, targetLanguage, source.text]);
}

async function store({ sourceLanguage, targetLanguage, source }, target) {
  const json = { sourceLanguage, targetLanguage, segments: [{ source: source.text, target }] };
  const answer = await call(MEMORY, { json, as: "response" });
  return answer.headers.get("Location");
}

async function takeBack(segment, url) {
  // The memory had another translation before: that is what it should have again.
  if (segment.origin === "memory") return store(segment, segment.target.text);
  try {
    return await call(url, { method: "DELETE", as: "response" });
  } catch (error) {
    if (error.status !== 404) throw error;
    return null;
  }
}
