// The parts of a document and what of them is classified: the service reads the beginning of each, so no more is sent.

export const PARTS = ["title", "abstract", "claims", "description", "text"];

// More than is read of any part, and little enough for the gateway to have a text translated on the way.
const MOST_SENT = 15_000;

/** Return what of a part is sent; a character is never cut in two. */
export function beginning(text) {
  if (text.length <= MOST_SENT) return text;
  const isInsideCharacter = /[\ud800-\udbff]/.test(text[MOST_SENT - 1]);
  return text.slice(0, isInsideCharacter ? MOST_SENT - 1 : MOST_SENT);
}

/** Count the words of some parts; scripts without spaces have about two characters to the word. */
export function countWords(parts) {
  const text = Object.values(parts).join(" ");
  const unspaced = text.match(/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff]/g)?.length ?? 0;
  return (text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0) + Math.floor(unspaced / 2);
}
