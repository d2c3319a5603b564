// Cuts a long text into calls of bounded size, and counts characters as the server does.

// The first part is short, so that something is there to read at once.
const FIRST_PART = 1500;
const LARGEST_PART = 8000;
const SENTENCE_END = /[.!?;。！？]\s/g;
const SPACE = /\s/g;
const HIGH_SURROGATE = /[\ud800-\udbff]$/;

/** Return the parts of a text, which joined are the text: cut between paragraphs, else sentences, else words. */
export function cut(text) {
  const parts = [];
  for (let start = 0; start < text.length; start += parts.at(-1).length) {
    const most = parts.length ? LARGEST_PART : FIRST_PART;
    const rest = text.slice(start, start + most);
    parts.push(start + most >= text.length ? rest : rest.slice(0, whereToCut(rest)));
  }
  return parts;
}

function whereToCut(rest) {
  const line = rest.lastIndexOf("\n") + 1;
  const place = line || lastEnd(rest, SENTENCE_END) || lastEnd(rest, SPACE);
  return place || rest.length - (HIGH_SURROGATE.test(rest) ? 1 : 0);
}

function lastEnd(text, pattern) {
  return [...text.matchAll(pattern)].reduce((_, found) => found.index + found[0].length, 0);
}

/** Return a function that turns a count of Unicode code points, as the server counts, into an index of this string. */
export function indexes(text) {
  if (!/[\ud800-\udfff]/.test(text)) return (count) => count;
  const starts = [0];
  for (const character of text) starts.push(starts.at(-1) + character.length);
  return (count) => starts[count];
}
