// Pieces of a paragraph and the markup in which they are sent to be translated and come back.

/** What is kept of the formatting of letters, by Word's names. */
export const MARKS = ["bold", "italic", "underline", "subscript", "superscript"];

const TAGS = { bold: "b", italic: "i", underline: "u", subscript: "sub", superscript: "sup" };
const NAMES = Object.fromEntries(MARKS.map((name) => [TAGS[name], name]));
const SIGNS = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

/** Return the text of pieces. */
export function joined(pieces) {
  return pieces.map((piece) => piece.text).join("");
}

/** Tell whether a paragraph needs no markup to keep its formatting. */
export function isPlain(pieces) {
  return pieces.length === 1;
}

/** Write pieces as HTML, but for the white space before them, which has no meaning there. */
export function written(pieces) {
  const [first, ...rest] = pieces;
  return [{ ...first, text: first.text.trimStart() }, ...rest].map(tagged).join("");
}

/** Read pieces from HTML that is made of their tags; `before` is white space to begin with. */
export function read(html, before) {
  const pieces = [];
  const open = new Map(MARKS.map((name) => [name, 0]));
  for (const [, slash, tag, text] of html.matchAll(/<(\/?)([a-z]+)[^>]*>|([^<]+)/g)) {
    const name = NAMES[tag];
    if (text || tag === "br") add(pieces, { text: text ? unescaped(text) : "\v", ...marksOf(open) });
    else if (name) open.set(name, Math.max(0, open.get(name) + (slash ? -1 : 1)));
  }
  if (pieces.length) pieces[0].text = before + pieces[0].text;
  return pieces.length ? pieces : [{ text: before }];
}

/** Return the white space that pieces begin with. */
export function indent(pieces) {
  return /^\s*/.exec(joined(pieces))[0];
}

/** Return the elements of HTML that show a piece, the outermost first. */
export function tagsOf(piece) {
  return MARKS.filter((name) => piece[name]).map((name) => TAGS[name]);
}

function tagged(piece) {
  const tags = tagsOf(piece);
  const opening = tags.map((tag) => `<${tag}>`).join("");
  return `${opening}${escaped(piece.text)}${tags.reverse().map((tag) => `</${tag}>`).join("")}`;
}

function marksOf(open) {
  return Object.fromEntries([...open].map(([name, depth]) => [name, depth > 0]));
}

function add(pieces, piece) {
  const last = pieces.at(-1);
  if (last && MARKS.every((name) => last[name] === piece[name])) last.text += piece.text;
  else pieces.push(piece);
}

function escaped(text) {
  // Word ends a line inside a paragraph with a vertical tab.
  return text.replace(/[&<>\v]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", "\v": "<br>" })[sign]);
}

function unescaped(text) {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return SIGNS[name] ?? whole;
    return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
