// Why a symbol was predicted: the words and the published patents that spoke for it.

import { h } from "../../elements.js";
import { percent } from "./percent.js";

/** Build what stands below the tree about the symbol that is chosen. */
export function why(node, isTranslated) {
  const { evidence, evidenceDocuments } = node.prediction;
  const words = (evidence ?? []).map(({ term, weight }) =>
    h("li", { class: "chip" }, h("span", { text: term }), h("span", { class: "quiet numbers", text: percent(weight) })),
  );
  return h(
    "section",
    { class: "card stack why" },
    h("h3", { say: ["classify.why.title", { symbol: node.symbol }] }),
    words.length ? h("ul", { class: "row bare", label: "classify.why.words" }, words) : h("p", { class: "quiet", say: "classify.why.noWords" }),
    isTranslated && words.length > 0 && h("p", { class: "quiet", say: "classify.why.translated" }),
    documents("classify.why.documents", evidenceDocuments ?? [], "weight", true),
  );
}

/** Build the list of published patents that are like the text as a whole. */
export function likeDocuments(found, isOpen) {
  if (!found?.length) return null;
  return h("section", { class: "card stack why" }, documents("classify.why.similar", found, "score", isOpen));
}

function documents(say, found, share, open) {
  if (!found.length) return null;
  const items = found.map((each) =>
    h(
      "li",
      {},
      h("span", { class: "numbers share", text: percent(each[share]) }),
      h("span", { class: "numbers", text: each.documentId }),
      each.title && h("span", { class: "name", text: each.title, dir: "auto" }),
      h("span", { class: "quiet numbers symbols", text: each.symbols.slice(0, 5).join(", ") + (each.symbols.length > 5 ? " …" : "") }),
    ),
  );
  return h("details", { open }, h("summary", { say }), h("ol", { class: "documents bare" }, items));
}
