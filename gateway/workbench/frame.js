// The frame around the panels: head, tabs, foot line, banner; which panel is seen.

import { banner } from "./banner.js";
import { h, put } from "./elements.js";
import { bind, showKeys } from "./keys.js";
import { PANELS } from "./panels.js";
import { askAgainWhenRefused } from "./sign_in.js";
import { change, follow, setting } from "./state.js";
import { moveBetweenTabs } from "./tabs.js";
import { currentLanguage, languages, loadTexts } from "./texts.js";

const THEMES = ["system", "light", "dark"];
const shown = new Map();

/** Build the page for a caller and show the panel that the address names, else the first that the caller may use. */
export async function showFrame(page, caller, signOut) {
  const head = document.querySelector(".head");
  const allowed = PANELS.filter((panel) => caller.scopes.includes(panel.scope));
  put(head, brand(), tabs(caller), tools(caller, signOut));
  head.after(banner());
  document.body.append(foot());
  askAgainWhenRefused();
  bindKeys();
  if (!allowed.length) return put(page, h("p", { class: "emptiness", say: "frame.noScope" }));
  const first = allowed.find((panel) => panel.name === setting("tab")) ?? allowed[0];
  follow("tab", (name) => open(page, caller, allowed.find((panel) => panel.name === name) ?? allowed[0]));
  change("tab", first.name);
  return open(page, caller, first);
}

/** Say in the foot line what made the answer that is seen: models and, of the classification, the edition. */
export function credit(name, models, edition = null) {
  const written = models.map((model) => `${model.name} ${model.version}`).join(", ");
  const element = document.getElementById("credit");
  element.dataset[name] = edition ? `${written} · IPC ${edition}` : written;
  element.textContent = element.dataset[setting("tab")] ?? "";
}

async function open(page, caller, panel) {
  for (const other of shown.values()) other.element.hidden = true;
  for (const tab of document.querySelectorAll("[role=tab]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.tab === panel.name));
    tab.tabIndex = tab.dataset.tab === panel.name ? 0 : -1;
  }
  if (!shown.has(panel.name)) shown.set(panel.name, await create(page, caller, panel));
  if (setting("tab") !== panel.name) return;
  for (const [name, other] of shown) other.element.hidden = name !== panel.name;
  document.getElementById("credit").textContent = document.getElementById("credit").dataset[panel.name] ?? "";
  shown.get(panel.name).input.focus();
}

// A tab pressed twice while its panel is fetched gets one panel.
const coming = new Map();

function create(page, caller, panel) {
  if (!coming.has(panel.name)) coming.set(panel.name, build(page, caller, panel));
  return coming.get(panel.name);
}

async function build(page, caller, panel) {
  await loadTexts(panel.name);
  const { createPanel } = await panel.load();
  const made = await createPanel({ isSeen: () => setting("tab") === panel.name, caller });
  made.element.id = `panel-${panel.name}`;
  made.element.setAttribute("role", "tabpanel");
  made.element.setAttribute("aria-labelledby", `tab-${panel.name}`);
  made.element.hidden = true;
  page.append(made.element);
  return made;
}

function brand() {
  const said = (name) => document.querySelector(`meta[name=${name}]`).content;
  const logo = said("office-logo") && h("img", { class: "logo", src: said("office-logo"), alt: "" });
  const office = said("office-name") && h("span", { class: "office", text: said("office-name") });
  return h("div", { class: "brand" }, logo, h("h1", { class: "product", text: "Examkit" }), office);
}

function tabs(caller) {
  const list = h("div", { role: "tablist", class: "tabs", label: "frame.tabs", on: { keydown: moveBetweenTabs } });
  for (const panel of PANELS) {
    const isAllowed = caller.scopes.includes(panel.scope);
    const tab = h("button", {
      type: "button", role: "tab", id: `tab-${panel.name}`, say: `frame.tab.${panel.name}`, disabled: !isAllowed,
      data: { tab: panel.name }, hint: isAllowed ? undefined : "frame.tab.closed", "aria-selected": "false",
      on: { click: () => change("tab", panel.name) },
    });
    list.append(tab);
  }
  return list;
}

function tools(caller, signOut) {
  const language = h("select", { label: "frame.language", on: { change: () => change("language", language.value) } });
  language.append(...languages.map(([tag, name]) => h("option", { value: tag, text: name, selected: tag === currentLanguage() })));
  const theme = h("select", { label: "frame.theme.label", on: { change: () => change("theme", theme.value) } });
  theme.append(...THEMES.map((name) => h("option", { value: name, say: `frame.theme.${name}`, selected: name === setting("theme", "system") })));
  return h(
    "div",
    { class: "tools row" },
    h("button", { type: "button", class: "plain", text: "?", label: "frame.keys.title", hint: "frame.keys.title", on: { click: showKeys } }),
    language,
    theme,
    h("button", { type: "button", class: "plain", say: "frame.signOut", hint: ["frame.signedInAs", { name: caller.name }], on: { click: signOut } }),
  );
}

function foot() {
  return h("footer", { class: "foot" }, h("span", { id: "credit" }), h("strong", { say: "frame.machine" }));
}

function bindKeys() {
  bind({ key: "/", say: "frame.keys.input", run: () => shown.get(setting("tab"))?.input.focus() });
  bind({ key: "Enter", control: true, say: "frame.keys.run", run: () => shown.get(setting("tab"))?.run?.() });
  bind({ key: "?", say: "frame.keys.show", run: showKeys });
}
