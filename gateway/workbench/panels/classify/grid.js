// The tree-table of predictions: one row a symbol, moved through and decided on by keys or buttons.

import { h, put } from "../../elements.js";
import { bind } from "../../keys.js";
import { percent } from "./percent.js";
import { levelBelow } from "./tree.js";

const COLUMNS = ["symbol", "title", "chance", "role", "decide"];

/**
 * A tree-table. `acts` says what happens: `choose(node)`, `deeper(node)`, `accept(node)`, `lookAround(symbol)`, and
 * whether a symbol `isAccepted(symbol)`.
 */
export class Grid {
  constructor(acts, isSeen) {
    this._acts = acts;
    this._tree = null;
    this._chosen = null;
    this._body = h("tbody");
    const heads = COLUMNS.map((name) => h("th", { scope: "col", role: "columnheader", class: name, say: `classify.column.${name}` }));
    this.element = h(
      "table",
      { class: "predictions", role: "treegrid", label: "classify.predictions" },
      h("thead", {}, h("tr", { role: "row" }, heads)),
      this._body,
    );
    this._bindKeys(isSeen);
    document.addEventListener("languagechange", () => this._tree && this.draw());
  }

  /** Show a tree from now on; nothing in it is chosen. */
  show(tree) {
    this._tree = tree;
    this._chosen = null;
    this.draw();
  }

  /** Draw the rows anew; the row that has the focus keeps it. */
  draw() {
    const hadFocus = this._body.contains(document.activeElement);
    const seen = this._tree.seen();
    if (!seen.some(({ node }) => node === this._chosen)) this._chosen = null;
    put(this._body, seen.map((each, index) => this._row(each, index)));
    if (hadFocus) this._body.querySelector("[tabindex='0']")?.focus();
  }

  /** Choose a node and give its row the focus. */
  choose(node) {
    this._chosen = node;
    this.draw();
    this._body.querySelector("[aria-selected='true']")?.focus();
    this._acts.choose(node);
  }

  _row({ node, depth, position, count }, index) {
    const isChosen = node === this._chosen;
    const isAccepted = this._acts.isAccepted(node.symbol);
    const state = isAccepted ? "accepted" : node.isRejected ? "rejected" : "open";
    return h(
      "tr",
      {
        role: "row", class: `${state}${node.prediction ? "" : " above"}`, data: { symbol: node.symbol }, css: { "--depth": depth },
        tabIndex: isChosen || (!this._chosen && index === 0) ? 0 : -1, on: { click: () => this.choose(node) },
        "aria-level": depth, "aria-posinset": position, "aria-setsize": count, "aria-selected": String(isChosen),
        "aria-expanded": node.children.length ? String(node.isOpen) : undefined,
      },
      cell("symbol", this._twisty(node), h("span", { class: "numbers", text: node.symbol }), h("span", { class: "out-of-sight", say: `classify.state.${state}` })),
      cell("title", h("span", { text: node.title, title: node.title, lang: "en" })),
      cell("chance", probability(node)),
      cell("role quiet", node.role && h("span", { say: `classify.role.${node.role}` })),
      cell("decide", this._buttons(node, isAccepted)),
    );
  }

  _twisty(node) {
    if (!node.children.length) return h("span", { class: "twisty" });
    const turn = () => this._turn(node, !node.isOpen);
    return iconButton(node.isOpen ? "▾" : "▸", node.isOpen ? "close" : "open", node, turn, { class: "twisty plain" });
  }

  _buttons(node, isAccepted) {
    return [
      iconButton("✓", isAccepted ? "takeBack" : "accept", node, () => this._accept(node), { "aria-pressed": String(isAccepted) }),
      iconButton("✕", node.isRejected ? "takeBack" : "reject", node, () => this._reject(node), { "aria-pressed": String(node.isRejected) }),
      levelBelow(node.symbol) ? iconButton("↳", "deeper", node, () => this._acts.deeper(node)) : h("span", { class: "gap" }),
      iconButton("⋯", "around", node, () => this._acts.lookAround(node.symbol)),
    ];
  }

  _bindKeys(isSeen) {
    const keys = {
      ArrowDown: ["down", () => this._step(1)],
      ArrowUp: ["up", () => this._step(-1)],
      ArrowRight: ["deeper", () => this._right()],
      ArrowLeft: ["back", () => this._left()],
      Enter: ["accept", (node) => this._accept(node)],
      Backspace: ["reject", (node) => this._reject(node)],
      " ": ["choose", (node) => this.choose(node)],
    };
    for (const [key, [name, run]] of Object.entries(keys)) {
      bind({ key, say: `classify.keys.${name}`, when: isSeen, within: this._body, run: () => this._focused() && run(this._focused()) });
    }
  }

  _focused() {
    return this._tree.find(document.activeElement?.closest("tr")?.dataset.symbol);
  }

  _step(by) {
    const seen = this._tree.seen().map(({ node }) => node);
    const next = seen[seen.indexOf(this._focused()) + by];
    if (next) this.choose(next);
  }

  _right() {
    const node = this._focused();
    if (!node.children.length) return this._acts.deeper(node);
    return node.isOpen ? this.choose(node.children[0]) : this._turn(node, true);
  }

  _left() {
    const node = this._focused();
    if (node.isOpen && node.children.length) this._turn(node, false);
    else if (node.parent) this.choose(node.parent);
  }

  _turn(node, isOpen) {
    node.isOpen = isOpen;
    this.choose(node);
  }

  _accept(node) {
    node.isRejected = false;
    this._acts.accept(node);
    this.choose(node);
  }

  _reject(node) {
    node.isRejected = !node.isRejected;
    if (node.isRejected && this._acts.isAccepted(node.symbol)) this._acts.accept(node);
    this.choose(node);
  }
}

function cell(name, ...content) {
  return h("td", { role: "gridcell", class: name }, content.flat());
}

// Rows take the keys, so the buttons in them are for pointers and screen readers and stay out of the order of tabs.
function iconButton(sign, name, node, run, properties = {}) {
  const press = (event) => {
    event.stopPropagation();
    run();
  };
  const say = [`classify.act.${name}`, { symbol: node.symbol }];
  return h("button", { type: "button", tabIndex: -1, text: sign, label: say, hint: say, on: { click: press }, ...properties });
}

function probability({ prediction, chance, given }) {
  if (!prediction) return null;
  const bar = h("div", { class: "measure" }, h("span", { class: "bar", css: { "--share": chance } }), h("span", { class: "numbers share", text: percent(chance) }));
  return [bar, given && h("div", { class: "quiet", say: ["classify.given", { symbol: given }] })];
}
