// What an examiner says of hits: it re-ranks the list, and is kept as feedback until it is taken back.

import { announce } from "../../announcer.js";
import { call } from "../../calls.js";
import { sha256 } from "./digest.js";

const FEEDBACK = "/api/v1/marks/feedback";

/** Judgements of a search; `isKept` tells whether the key allows feedback. */
export class Judgements {
  constructor(search, isKept) {
    this._search = search;
    this.isKept = isKept;
    this._stored = new Map();
    // One after another, so that what is taken back has been stored before.
    this._last = Promise.resolve();
    search.addEventListener("change", (event) => event.detail === "subject" && (this._stored = new Map()));
  }

  /** Take a judgement; said again it is taken back. */
  judge(hit, isRelevant) {
    const { judged } = this._search;
    const isTakenBack = judged.get(hit.markId) === isRelevant;
    // The latest count where there are more than a search may name.
    judged.delete(hit.markId);
    if (!isTakenBack) judged.set(hit.markId, isRelevant);
    this._search.changed("judged");
    this._keep(hit.markId, isTakenBack ? null : isRelevant);
  }

  /** Take all judgements back. */
  clear() {
    const markIds = [...this._search.judged.keys()];
    this._search.judged.clear();
    this._search.changed("judged");
    for (const markId of markIds) this._keep(markId, null);
  }

  _keep(markId, isRelevant) {
    if (!this.isKept) return;
    const { subject, strategy } = this._search;
    const stored = this._stored;
    this._last = this._last
      .then(() => replace({ subject, strategy, stored, markId, isRelevant }))
      .catch((error) => {
        if (!error.code) throw error;
        announce("marks.judge.notKept");
      });
  }
}

async function replace({ subject, strategy, stored, markId, isRelevant }) {
  const former = stored.get(markId);
  if (former) {
    await call(`${FEEDBACK}/${former}`, { method: "DELETE" });
    stored.delete(markId);
  }
  if (isRelevant === null) return;
  const searchedBy = subject.kind === "mark" ? { markId: subject.markId } : { imageSha256: await digestOnce(subject) };
  const kept = await call(FEEDBACK, { json: { ...searchedBy, hitMarkId: markId, relevant: isRelevant, strategy } });
  stored.set(markId, kept.id);
}

const digests = new WeakMap();

function digestOnce(subject) {
  if (!digests.has(subject)) digests.set(subject, sha256(subject.file));
  return digests.get(subject);
}
