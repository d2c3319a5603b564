// Tells at the head of the page that the server cannot be reached, for as long as that is so.

import { connection } from "./calls.js";
import { h, put } from "./elements.js";

/** Make the banner; it is hidden while all is well. */
export function banner() {
  const element = h("p", { class: "banner", role: "alert", hidden: true });
  connection.addEventListener("away", () => {
    put(element, h("span", { say: "frame.away" }));
    element.hidden = false;
  });
  connection.addEventListener("back", () => {
    element.hidden = true;
  });
  return element;
}
