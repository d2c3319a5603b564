// The settings of the page, which the address bar holds so that they can be kept and passed on; never content.

const listeners = new Map();
const settings = read();

/** Return a setting as text, or what stands for it where it is not set. */
export function setting(name, otherwise = "") {
  return settings.get(name) ?? otherwise;
}

/** Change a setting; an empty value removes it. */
export function change(name, value) {
  if (setting(name) === value) return;
  if (value === "") settings.delete(name);
  else settings.set(name, value);
  history.replaceState(null, "", settings.size ? `#${new URLSearchParams([...settings])}` : location.pathname);
  for (const listen of listeners.get(name) ?? []) listen(value);
}

/** Be told whenever a setting changes. */
export function follow(name, listen) {
  listeners.set(name, [...(listeners.get(name) ?? []), listen]);
}

function read() {
  return new Map(new URLSearchParams(location.hash.slice(1)));
}

// Somebody wrote into the address bar.
addEventListener("hashchange", () => {
  const written = read();
  for (const name of new Set([...settings.keys(), ...written.keys()])) change(name, written.get(name) ?? "");
});
