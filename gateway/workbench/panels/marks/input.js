// What is searched by: an image, a registered mark's number, words or colors.

import { call } from "../../calls.js";
import { h, put } from "../../elements.js";
import { takeFiles } from "../../intake.js";
import { Place } from "../../waiting.js";
import { BoxStage } from "./box.js";
import { Palette } from "./palette.js";
import { pictureOf, pictureOfMark } from "./pictures.js";

const KINDS = ["image", "mark", "text", "palette"];
const ACCEPTED = "image/png,image/jpeg,image/gif,image/tiff,image/webp,image/bmp";

/** The input of the panel; files may be dropped and pasted anywhere in `zone`. */
export class Input {
  constructor(search, zone) {
    this._search = search;
    this.picture = null;
    this._stage = new BoxStage((box) => search.setBox(box));
    this._plain = h("div", { class: "paper plain-picture", hidden: true });
    this._trouble = h("div");
    this._place = new Place(this._trouble);
    this._forms = {
      image: this._imageForm(zone),
      mark: this._markForm(),
      text: this._textForm(),
      palette: this._paletteForm(),
    };
    this._buttons = KINDS.map((kind) =>
      h("button", {
        type: "button",
        say: `marks.input.${kind}`,
        data: { kind },
        on: { click: () => this._open(kind, true) },
      }),
    );
    this.element = h(
      "div",
      { class: "stack card marks-input" },
      h("div", { class: "row segments", role: "group", label: "marks.input.by" }, this._buttons),
      Object.values(this._forms),
      this._trouble,
      this._plain,
      this._stage.element,
    );
    this._open("image", false);
  }

  focus() {
    this._forms[this._kind].querySelector("input:not([hidden]), button").focus();
  }

  /** Search by an image. */
  take(file) {
    this._open("image", false);
    this._place.cancel();
    this._search.take({ kind: "image", file });
    return this._show(pictureOf(file), file);
  }

  /** Search by a registered mark. */
  async takeMark(markId) {
    this._open("mark", false);
    this._number.value = markId;
    this._search.take({ kind: "mark", markId });
    // A mark that is not there is told where the hits would stand.
    await this._place.run((signal) =>
      this._show(
        pictureOfMark(markId, signal).catch(() => null),
        null,
      ),
    );
  }

  /** Try with a mark from the middle of the register; tell false where there is none. */
  async takeExample() {
    const { count } = await call("/api/v1/marks", { query: { limit: 1 } });
    if (!count) return false;
    const { items } = await call("/api/v1/marks", { query: { limit: 1, offset: Math.floor(count / 2) } });
    await this.take(await call(items[0].imageUrl, { accept: "image/*", as: "blob" }));
    return true;
  }

  _open(kind, isWished) {
    this._kind = kind;
    for (const button of this._buttons) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
    for (const [name, form] of Object.entries(this._forms)) form.hidden = name !== kind;
    if (isWished) this.focus();
  }

  async _show(coming, file) {
    const subject = this._search.subject;
    const picture = await coming;
    if (this._search.subject !== subject) return picture?.letGo();
    this._drop();
    this.picture = picture;
    const isShown = Boolean(picture?.url);
    this._stage.show(isShown ? picture : null);
    this._plain.hidden = isShown || file === null;
    this._forms.image.classList.toggle("roomy", file === null);
    put(this._plain, file && plain(picture));
    this._search.changed("picture");
  }

  _drop() {
    this.picture?.letGo();
    this.picture = null;
    this._stage.show(null);
    this._plain.hidden = true;
  }

  _imageForm(zone) {
    const choose = takeFiles(zone, { accept: ACCEPTED, say: "marks.input.choose", take: ([file]) => this.take(file) });
    const camera = h("input", {
      type: "file",
      accept: "image/*",
      capture: "environment",
      hidden: true,
      tabIndex: -1,
      on: { change: () => [...camera.files].slice(0, 1).forEach((file) => this.take(file)) },
    });
    const photograph = h("button", {
      type: "button",
      class: "camera",
      say: "marks.input.photograph",
      on: { click: () => camera.click() },
    });
    return h(
      "div",
      { class: "stack intake roomy" },
      h("div", { class: "row" }, choose, camera, photograph),
      h("p", { class: "quiet", say: "marks.input.drop" }),
    );
  }

  _markForm() {
    this._number = h("input", {
      type: "text",
      required: true,
      maxLength: 128,
      spellcheck: false,
      autocomplete: "off",
      label: "marks.input.number",
      placeholder: "marks.input.numberExample",
    });
    return form(this._number, () => this.takeMark(this._number.value.trim()));
  }

  _textForm() {
    this._words = h("input", {
      type: "text",
      required: true,
      maxLength: 500,
      autocomplete: "off",
      label: "marks.input.words",
      placeholder: "marks.input.wordsExample",
    });
    return form(this._words, () => this._takePlain({ kind: "text", text: this._words.value.trim() }));
  }

  _paletteForm() {
    const palette = new Palette((colors) => this._takePlain({ kind: "palette", palette: colors }));
    return palette.element;
  }

  _takePlain(subject) {
    this._place.cancel();
    this._drop();
    this._search.take(subject);
    this._search.changed("picture");
  }
}

function form(field, take) {
  const made = h(
    "form",
    { class: "row one-line" },
    field,
    h("button", { type: "submit", class: "primary", say: "marks.input.search" }),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim()) take();
  });
  return made;
}

function plain(picture) {
  if (picture.width) return h("p", { say: ["marks.input.tooLarge", { width: picture.width, height: picture.height }] });
  return h("p", { say: "marks.input.notShown" });
}
