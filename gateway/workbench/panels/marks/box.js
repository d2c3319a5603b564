// The picture that is searched by, with a box on the part that counts: by pointer, by keys, or by numbers.

import { h } from "../../elements.js";

const LEAST_SIDE = 8;
const SIDES = ["x", "y", "width", "height"];
const STEP_SHARE = 0.02;
const SETTLED_MILLISECONDS = 400;
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A picture to draw a box on; `changed(box)` is told whenever one is set, moved or (null) removed. */
export class BoxStage {
  constructor(changed) {
    this._tell = changed;
    this._picture = null;
    this.box = null;
    this._image = h("img", { class: "query-image", draggable: false, label: "marks.input.picture" });
    this._outline = h("div", { class: "box", hidden: true });
    this._stage = h(
      "div",
      { class: "stage paper", role: "application", tabIndex: 0, label: "marks.box.stage" },
      this._image,
      this._outline,
    );
    this._fields = SIDES.map((side) =>
      h("input", {
        type: "number",
        min: 0,
        data: { side },
        label: `marks.box.${side}`,
        on: { change: () => this._typed() },
      }),
    );
    this._numbers = h(
      "fieldset",
      { class: "row box-numbers numbers", hidden: true },
      h("legend", { say: "marks.box.title" }),
      this._fields.map((field) =>
        h("label", { class: "quiet" }, h("span", { say: `marks.box.short.${field.dataset.side}` }), field),
      ),
      h("button", { type: "button", class: "plain", say: "marks.box.remove", on: { click: () => this._settle(null) } }),
    );
    this._hint = h("p", { class: "quiet", say: "marks.box.hint" });
    this.element = h("div", { class: "stack", hidden: true }, this._stage, this._hint, this._numbers);
    this._followPointer();
    this._stage.addEventListener("keydown", (event) => this._pressed(event));
  }

  /** Show a picture without a box; null shows nothing. */
  show(picture) {
    clearTimeout(this._timer);
    this._picture = picture;
    this.element.hidden = picture === null;
    this._image.removeAttribute("src");
    if (picture?.url) this._image.src = picture.url;
    this._stage.style.setProperty("--ratio", picture?.width ? picture.width / picture.height : 1);
    this._stage.tabIndex = picture?.hasParts ? 0 : -1;
    this._hint.hidden = !picture?.hasParts;
    this._place(null);
  }

  _place(box) {
    this.box = box;
    this._outline.hidden = this._numbers.hidden = box === null;
    if (box === null) return;
    const { width, height } = this._picture;
    const shares = { x: box.x / width, y: box.y / height, width: box.width / width, height: box.height / height };
    for (const side of SIDES) this._outline.style.setProperty(`--${side}`, shares[side]);
    for (const field of this._fields) field.value = box[field.dataset.side];
  }

  _settle(box) {
    clearTimeout(this._timer);
    this._place(box);
    this._tell(box);
  }

  _within(box) {
    const { width, height } = this._picture;
    const whole = Object.fromEntries(SIDES.map((side) => [side, Math.round(box[side]) || 0]));
    const inner = { width: between(whole.width, LEAST_SIDE, width), height: between(whole.height, LEAST_SIDE, height) };
    return { x: between(whole.x, 0, width - inner.width), y: between(whole.y, 0, height - inner.height), ...inner };
  }

  _typed() {
    this._settle(
      this._within(Object.fromEntries(this._fields.map((field) => [field.dataset.side, field.valueAsNumber]))),
    );
  }

  _pressed(event) {
    if (!this._picture?.hasParts || event.ctrlKey || event.metaKey || event.altKey) return;
    if (["Delete", "Backspace", "Escape"].includes(event.key) && this.box)
      return handled(event, () => this._settle(null));
    const direction = DIRECTIONS[event.key];
    if (direction) handled(event, () => this._nudge(direction, event.shiftKey));
  }

  _nudge([right, down], isResizing) {
    const { width, height } = this._picture;
    const step = Math.max(1, Math.round(Math.max(width, height) * STEP_SHARE));
    const box = this.box ?? { x: width / 4, y: height / 4, width: width / 2, height: height / 2 };
    const [across, along] = isResizing ? ["width", "height"] : ["x", "y"];
    const moved = this.box ? { ...box, [across]: box[across] + right * step, [along]: box[along] + down * step } : box;
    this._place(this._within(moved));
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._tell(this.box), SETTLED_MILLISECONDS);
  }

  _followPointer() {
    let drag = null;
    this._stage.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this._picture?.hasParts) return;
      const start = this._pixel(event);
      drag = { start, held: this.box && isInside(start, this.box) ? this.box : null, before: this.box };
      this._stage.setPointerCapture(event.pointerId);
    });
    this._stage.addEventListener(
      "pointermove",
      (event) => drag && this._place(this._dragged(drag, this._pixel(event))),
    );
    this._stage.addEventListener("pointerup", (event) => {
      if (!drag) return;
      const end = this._pixel(event);
      const isClick = Math.abs(end.x - drag.start.x) < 2 && Math.abs(end.y - drag.start.y) < 2;
      const box = isClick ? drag.before : this._dragged(drag, end);
      drag = null;
      return isClick ? this._place(box) : this._settle(box);
    });
    this._stage.addEventListener("pointercancel", () => {
      if (drag) this._place(drag.before);
      drag = null;
    });
  }

  _dragged({ start, held }, end) {
    if (held) return this._within({ ...held, x: held.x + end.x - start.x, y: held.y + end.y - start.y });
    const corner = { x: Math.min(start.x, end.x), y: Math.min(start.y, end.y) };
    return this._within({ ...corner, width: Math.abs(end.x - start.x), height: Math.abs(end.y - start.y) });
  }

  _pixel(event) {
    const shown = this._stage.getBoundingClientRect();
    const { width, height } = this._picture;
    return {
      x: between(((event.clientX - shown.left) / shown.width) * width, 0, width),
      y: between(((event.clientY - shown.top) / shown.height) * height, 0, height),
    };
  }
}

function handled(event, act) {
  event.preventDefault();
  act();
}

function between(value, least, most) {
  return Math.max(Math.min(value, most), Math.min(least, most));
}

function isInside({ x, y }, box) {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
}
