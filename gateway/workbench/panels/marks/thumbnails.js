// Small pictures of hits, fetched a few at a time as they come into view, with the part that matched.

import { h } from "../../elements.js";
import { fetchPreview } from "./pictures.js";

const SIDE = 320;
const AT_A_TIME = 4;
const MOST_ATTEMPTS = 3;
const AGAIN_MILLISECONDS = 1500;
const AHEAD = "400px";

/** The pictures of the hits that are shown; those of marks that are gone are let go of. */
export class Thumbnails {
  constructor() {
    this._fetched = new Map();
    this._waiting = [];
    this._running = 0;
    this._seen = new IntersectionObserver((entries) => this._came(entries), { rootMargin: AHEAD });
    this._hits = new WeakMap();
  }

  /** Return a white square that shows a hit's picture once it is in view. */
  square(hit) {
    const image = h("img", { alt: "", draggable: false });
    const element = h("span", { class: "paper square" }, image);
    this._hits.set(element, hit);
    if (this._fetched.has(hit.markId)) this._show(element);
    else this._seen.observe(element);
    return element;
  }

  /** Keep only what these marks need. */
  keepOnly(markIds) {
    const wanted = new Set(markIds);
    this._waiting = [];
    for (const [markId, { url }] of this._fetched) {
      if (wanted.has(markId)) continue;
      URL.revokeObjectURL(url);
      this._fetched.delete(markId);
    }
  }

  _came(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      this._seen.unobserve(target);
      this._waiting.push({ element: target, attempts: 0 });
    }
    this._next();
  }

  _next() {
    while (this._running < AT_A_TIME && this._waiting.length) this._fetch(this._waiting.shift());
  }

  async _fetch(wanted) {
    const { markId } = this._hits.get(wanted.element);
    if (!wanted.element.isConnected) return;
    this._running += 1;
    try {
      const { blob, scale } = await fetchPreview(markId, SIDE);
      if (!this._fetched.has(markId)) this._fetched.set(markId, { url: URL.createObjectURL(blob), scale });
      this._show(wanted.element);
    } catch (error) {
      this._failed(wanted, error);
    } finally {
      this._running -= 1;
      this._next();
    }
  }

  _failed(wanted, error) {
    const attempts = wanted.attempts + 1;
    const mayHelp = (error.isAway || error.status === 429) && attempts < MOST_ATTEMPTS;
    if (!mayHelp) return wanted.element.append(h("span", { class: "no-picture", say: "marks.hits.noPicture" }));
    setTimeout(
      () => {
        this._waiting.push({ ...wanted, attempts });
        this._next();
      },
      (error.retryAfter ?? attempts) * AGAIN_MILLISECONDS,
    );
  }

  _show(element) {
    const { markId, matchedBox } = this._hits.get(element);
    const { url, scale } = this._fetched.get(markId);
    const image = element.firstChild;
    image.onload = () => matchedBox && element.append(outline(matchedBox, image, scale));
    image.src = url;
  }
}

// The image lies in the middle of its square, as large as it goes.
function outline(box, { naturalWidth, naturalHeight }, scale) {
  const side = Math.max(naturalWidth, naturalHeight);
  const share = (pixels) => (pixels * scale) / side;
  const [before, above] = [(1 - naturalWidth / side) / 2, (1 - naturalHeight / side) / 2];
  const css = {
    "--x": before + share(box.x),
    "--y": above + share(box.y),
    "--width": share(box.width),
    "--height": share(box.height),
  };
  return h("span", { class: "matched", css });
}
