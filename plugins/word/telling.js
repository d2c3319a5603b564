// Does what takes a moment, and tells how it went beside where it was asked for.

import { announce } from "../workbench/announcer.js";
import { put } from "../workbench/elements.js";
import { copy } from "../workbench/files.js";
import { failure } from "../workbench/waiting.js";

/** Do a work; what goes wrong is told in `place`, in which nothing else stands. */
export async function told(work, place) {
  put(place);
  try {
    await work();
  } catch (error) {
    put(place, failure(error, null));
    if (!error.code) throw error;
  }
}

/** Put a text on the clipboard, which Word does not always allow. */
export async function copyAndTell(text) {
  announce((await copy(text)) ? "word.copied" : "word.notCopied");
}
