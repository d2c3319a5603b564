// Hands files and texts out of the page.

/** Save data (a Blob or text) as a file of this name. */
export function save(data, name, type = "application/octet-stream") {
  const blob = data instanceof Blob ? data : new Blob([data], { type });
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  // The browser has taken the data over by the time it comes back to its queue.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Put a text on the clipboard; return whether the browser let it. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
