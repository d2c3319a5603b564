// Pictures that the page can show: of files that an examiner has, and of registered marks.

import { call } from "../../calls.js";

// What the service takes at most; larger ones are not worth the memory here either.
const MOST_PIXELS = 40_000_000;
const MOST_SHOWN_SIDE = 2048;
const LARGE = 1024;

/**
 * A picture to show: `url` (null where the browser cannot show it), and the size in pixels of the upright original, 0
 * where that is not known. `isVector` tells a drawing without pixels. It must be let go of when it is not shown any more.
 */
class Picture {
  constructor(blob, width, height, isVector = false) {
    this.url = blob && URL.createObjectURL(blob);
    this.width = width;
    this.height = height;
    this.isVector = isVector;
  }

  /** Whether parts of it can be chosen. */
  get hasParts() {
    return this.url !== null && !this.isVector;
  }

  letGo() {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = null;
  }
}

/** Make a picture of a file; large ones are scaled down outside the page's own thread, so that it never stands still. */
export async function pictureOf(file) {
  const { width, height } = await sizeOf(file);
  const isVector = file.type === "image/svg+xml";
  if (!width || width * height > MOST_PIXELS) return new Picture(null, width, height, isVector);
  const isLarge = Math.max(width, height) > MOST_SHOWN_SIDE && !isVector;
  return new Picture(isLarge ? await scaledDown(file, width, height) : file, width, height, isVector);
}

/** Fetch the picture of a registered mark. */
export async function pictureOfMark(markId, signal) {
  const { blob, scale } = await fetchPreview(markId, LARGE, signal);
  const { width, height } = await sizeOf(blob);
  // Half a pixel of the preview may be several of the original, none of which may lie outside.
  const whole = (side) => (scale < 1 ? Math.floor((side - 0.5) / scale) : side);
  return new Picture(blob, whole(width), whole(height));
}

/** Fetch a small picture of a mark: the image, and how many of its pixels stand for one of the original. */
export async function fetchPreview(markId, size, signal) {
  const answer = await call(`/api/v1/marks/${encodeURIComponent(markId)}/image`, {
    query: { size },
    as: "response",
    accept: "image/*",
    signal,
  });
  return { blob: await answer.blob(), scale: Number(answer.headers.get("Image-Scale")) || 1 };
}

// An element of the page reads no more of a file than its head until it is shown, and runs nothing that is in it.
function sizeOf(blob) {
  const url = URL.createObjectURL(blob);
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve({ width: image.naturalWidth, height: image.naturalHeight });
    image.onerror = () => resolve({ width: 0, height: 0 });
    image.src = url;
  }).finally(() => URL.revokeObjectURL(url));
}

async function scaledDown(file, width, height) {
  const share = MOST_SHOWN_SIDE / Math.max(width, height);
  const size = { resizeWidth: Math.round(width * share), resizeHeight: Math.round(height * share) };
  const bitmap = await createImageBitmap(file, { ...size, resizeQuality: "medium" });
  const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
  // Handed over undrawn, Chromium would turn a picture back on the side that a camera laid it on.
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.9));
}
