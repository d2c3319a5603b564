// How the keys move along a list of tabs.

/** Go to the next tab that can be opened, or the one before, and open it: for `keydown` of the list. */
export function moveBetweenTabs(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...event.currentTarget.querySelectorAll("[role=tab]:not(:disabled)")];
  const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
  next.focus();
  next.click();
}
