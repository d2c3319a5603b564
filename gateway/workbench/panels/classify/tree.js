// The symbols that were predicted, in the tree of the classification: each once, below what it belongs to.

const LEVELS = ["section", "class", "subclass", "mainGroup", "subgroup"];

/** Return the level of a symbol in canonical form. */
export function levelOf(symbol) {
  if (symbol.includes("/")) return symbol.endsWith("/00") ? "mainGroup" : "subgroup";
  return LEVELS[{ 1: 0, 3: 1 }[symbol.length] ?? 2];
}

/** Return the level below that of a symbol, `undefined` below subgroups. */
export function levelBelow(symbol) {
  return LEVELS[LEVELS.indexOf(levelOf(symbol)) + 1];
}

/**
 * The predictions about one text, as nodes `{symbol, title, parent, children, prediction, chance, given, role, isOpen,
 * isRejected}`; `chance` is the probability of a symbol, `given` the symbol that it takes for right, if any.
 */
export class Tree {
  constructor() {
    this.roots = [];
    this._nodes = new Map();
  }

  /**
   * Put predictions into the tree, best first; `below` is the symbol that the service was told to start from.
   *
   * Scores are then the probability given that start; times the start's own, where that is known, they are like all others.
   */
  add(answer, below = null) {
    const start = below && this.find(below);
    const given = start && (start.prediction ? start.given : below);
    const share = start?.prediction ? start.chance : 1;
    const roles = new Map(answer.suggested.map((each) => [each.symbol, each.role]));
    for (const prediction of answer.predictions) {
      const node = this._chain([...prediction.ancestors, prediction]);
      if (start && node.prediction) continue;
      Object.assign(node, { prediction, chance: prediction.score * share, given, role: roles.get(prediction.symbol) ?? null });
    }
    if (start) start.isOpen = true;
  }

  /** Return the node of a symbol, if it is in the tree. */
  find(symbol) {
    return this._nodes.get(symbol);
  }

  /** Return the nodes that are seen, from top to bottom, as `{node, depth, position, count}`. */
  seen(nodes = this.roots, depth = 1) {
    return nodes.flatMap((node, index) => [
      { node, depth, position: index + 1, count: nodes.length },
      ...(node.isOpen ? this.seen(node.children, depth + 1) : []),
    ]);
  }

  /** Return the nodes that were predicted, best first. */
  predicted() {
    return [...this._nodes.values()].filter((node) => node.prediction).sort((a, b) => b.chance - a.chance);
  }

  _chain(places) {
    let parent = null;
    for (const { symbol, title } of places) {
      const node = this._nodes.get(symbol) ?? this._grow(symbol, title, parent);
      parent = node;
    }
    return parent;
  }

  _grow(symbol, title, parent) {
    const undecided = { prediction: null, chance: null, given: null, role: null, isOpen: true, isRejected: false };
    const node = { symbol, title, parent, children: [], ...undecided };
    (parent ? parent.children : this.roots).push(node);
    this._nodes.set(symbol, node);
    return node;
  }
}
