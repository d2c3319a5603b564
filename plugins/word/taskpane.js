// Begins the pane: waits for Office.js, speaks Word's language, signs in, shows what the key opens.

import { banner } from "../workbench/banner.js";
import { useKey } from "../workbench/calls.js";
import { h, put } from "../workbench/elements.js";
import { askAgainWhenRefused, signIn } from "../workbench/sign_in.js";
import { moveBetweenTabs } from "../workbench/tabs.js";
import { changeLanguage, loadTexts, preferredLanguage } from "../workbench/texts.js";
import { classifyPart } from "./classify.js";
import { translatePart } from "./translate.js";

const PARTS = [
  { name: "classify", scope: "classify", make: classifyPart },
  { name: "translate", scope: "translate", make: translatePart },
];
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

async function begin() {
  // All scripts of the page have come by then, or failed to.
  if (document.readyState !== "complete") await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
  const page = document.getElementById("page");
  const info = await globalThis.Office?.onReady();
  dress();
  systemIsDark.addEventListener("change", dress);
  await changeLanguage(globalThis.Office?.context?.displayLanguage?.slice(0, 2) ?? preferredLanguage());
  await Promise.all(["frame", "word"].map(loadTexts));
  const hindrance = whatHinders(info);
  if (hindrance) return put(page, h("p", { class: "failure", role: "alert", say: hindrance }));
  const caller = await signIn(page);
  return show(page, caller);
}

function dress() {
  const isDark = globalThis.Office?.context?.officeTheme?.isDarkTheme ?? systemIsDark.matches;
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}

function whatHinders(info) {
  if (!info) return ["word.hindrance.noOffice", { address: document.getElementById("office-js").src }];
  if (info.host !== "Word") return "word.hindrance.notWord";
  return Office.context.requirements.isSetSupported("WordApi", "1.3") ? null : "word.hindrance.old";
}

function show(page, caller) {
  const allowed = PARTS.filter((part) => caller.scopes.includes(part.scope));
  const hint = ["frame.signedInAs", { name: caller.name }];
  const out = h("button", { type: "button", class: "plain", say: "frame.signOut", hint, on: { click: signOut } });
  const tabs = h("div", { role: "tablist", class: "tabs", label: "frame.tabs", on: { keydown: moveBetweenTabs } });
  const head = document.querySelector(".head");
  // Word writes the name above the pane already.
  put(head, h("h1", { class: "out-of-sight", text: "Examkit" }), tabs, h("div", { class: "tools" }, out));
  head.after(banner());
  document.body.append(h("footer", { class: "foot" }, h("span", { id: "credit" }), h("strong", { say: "frame.machine" })));
  askAgainWhenRefused();
  if (!allowed.length) return put(page, h("p", { class: "emptiness", say: "frame.noScope" }));
  const panels = allowed.map(panelOf);
  put(page, panels);
  tabs.append(...panels.map((panel) => tabOf(panel, panels)));
  return tabs.firstChild.click();
}

function panelOf({ name, make }) {
  const credit = (models, edition = null) => {
    const written = models.map((model) => `${model.name} ${model.version}`).join(", ");
    document.getElementById("credit").textContent = edition ? `${written} · IPC ${edition}` : written;
  };
  const properties = { id: `panel-${name}`, role: "tabpanel", class: "stack", "aria-labelledby": `tab-${name}`, data: { name } };
  return h("section", properties, make(credit));
}

function tabOf(panel, panels) {
  const { name } = panel.dataset;
  const open = ({ currentTarget }) => {
    for (const each of panels) each.hidden = each !== panel;
    for (const tab of currentTarget.parentElement.children) {
      tab.setAttribute("aria-selected", String(tab === currentTarget));
      tab.tabIndex = tab === currentTarget ? 0 : -1;
    }
  };
  const properties = { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": panel.id, say: `frame.tab.${name}` };
  return h("button", { ...properties, on: { click: open } });
}

// Starting anew is the surest way to keep nothing.
function signOut() {
  useKey(null);
  location.reload();
}

begin();
