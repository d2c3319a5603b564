// Titles of Nice classes and Vienna codes in the language of the page, as far as they were asked for.

import { call } from "../../calls.js";
import { currentLanguage } from "../../texts.js";

const DIVISION = /^\d+\.\d+/;

const codes = new Map();
let coming = null;
let known = [];

/** Fetch the Nice classes, once a language. */
export function niceClasses() {
  coming ??= fetchClasses();
  return coming;
}

/** Return the title of a Nice class, or nothing where it is not known. */
export function titleOfClass(number) {
  return known.find((each) => each.number === number)?.title ?? "";
}

/** Keep titles of Vienna codes. */
export function keepCodes(items) {
  for (const { code, title } of items) codes.set(code, title);
}

/** Return the title of a Vienna code, of its division where the table has no sections, or nothing where none is known. */
export function titleOfCode(code) {
  return codes.get(code) ?? codes.get(DIVISION.exec(code)?.[0]) ?? "";
}

/** Fetch the titles of some codes that are not known yet. */
export async function learnCodes(wanted) {
  const divisions = new Set(
    wanted.filter((code) => !titleOfCode(code)).map((code) => DIVISION.exec(code)?.[0] ?? code),
  );
  const query = { language: currentLanguage(), limit: 200 };
  await Promise.all(
    [...divisions].map((q) =>
      call("/api/v1/vienna", { query: { ...query, q } }).then(
        ({ items }) => keepCodes(items),
        () => {},
      ),
    ),
  );
}

/** The page is in another language now: forget the titles, and fetch those of the classes and some codes. */
export async function renewTitles(wanted) {
  coming = null;
  codes.clear();
  await Promise.all([learnCodes(wanted), niceClasses().catch(() => [])]);
}

async function fetchClasses() {
  try {
    ({ items: known } = await call("/api/v1/nice", { query: { language: currentLanguage() } }));
    return known;
  } catch (error) {
    coming = null;
    throw error;
  }
}
