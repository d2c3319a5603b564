// Reads an answer of the translation service: segments of both sides, cut into pieces that know their partners.

import { indexes } from "./cutting.js";

// Below this chance of being near a person's translation a segment is called unsure.
const UNSURE = 0.3;

/**
 * Return what a translated part of a text consists of: `segments`, each with what stands before it on either side
 * (`before`), and what stands after the last one (`tail`), which has no words to translate.
 */
export function read(source, translation) {
  const sides = { source: side(source, indexes(source)), target: side(translation.text, indexes(translation.text)) };
  const links = translation.alignment.map((link) => spans(link, sides));
  const terms = translation.terms.map((term) => ({ ...spans(term, sides), term }));
  const unknown = translation.untranslated.map(({ start, end }) => [sides.target.index(start), sides.target.index(end)]);
  const segments = [];
  const ends = { source: 0, target: 0 };
  for (const body of translation.segments) {
    const span = spans(body, sides);
    segments.push(segment(body, span, { sides, links, terms, unknown, ends, translation }));
    [ends.source, ends.target] = [span.source[1], span.target[1]];
  }
  const tail = { source: source.slice(ends.source), target: translation.text.slice(ends.target) };
  return { segments, tail, translation };
}

function side(text, index) {
  return { text, index };
}

function spans(body, { source, target }) {
  return {
    source: [source.index(body.sourceStart), source.index(body.sourceEnd)],
    target: [target.index(body.targetStart), target.index(body.targetEnd)],
  };
}

function segment(body, span, { sides, links, terms, unknown, ends, translation }) {
  const own = (found) => within(found.source, span.source) && within(found.target, span.target);
  const ownLinks = links.filter(own);
  const ownTerms = terms.filter(own);
  const ownUnknown = unknown.filter((found) => within(found, span.target));
  const made = (name) => ({
    text: sides[name].text.slice(...span[name]),
    before: sides[name].text.slice(ends[name], span[name][0]),
    pieces: pieces(sides[name].text, span[name], name, { ownLinks, ownTerms, ownUnknown: name === "target" ? ownUnknown : [] }),
  });
  return {
    source: made("source"),
    target: made("target"),
    sourceLanguage: translation.sourceLanguage,
    targetLanguage: translation.targetLanguage,
    origin: body.origin,
    matches: body.matches,
    score: body.quality.score,
    doubts: doubts(body, translation, ownTerms.some((found) => same(found.target, span.target))),
  };
}

/** Tell why a segment should be looked at, as names of texts under `translate.doubt`. */
function doubts({ quality, origin }, { gist }, isTerm) {
  if (origin === "memory") return quality.flags;
  const isUnsure = quality.score < UNSURE && !isTerm && !quality.flags.length;
  return [...quality.flags, ...(isUnsure ? ["unsure"] : []), ...(gist ? ["gist"] : [])];
}

function pieces(text, [start, end], name, { ownLinks, ownTerms, ownUnknown }) {
  const marked = [...ownLinks, ...ownTerms].map((found) => found[name]).concat(ownUnknown).flat();
  const cuts = [...new Set([start, end, ...marked])].sort((one, other) => one - other);
  return cuts.slice(1).map((stop, number) => {
    const own = [cuts[number], stop];
    return {
      text: text.slice(...own),
      links: ownLinks.flatMap((link, index) => (within(own, link[name]) ? [index] : [])),
      term: ownTerms.find((found) => within(own, found[name]))?.term,
      isUnknown: ownUnknown.some((found) => within(own, found)),
    };
  });
}

function within([start, end], [from, to]) {
  return from <= start && end <= to;
}

function same([start, end], [from, to]) {
  return start === from && end === to;
}
