// Asks for an API key, once a page: it is kept in memory and nowhere else.

import { call, connection, Problem, useKey } from "./calls.js";
import { openDialog } from "./dialog.js";
import { h, put } from "./elements.js";
import { failure } from "./waiting.js";

/** Show the form of sign-in in the page and return who the key belongs to, once one is taken. */
export function signIn(page) {
  return new Promise((resolve) => {
    const form = keyForm(resolve);
    put(page, h("section", { class: "sign-in" }, h("h1", { say: "frame.signIn.title" }), h("p", { say: "frame.signIn.lead" }), form));
    form.querySelector("input").focus();
  });
}

/** Ask again whenever the key is refused, over the page, so that nothing typed is lost. */
export function askAgainWhenRefused() {
  let isAsking = false;
  connection.addEventListener("refused", () => {
    if (isAsking) return;
    isAsking = true;
    const form = keyForm(() => dialog.close());
    const body = h("div", {}, h("p", { say: "frame.signIn.refused" }), form);
    const dialog = openDialog({ say: "frame.signIn.title", body, closed: () => (isAsking = false) });
    form.querySelector("input").focus();
  });
}

function keyForm(done) {
  // No field of the page is kept or completed by the browser.
  const field = h("input", { type: "password", id: "api-key", autocomplete: "off", required: true, spellcheck: false });
  const button = h("button", { type: "submit", class: "primary", say: "frame.signIn.button" });
  const trouble = h("div", { "aria-live": "polite" });
  const form = h("form", { class: "key-form" }, h("label", { htmlFor: "api-key", say: "frame.signIn.key" }), field, button, trouble);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    await tryKey(field.value.trim(), trouble, done);
    button.disabled = false;
  });
  return form;
}

async function tryKey(secret, trouble, done) {
  useKey(null);
  put(trouble);
  try {
    // Headers hold no other characters; a key has none of them.
    if (!/^[\x21-\x7e]+$/.test(secret)) throw new Problem({ code: "api-key-unknown", status: 401 });
    const caller = await call("/api/v1/caller", { secret });
    useKey(secret);
    done(caller);
  } catch (error) {
    put(trouble, failure(error, null));
  }
}
