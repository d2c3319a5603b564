// Reads the Word document and writes into it; what Word refuses comes back as a sentence for a person.

import { t } from "../workbench/texts.js";
import { MARKS, joined } from "./formatting.js";

const REASONS = {
  AccessDenied: "locked",
  NotAllowed: "locked",
  ItemNotFound: "gone",
  SearchDialogIsOpen: "searching",
  SearchStringInvalidOrTooLong: "notFound",
};
const FORMAT = ["text", ...MARKS.map((name) => `font/${name}`)];
// What stands in a paragraph beside its letters, and would go if these were written anew, as OOXML names it.
const BESIDE_LETTERS = [
  ...["w:drawing", "w:pict", "w:object", "m:oMath", "w:fldChar", "w:fldSimple", "w:hyperlink", "w:sdt"],
  ...["w:footnoteReference", "w:endnoteReference", "w:commentReference", "w:ins", "w:del"],
];

/** What Word, or the document as it is, stands in the way of. */
export class DocumentTrouble extends Error {
  constructor(name) {
    super(name);
    this.code = `word-${name}`;
    this.name = "DocumentTrouble";
  }

  /** The sentence that tells of it. */
  get detail() {
    return t(`word.trouble.${this.code.slice("word-".length)}`);
  }
}

/** Whether this Word can add comments. */
export function takesComments() {
  return Office.context.requirements.isSetSupported("WordApi", "1.4");
}

/** Return the selected text, or that of the whole document where nothing is selected. */
export function readText() {
  return inWord(async (context) => {
    const selection = context.document.getSelection();
    selection.load("text");
    await context.sync();
    if (selection.text.trim()) return { text: lines(selection.text), isSelection: true };
    const { body } = context.document;
    body.load("text");
    await context.sync();
    return { text: lines(body.text), isSelection: false };
  });
}

/** Write a text behind the selection, or at the cursor. */
export function insertText(text) {
  return inWord(async (context) => {
    context.document.getSelection().insertText(text, "After");
    await context.sync();
  });
}

/** Add a comment to the selection. */
export function insertComment(text) {
  return inWord(async (context) => {
    context.document.getSelection().insertComment(text);
    await context.sync();
  });
}

/** Select where a phrase stands in the document, one place after another; return whether it stands there. */
export function showPhrase(phrase, turn) {
  return inWord(async (context) => {
    const found = context.document.body.search(phrase, { matchCase: false });
    found.load("items");
    await context.sync();
    if (!found.items.length) return false;
    found.items[turn % found.items.length].select();
    await context.sync();
    return true;
  });
}

/**
 * Return the paragraphs of the selection, or of the document where nothing is selected, each as pieces that are
 * formatted alike: `[{ text, bold, italic, … }]`.
 */
export function readParagraphs() {
  return inWord(async (context) => (await units(context)).map((unit) => unit.pieces));
}

/**
 * Write translations where the paragraphs stand that were read, `beneath` each or in its place.
 *
 * Nothing is written where the selection has changed since. A paragraph with pictures, notes or links is never
 * replaced: its translation goes beneath. Returns how many were `replaced` and how many stand `beneath`.
 */
export function writeParagraphs(read, translated, beneath) {
  return inWord(async (context) => {
    const now = await units(context);
    const isSame = now.length === read.length && now.every((unit, i) => joined(unit.pieces) === joined(read[i]));
    if (!isSame) throw new DocumentTrouble("changed");
    const fragile = beneath ? now.map(() => true) : await holdMoreThanLetters(context, now);
    now.forEach((unit, i) => (fragile[i] ? addBeneath : replace)(unit, translated[i]));
    await context.sync();
    const below = fragile.filter(Boolean).length;
    return { replaced: now.length - below, beneath: below };
  });
}

async function inWord(work) {
  try {
    return await Word.run(work);
  } catch (error) {
    if (error instanceof OfficeExtension.Error) throw new DocumentTrouble(REASONS[error.code] ?? "other");
    throw error;
  }
}

