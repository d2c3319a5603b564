// Records what the examiner decided, for later training and evaluation; it can be undone right after.

import { announce } from "../../announcer.js";
import { call } from "../../calls.js";
import { h, put } from "../../elements.js";
import { Place } from "../../waiting.js";

const PATH = "/api/v1/classify/feedback";
const STORED_ANEW = 201;

/** Build the form; `decided()` gives what to record: the parts, `language`, `predicted` and `assigned`. */
export function decisionForm(decided) {
  const outcome = new Place(h("div"));
  const number = h("input", { type: "text", label: "classify.decision.number", placeholder: "classify.decision.number", maxLength: 128, autocomplete: "off" });
  const submit = (event) => {
    event.preventDefault();
    const documentId = number.value.trim();
    record(outcome, { ...decided(), ...(documentId && { documentId }) });
  };
  return h(
    "form",
    { class: "stack decision", on: { submit } },
    h("div", { class: "row" }, number, h("button", { type: "submit", class: "primary", say: "classify.decision.record" }), h("p", { class: "quiet", say: "classify.decision.stores" })),
    outcome.region,
  );
}

function record(outcome, decision) {
  return outcome.run(async (signal) => {
    const answer = await call(PATH, { json: decision, as: "response", signal });
    const { id } = await answer.json();
    const undo = h("button", { type: "button", class: "plain", say: "classify.decision.undo", on: { click: () => remove(outcome, id) } });
    const say = answer.status === STORED_ANEW ? "classify.decision.recorded" : "classify.decision.wasRecorded";
    put(outcome.region, h("p", { class: "row done" }, h("span", { say }), undo));
    undo.focus();
  });
}

function remove(outcome, id) {
  return outcome.run(async (signal) => {
    await call(`${PATH}/${id}`, { method: "DELETE", signal });
    put(outcome.region);
    announce("classify.decision.removed");
  });
}
