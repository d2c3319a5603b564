// Holds the place of the panel translate.

import { h } from "../elements.js";

/** Build the panel. */
export async function createPanel() {
  const input = h("button", { type: "button", text: "translate" });
  return { element: h("section", { class: "panel" }, input), input };
}
