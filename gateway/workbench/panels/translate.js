// Translates a text segment by segment beside its source, and whole documents.

import { h } from "../elements.js";
import { takeFiles } from "../intake.js";
import { bind } from "../keys.js";
import { Choice } from "./translate/choice.js";
import { Corrections } from "./translate/corrections.js";
import { TranslatedDocument } from "./translate/documents.js";
import { Sheet } from "./translate/sheet.js";

const ACCEPTED = ".docx,.odt,.html,.htm,.txt,.xml,.xlf,.xliff";

/** Build the panel. */
export async function createPanel({ isSeen }) {
  const choice = new Choice();
  const sheet = new Sheet(choice, new Corrections());
  const list = h("ul", { class: "documents", label: "translate.documents" });
  const element = h("section", { class: "translate" }, choice.element, list, sheet.element);
  const take = (files) => {
    for (const file of files) {
      const translated = new TranslatedDocument(file, choice.wishes(), (text) => sheet.take(text));
      list.prepend(translated.element);
      translated.begin();
    }
  };
  sheet.own.append(takeFiles(element, { accept: ACCEPTED, say: "translate.document.choose", take, several: true }));
  choice.addEventListener("change", () => sheet.translate({ toRead: sheet.isReading }));
  choice.addEventListener("swap", () => sheet.turnAround());
  bind({ key: "n", say: "translate.keys.next", run: () => sheet.nextDoubt(), when: () => isSeen() && sheet.rows.length > 0 });
  bind({ key: "e", say: "translate.keys.edit", run: () => sheet.write(), when: () => isSeen() && sheet.isReading });
  choice.open();
  return {
    element,
    get input() {
      return sheet.isReading ? (sheet.rows[0]?.target ?? sheet.input) : sheet.input;
    },
    run: () => sheet.translate({ toRead: true }),
  };
}
