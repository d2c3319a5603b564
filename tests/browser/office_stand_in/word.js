// Stands in for Word: a document of paragraphs of formatted letters, behind objects that are filled and obeyed only by
// `context.sync()`; what was not loaded cannot be read, and what the document refuses fails there, as with the real one.
//
// `officeSetup.paragraphs` is a list of lists of runs `[text, { bold: true, … }]`, or `{ runs, beside }` where something
// else stands in the paragraph, as OOXML. `officeSetup.selection` is a text of the document that is selected; `isLocked`
// refuses changes. `wordDocument` shows what became of it.
{
  const { Error: OfficeError } = OfficeExtension;
  const setup = { paragraphs: [], selection: "", isLocked: false, ...globalThis.officeSetup };
  const PLAIN = { bold: false, italic: false, underline: "None", subscript: false, superscript: false };

  const document_ = { paragraphs: setup.paragraphs.map(toParagraph), comments: [], selection: null, isLocked: setup.isLocked };
  document_.selection = setup.selection ? find(setup.selection)[0] : at(document_.paragraphs[0], 0);

  function toParagraph(given) {
    const { runs, beside = "" } = Array.isArray(given) ? { runs: given } : given;
    const letters = runs.flatMap(([text, marks]) => [...text].map((sign) => ({ sign, ...PLAIN, ...marks })));
    return { letters, beside };
  }

  // A range is the letters in it and the place before which it stands where it has none.
  function at(paragraph, index) {
    return { letters: [], paragraph, index };
  }
  function over(letters, paragraph) {
    return { letters, paragraph, index: paragraph.letters.indexOf(letters[0]) };
  }
  function paragraphOf(letter) {
    return document_.paragraphs.find((each) => each.letters.includes(letter));
  }
  function text(letters) {
    const signs = letters.map((letter, i) => (i && paragraphOf(letter) !== paragraphOf(letters[i - 1]) ? "\r" : "") + letter.sign);
    return signs.join("");
  }
  function all() {
    return document_.paragraphs.flatMap((each) => each.letters);
  }
  function find(phrase, letters = all()) {
    const whole = letters.map((letter) => letter.sign).join("").toLowerCase();
    const found = [];
    for (let i = whole.indexOf(phrase.toLowerCase()); i >= 0; i = whole.indexOf(phrase.toLowerCase(), i + 1)) {
      found.push(over(letters.slice(i, i + phrase.length), paragraphOf(letters[i])));
    }
    return found;
  }
  function refuseWhereLocked() {
    if (document_.isLocked) throw new OfficeError("AccessDenied");
  }
  function insert(range, added, where) {
    refuseWhereLocked();
    const last = range.letters.at(-1);
    const paragraph = last ? paragraphOf(last) : range.paragraph;
    const index = last ? paragraph.letters.indexOf(last) + 1 : range.index;
    const like = where === "Replace" ? range.letters[0] : paragraph.letters[index - 1];
    const letters = [...added].map((sign) => ({ ...PLAIN, ...like, sign }));
    paragraph.letters.splice(index, 0, ...letters);
    if (where === "Replace") {
      // Whatever stood between the letters goes with them.
      paragraph.beside = "";
      paragraph.letters = paragraph.letters.filter((letter) => !range.letters.includes(letter));
    }
    return letters.length ? over(letters, paragraph) : at(paragraph, index);
  }

  // What a script holds: filled when it is loaded, and only by sync.
  class Held {
    constructor(context, make) {
      this.context = context;
      this.loaded = new Map();
      context.queue.push(() => {
        this.model = make();
      });
    }
    load(names) {
      this.context.queue.push(() => {
        for (const name of [names].flat().flatMap((each) => each.split(","))) this.fill(name.trim());
      });
    }
    read(name) {
      if (!this.loaded.has(name)) throw new OfficeError("PropertyNotLoaded");
      return this.loaded.get(name);
    }
  }

  class Font {
    constructor(range) {
      for (const name of Object.keys(PLAIN)) {
        Object.defineProperty(this, name, {
          get: () => range.read(`font/${name}`),
          set: (value) => range.context.queue.push(() => {
            for (const letter of range.model.letters) letter[name] = value;
          }),
        });
      }
    }
  }

  class Range extends Held {
    constructor(context, make) {
      super(context, make);
      this.font = new Font(this);
    }
    get text() { return this.read("text"); }
    get isNullObject() { return this.read("isNullObject"); }
    fill(name) {
      const { model } = this;
      if (name === "isNullObject") this.loaded.set(name, model === null);
      else if (model === null) return;
      else if (name === "text") this.loaded.set(name, text(model.letters));
      else this.loaded.set(name, shared(model.letters, name.slice("font/".length)));
    }
    get paragraphs() {
      return new Collection(this.context, () => document_.paragraphs.filter((each) => this.model.letters.some((letter) => each.letters.includes(letter))), Paragraph);
    }
    intersectWithOrNullObject(other) {
      return new Range(this.context, () => {
        const letters = this.model.letters.filter((letter) => other.model.letters.includes(letter));
        return letters.length ? over(letters, this.model.paragraph) : null;
      });
    }
    getTextRanges([mark], trims) {
      if (trims) throw new OfficeError("NotImplemented");
      return new Collection(this.context, () => split(this.model.letters, mark).map((letters) => over(letters, this.model.paragraph)), Range);
    }
    search(phrase, { matchWildcards = false } = {}) {
      const found = () => (matchWildcards && phrase === "?" ? this.model.letters.map((letter) => over([letter], this.model.paragraph)) : find(phrase, this.model.letters));
      return new Collection(this.context, found, Range);
    }
    insertText(added, where) { return new Range(this.context, () => insert(this.model, added, where)); }
    insertComment(content) {
      this.context.queue.push(() => {
        refuseWhereLocked();
        document_.comments.push({ on: text(this.model.letters), content });
      });
    }
    select() {
      this.context.queue.push(() => {
        document_.selection = this.model;
      });
    }
    getOoxml() {
      const result = new Held(this.context, () => null);
      Object.defineProperty(result, "value", { get: () => result.read("value") });
      this.context.queue.push(() => {
        const beside = this.model.paragraph.beside;
        result.loaded.set("value", `<pkg:package><w:style><w:ins /></w:style><w:body><w:p><w:r><w:t>…</w:t></w:r>${beside}</w:p></w:body></pkg:package>`);
      });
      return result;
    }
  }

  class Paragraph extends Held {
    getRange(place) {
      if (place !== "Content") throw new OfficeError("NotImplemented");
      return new Range(this.context, () => ({ letters: [...this.model.letters], paragraph: this.model, index: 0 }));
    }
    insertText(added, where) {
      if (where !== "End") throw new OfficeError("InvalidArgument");
      return new Range(this.context, () => insert({ letters: [...this.model.letters], paragraph: this.model, index: 0 }, added, where));
    }
    insertParagraph(added, where) {
      if (where !== "After") throw new OfficeError("NotImplemented");
      return new Paragraph(this.context, () => {
        refuseWhereLocked();
        const paragraph = { letters: [], beside: "" };
        const like = this.model.letters.at(-1);
        paragraph.letters = [...added].map((sign) => ({ ...PLAIN, ...like, sign }));
        document_.paragraphs.splice(document_.paragraphs.indexOf(this.model) + 1, 0, paragraph);
        return paragraph;
      });
    }
  }

  class Collection extends Held {
    constructor(context, make, kind) {
      super(context, make);
      this.kind = kind;
    }
    get items() { return this.read("items"); }
    fill(name) {
      if (!this.loaded.has("items")) {
        const items = this.model.map((model) => {
          const item = new this.kind({ ...this.context, queue: [] }, () => model);
          item.model = model;
          item.context = this.context;
          return item;
        });
        this.loaded.set("items", items);
      }
      if (name !== "items") for (const item of this.items) item.fill(name.replace(/^items\//, ""));
    }
  }

  function shared(letters, name) {
    const values = new Set(letters.map((letter) => letter[name]));
    if (values.size > 1) return name === "underline" ? "Mixed" : null;
    return values.size ? [...values][0] : PLAIN[name];
  }
  function split(letters, mark) {
    const parts = [[]];
    for (const letter of letters) {
      parts.at(-1).push(letter);
      if (letter.sign === mark) parts.push([]);
    }
    return parts.filter((part) => part.length);
  }
  function whole() {
    return { letters: all(), paragraph: document_.paragraphs[0], index: 0 };
  }

  class Context {
    constructor() {
      this.queue = [];
      const context = this;
      this.document = {
        getSelection: () => new Range(context, () => document_.selection),
        get body() {
          const body = new Range(context, whole);
          Object.defineProperty(body, "paragraphs", { get: () => new Collection(context, () => [...document_.paragraphs], Paragraph) });
          return body;
        },
      };
    }
    async sync() {
      await null;
      for (const step of this.queue.splice(0)) step();
    }
  }

  globalThis.Word = {
    run: async (work) => {
      const context = new Context();
      const outcome = await work(context);
      await context.sync();
      return outcome;
    },
  };
  globalThis.wordDocument = {
    select: (phrase) => {
      document_.selection = find(phrase)[0];
    },
    lock: () => {
      document_.isLocked = true;
    },
    get selected() { return text(document_.selection.letters); },
    get comments() { return document_.comments; },
    /** The paragraphs as runs of letters that are formatted alike: `[text, names of marks]`. */
    get paragraphs() {
      return document_.paragraphs.map(({ letters }) => {
        const runs = [];
        for (const letter of letters) {
          const marks = Object.keys(PLAIN).filter((name) => letter[name] !== PLAIN[name]);
          const last = runs.at(-1);
          if (last && last[1].join() === marks.join()) last[0] += letter.sign;
          else runs.push([letter.sign, marks]);
        }
        return runs;
      });
    },
  };
}
