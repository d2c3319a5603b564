// Begins the page: language and theme, sign-in, then the panels that the key opens.

import { useKey } from "./calls.js";
import { showFrame } from "./frame.js";
import { put } from "./elements.js";
import { signIn } from "./sign_in.js";
import { follow, setting } from "./state.js";
import { changeLanguage, loadTexts, preferredLanguage } from "./texts.js";

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

function dress() {
  const wished = setting("theme", "system");
  document.documentElement.dataset.theme = wished === "system" ? (systemIsDark.matches ? "dark" : "light") : wished;
}

async function begin() {
  dress();
  follow("theme", dress);
  systemIsDark.addEventListener("change", dress);
  await changeLanguage(setting("language", preferredLanguage()));
  await loadTexts("frame");
  follow("language", changeLanguage);
  const page = document.getElementById("page");
  const caller = await signIn(page);
  put(page);
  await showFrame(page, caller, signOut);
}

// Starting anew is the surest way to keep nothing: whatever the page held goes with it. Settings stay in the address.
function signOut() {
  useKey(null);
  location.reload();
}

begin();
