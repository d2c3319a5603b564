// Takes files that are dropped, pasted or chosen.

import { h } from "./elements.js";

/**
 * Take files in a zone of the page: by drop and by paste there, and by a button, which is returned.
 *
 * `accept` is that of a file input; `take(files)` gets those that came, at least one; with `several` more than one can be
 * chosen. On a tablet the chooser offers the camera where images are taken.
 */
export function takeFiles(zone, { accept, say, take, several = false }) {
  const chooser = h("input", { type: "file", accept, multiple: several, hidden: true, tabIndex: -1, on: { change: () => chosen(chooser, take) } });
  zone.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    zone.classList.add("taking");
  });
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove("taking");
  });
  zone.addEventListener("drop", (event) => {
    zone.classList.remove("taking");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
  zone.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    // A text copied from an office program brings a picture of itself along.
    if (!files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    take(files);
  });
  return h("span", {}, chooser, h("button", { type: "button", say, on: { click: () => chooser.click() } }));
}

function chosen(chooser, take) {
  const files = [...chooser.files];
  chooser.value = "";
  if (files.length) take(files);
}

// A file dropped beside its zone would be opened by the browser in place of the page.
for (const name of ["dragover", "drop"]) {
  addEventListener(name, (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
}
