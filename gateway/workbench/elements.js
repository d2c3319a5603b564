// Makes elements of the page: text is always text, never markup, and every word comes from the tables of texts.

import { fill } from "./texts.js";

const SPOKEN = ["say", "label", "hint", "placeholder"];

/**
 * Make an element. Properties: `class`; `say`, `label` (for screen readers), `hint` (title) and `placeholder`, each a key
 * of the texts or `[key, values]`; `text` for content that is not ours; `on` with listeners; `data` for the dataset; `css`
 * for custom properties; anything else is set as a property where there is one, else as an attribute.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined && value !== null) set(element, name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (SPOKEN.includes(name)) speak(element, name, value);
  else if (name === "class") element.className = value;
  else if (name === "text") element.textContent = value;
  else if (name === "on") for (const [event, run] of Object.entries(value)) element.addEventListener(event, run);
  else if (name === "data") Object.assign(element.dataset, value);
  else if (name === "css") for (const [property, share] of Object.entries(value)) element.style.setProperty(property, share);
  else if (name in element && name !== "list" && name !== "form") element[name] = value;
  else element.setAttribute(name, value);
}

/** Give an element a text, label, hint or placeholder that follows the language of the page. */
export function speak(element, name, value) {
  const [key, values] = Array.isArray(value) ? value : [value, {}];
  element.setAttribute(`data-${name}`, JSON.stringify([key, values]));
  fill(element, name);
}

/** Take what is in an element away and put something else there. */
export function put(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
}
