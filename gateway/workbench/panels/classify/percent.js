// Shares as people read them.

import { number } from "../../texts.js";

const LEAST = 0.01;

/** Write a share in percent; what is not nothing is not written as nothing. */
export function percent(share) {
  const shown = number(Math.max(share, LEAST), { style: "percent" });
  return share < LEAST ? `<${shown}` : shown;
}
