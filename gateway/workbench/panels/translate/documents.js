// Whole documents: sent, watched, fetched, and removed from the server when they have been fetched or are given up.

import { announce } from "../../announcer.js";
import { call, Problem } from "../../calls.js";
import { h, put } from "../../elements.js";
import { save } from "../../files.js";
import { number } from "../../texts.js";
import { failure } from "../../waiting.js";
import { pairName } from "./choice.js";

const OUTPUTS = ["document", "bilingual-html", "tmx"];
const FIRST_PAUSE_MILLISECONDS = 250;
const LONGEST_PAUSE_MILLISECONDS = 3000;
const UNDER_WAY = ["queued", "running"];

/** A document and what becomes of it; `openText` puts a plain text into the panel's field. */
export class TranslatedDocument {
  constructor(file, wishes, openText) {
    this.file = file;
    this.wishes = wishes;
    this.openText = openText;
    this.jobs = new Map();
    this._work = null;
    this.state = h("div", { class: "row state" });
    const pair = wishes.sourceLanguage ? pairName(wishes) : null;
    this.element = h(
      "li",
      { class: "document card" },
      h("div", { class: "row between" }, h("strong", { text: file.name }), pair && h("span", { class: "quiet", text: pair }), button("translate.document.remove", () => this.remove())),
      this.state,
    );
  }

  /** Begin: a plain text may be meant for the field. */
  begin() {
    if (!/\.txt$/i.test(this.file.name)) return this.translate("document");
    put(
      this.state,
      button("translate.document.asDocument", () => this.translate("document")),
      button("translate.document.asText", async () => {
        this.openText(await this.file.text());
        this.element.remove();
      }),
    );
    return undefined;
  }

  /** Translate into one of the outputs; `isFetched` saves it once it is there. */
  async translate(output, { isFetched = false } = {}) {
    this._work?.abort();
    const work = new AbortController();
    this._work = work;
    put(this.state, h("p", { class: "quiet", role: "status", say: "translate.document.sending" }));
    try {
      const job = await this._finished(output, work.signal);
      if (job.status === "failed") throw new Problem({ ...job.problem, status: 422 });
      this._offer("translate.document.done");
      announce(["translate.document.announced", { name: this.file.name }]);
      if (isFetched) await this.fetch(output);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!error.code) throw error;
      put(this.state, failure(error, () => this.translate(output, { isFetched })));
      await this._forget(output);
    }
  }

  /** Save a result as a file, and remove it from the server; one that is not there yet is made first. */
  async fetch(output) {
    const job = this.jobs.get(output);
    if (!job) return this.translate(output, { isFetched: true });
    try {
      const answer = await call(job.resultUrl, { accept: "*/*", as: "response" });
      save(await answer.blob(), this._name(answer.headers.get("Content-Disposition")));
      await this._forget(output);
      this._offer("translate.document.fetched");
    } catch (error) {
      if (!error.code) throw error;
      put(this.state, failure(error, () => this.fetch(output)));
    }
    return undefined;
  }

  /** Take the document out of the list and off the server. */
  async remove() {
    this._work?.abort();
    this.element.remove();
    await Promise.all([...this.jobs.keys()].map((output) => this._forget(output)));
  }

  async _finished(output, signal) {
    let job = this.jobs.get(output) ?? (await call("/api/v1/translate/documents", { form: this._form(output), signal }));
    this.jobs.set(output, job);
    let pause = FIRST_PAUSE_MILLISECONDS;
    while (UNDER_WAY.includes(job.status)) {
      this._showProgress(job);
      await sleep(pause, signal);
      pause = Math.min(pause * 1.5, LONGEST_PAUSE_MILLISECONDS);
      job = await look(job, signal);
      this.jobs.set(output, job);
    }
    return job;
  }

  _form(output) {
    const form = new FormData();
    const { glossaryIds, ...wishes } = { ...this.wishes, output };
    for (const [name, value] of Object.entries(wishes)) if (value !== undefined) form.append(name, value);
    for (const id of glossaryIds) form.append("glossaryIds", id);
    form.append("file", this.file, this.file.name);
    return form;
  }

  _showProgress({ status, progress }) {
    const share = number(progress, { style: "percent", maximumFractionDigits: 0 });
    const said = status === "queued" ? "translate.document.queued" : ["translate.document.running", { share }];
    if (!this._bar?.isConnected) {
      this._bar = h("progress", { max: 1, label: "translate.document.progress" });
      this._note = h("span", { class: "quiet numbers" });
      put(this.state, this._bar, this._note, button("frame.cancel", () => this._cancel()));
    }
    this._bar.value = progress;
    put(this._note, h("span", { say: said }));
  }

  async _cancel() {
    this._work?.abort();
    this._offer("translate.document.cancelled");
    await Promise.all([...this.jobs].filter(([, job]) => UNDER_WAY.includes(job.status)).map(([output]) => this._forget(output)));
  }

  _offer(say) {
    const outputs = OUTPUTS.map((output) => {
      const isThere = this.jobs.get(output)?.status === "succeeded";
      return button(`translate.document.output.${output}`, () => this.fetch(output), isThere ? "primary" : "");
    });
    put(this.state, h("span", { class: "quiet", say }), outputs);
  }

  // Nothing of a document is left on the server; where it is away it removes what is a day old by itself.
  async _forget(output) {
    const job = this.jobs.get(output);
    this.jobs.delete(output);
    if (!job) return;
    try {
      await call(`/api/v1/jobs/${job.id}`, { method: "DELETE" });
    } catch (error) {
      if (!error.code) throw error;
      if (error.status !== 404) announce("translate.document.notRemoved");
    }
  }

  _name(disposition) {
    const ending = /\.([a-z0-9]+)"/.exec(disposition ?? "")?.[1] ?? "bin";
    return `${this.file.name.replace(/\.[^.]*$/, "")}.${this.wishes.targetLanguage}.${ending}`;
  }
}

// A server that is away for a moment goes on with the job when it comes back.
async function look(job, signal) {
  try {
    return await call(`/api/v1/jobs/${job.id}`, { signal });
  } catch (error) {
    if (error.isAway || error.status === 429) return job;
    throw error;
  }
}

function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

function button(say, click, className = "") {
  return h("button", { type: "button", class: className, say, on: { click } });
}
