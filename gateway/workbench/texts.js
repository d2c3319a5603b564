// The words of the page in four languages: one table a panel and language, fetched when it is needed.

const LANGUAGES = { en: "English", es: "Español", fr: "Français", pt: "Português" };
const FALLBACK = "en";
const ATTRIBUTES = { label: "aria-label", hint: "title", placeholder: "placeholder" };

const tables = new Map();
const parts = new Set();
let language = FALLBACK;
let plurals = new Intl.PluralRules(FALLBACK);

/** The languages of the page by their own names. */
export const languages = Object.entries(LANGUAGES);

/** The language that the page is in, as a BCP 47 tag. */
export function currentLanguage() {
  return language;
}

/** Return the first language that the browser's user reads and the page is written in. */
export function preferredLanguage() {
  const wished = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return wished.find((tag) => tag in LANGUAGES) ?? FALLBACK;
}

/** Fetch the table of a part of the page, in its language. */
export async function loadTexts(part) {
  parts.add(part);
  tables.set(part, await table(part, language));
}

/** Put the whole page into another language. */
export async function changeLanguage(tag) {
  language = tag in LANGUAGES ? tag : FALLBACK;
  plurals = new Intl.PluralRules(language);
  await Promise.all([...parts].map(loadTexts));
  document.documentElement.lang = language;
  for (const name of ["say", ...Object.keys(ATTRIBUTES)]) {
    for (const element of document.querySelectorAll(`[data-${name}]`)) fill(element, name);
  }
  document.dispatchEvent(new CustomEvent("languagechange", { detail: language }));
}

/**
 * Return a text: `t("frame.progress", { done: 3, total: 9 })`. Names in braces are replaced by values; a text with the members of
 * Intl.PluralRules (`one`, `many`, `other`) is chosen by `count`.
 */
export function t(key, values = {}) {
  const [part, ...path] = key.split(".");
  const entry = path.reduce((found, name) => found?.[name], tables.get(part));
  const text = typeof entry === "object" ? (entry[plurals.select(values.count)] ?? entry.other) : entry;
  if (text === undefined) throw new Error(`There is no text ${key} in ${language}.`);
  return text.replace(/\{(\w+)\}/g, (_, name) => show(values[name]));
}

/** Write a number, a share or a date as the language of the page does. */
export function number(value, options = {}) {
  return new Intl.NumberFormat(language, options).format(value);
}

/** Put the text that an element names in its dataset where it belongs. */
export function fill(element, name) {
  const [key, values] = JSON.parse(element.getAttribute(`data-${name}`));
  if (name === "say") element.textContent = t(key, values);
  else element.setAttribute(ATTRIBUTES[name], t(key, values));
}

function show(value) {
  return typeof value === "number" ? number(value) : String(value);
}

async function table(part, tag) {
  const answer = await fetch(new URL(`./texts/${tag}/${part}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`The texts ${tag}/${part} are missing.`);
  return answer.json();
}