function lines(text) {
  return text.replace(/\r\n?|\v/g, "\n");
}

async function units(context) {
  const found = await parts(context);
  const mixed = found.filter(({ range }) => isMixed(range.font));
  const words = await spans(context, mixed.map(({ range }) => range), (range) => range.getTextRanges([" "], false));
  const broken = words.flat().filter((word) => isMixed(word.font));
  const letters = await spans(context, broken, (word) => word.search("?", { matchWildcards: true }));
  const inside = new Map(broken.map((word, i) => [word, letters[i]]));
  return found.map((unit) => {
    const own = words[mixed.indexOf(unit)] ?? [unit.range];
    return { ...unit, pieces: pieces(unit.range, own, inside) };
  });
}

/** The ranges to translate, each within one paragraph, with the formatting that all of it has. */
async function parts(context) {
  const selection = context.document.getSelection();
  selection.load("text");
  await context.sync();
  const isSelection = selection.text.trim() !== "";
  const { paragraphs } = isSelection ? selection : context.document.body;
  paragraphs.load("items");
  await context.sync();
  const all = paragraphs.items.map((paragraph) => {
    const whole = paragraph.getRange("Content");
    const range = isSelection ? whole.intersectWithOrNullObject(selection) : whole;
    range.load(["isNullObject", ...FORMAT]);
    return { paragraph, range };
  });
  await context.sync();
  return all.filter(({ range }) => !range.isNullObject && range.text.trim());
}

async function spans(context, ranges, split) {
  const all = ranges.map(split);
  for (const each of all) each.load(FORMAT.map((name) => `items/${name}`));
  if (all.length) await context.sync();
  return all.map((each) => each.items);
}

/** Join what is formatted alike. Where Word counts its parts otherwise than its text, the letters win over the marks. */
function pieces(range, words, inside) {
  const found = words.flatMap((word) => {
    const letters = inside.get(word) ?? [word];
    return joined(letters) === word.text ? letters : [word];
  });
  if (joined(found) !== range.text) return [piece(range)];
  const together = [];
  for (const each of found.map(piece)) {
    const last = together.at(-1);
    if (last && MARKS.every((name) => last[name] === each[name])) last.text += each.text;
    else together.push(each);
  }
  return together;
}

function piece({ text, font }) {
  const has = (name) => (name === "underline" ? !["None", "Mixed"].includes(font.underline) : font[name] === true);
  return { text, ...Object.fromEntries(MARKS.map((name) => [name, has(name)])) };
}

function isMixed(font) {
  return MARKS.some((name) => font[name] === null || font[name] === "Mixed");
}

async function holdMoreThanLetters(context, all) {
  const inside = all.map(({ range }) => range.getOoxml());
  await context.sync();
  const beside = new RegExp(`<(?:${BESIDE_LETTERS.join("|")})[ >/]`);
  return inside.map(({ value }) => beside.test(value.slice(value.indexOf("<w:body"), value.indexOf("</w:body>"))));
}

function replace({ range, pieces: before }, after) {
  let last = range.insertText(after[0].text, "Replace");
  // One formatting throughout is kept by itself, whatever it is made of.
  if (before.length === 1 && after.length === 1) return;
  dress(last, after[0]);
  for (const each of after.slice(1)) {
    last = last.insertText(each.text, "After");
    dress(last, each);
  }
}

function addBeneath({ paragraph, pieces: before }, after) {
  if (before.length === 1 && after.length === 1) {
    paragraph.insertParagraph(after[0].text, "After");
    return;
  }
  const added = paragraph.insertParagraph("", "After");
  for (const each of after) dress(added.insertText(each.text, "End"), each);
}

function dress({ font }, marks) {
  for (const name of MARKS) font[name] = name === "underline" ? (marks.underline ? "Single" : "None") : marks[name];
}
