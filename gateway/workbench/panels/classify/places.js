// Where the words of the evidence stand in a text, as stretches of a JavaScript string that do not overlap.

/**
 * Return the stretches `{start, end, strength}` of a part that are to be marked, in order; `strength` is 1 to 3. A term
 * is marked where no heavier one is. Places come in code points, JavaScript counts UTF-16 units.
 */
export function stretches(part, text, evidence) {
  const byWeight = [...evidence].sort((a, b) => b.weight - a.weight);
  const units = unitsOf(text);
  const kept = [];
  for (const { weight, places } of byWeight) {
    for (const place of places.filter((each) => each.part === part)) {
      const found = { start: units(place.start), end: units(place.end), strength: strength(weight / byWeight[0].weight) };
      if (kept.every((each) => found.end <= each.start || found.start >= each.end)) kept.push(found);
    }
  }
  return kept.sort((a, b) => a.start - b.start);
}

function strength(share) {
  if (share >= 0.5) return 3;
  return share >= 0.1 ? 2 : 1;
}

function unitsOf(text) {
  if (!/[\ud800-\udbff]/.test(text)) return (point) => point;
  const starts = [0];
  for (const character of text) starts.push(starts.at(-1) + character.length);
  return (point) => starts[Math.min(point, starts.length - 1)];
}
