/**
 * Small pictures: written digits in the colour of the ink, numbers from -1 to 1 in orange and blue, colours as they are.
 *
 * All tiles of a set go into one strip with one putImageData; each is then drawn from there, its pixels kept square.
 */

import { divergingTable, packed, rgb } from "./colours.js";

const cache = new Map();

/** 256 pixels from the card's colour (0) to the colour of the text (255). */
function inkTable(theme) {
  if (!cache.has(theme.key)) {
    const [from, to] = [rgb(theme.card), rgb(theme.text)];
    const at = (i) => from.map((value, k) => Math.round(value + ((to[k] - value) * i) / 255));
    const table = Uint32Array.from({ length: 256 }, (_, i) => packed(...at(i)));
    cache.set(theme.key, { ink: table, signed: divergingTable(theme.middle) });
  }
  return cache.get(theme.key);
}

/** The colour of a byte 1..255 that stands for -1..1, as a CSS colour. */
export function signedColour(theme, byte) {
  const pixel = inkTable(theme).signed[byte];
  return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
}

export class Tiles {
  constructor() {
    this.strip = document.createElement("canvas");
    this.ctx = /** @type {CanvasRenderingContext2D} */ (this.strip.getContext("2d", { willReadFrequently: true }));
    this.count = this.width = this.height = 0;
    /** @type {Uint8Array|null} */
    this.bytes = null;
    this.themeKey = "";
  }

  /**
   * Takes pictures, unless they are those that it has.
   * @param {Uint8Array} bytes count x height x width x channels
   * @param {number[]} shape [height, width, channels]
   * @param {"ink"|"signed"} scale what a single channel stands for; three channels are red, green, blue
   */
  load(bytes, shape, scale, theme) {
    if (this.bytes === bytes && this.themeKey === theme.key) return this;
    const [height, width, channels] = shape;
    Object.assign(this, { bytes, themeKey: theme.key, width, height, count: bytes.length / (height * width * channels) });
    if (!this.count) return this;
    const [w, h] = [width * this.count, height];
    if (this.strip.width !== w || this.strip.height !== h) Object.assign(this.strip, { width: w, height: h });
    const image = new ImageData(w, h);
    const pixels = new Uint32Array(image.data.buffer);
    const table = inkTable(theme)[scale];
    for (let k = 0, at = 0; k < this.count; k++)
      for (let r = 0; r < height; r++)
        for (let c = 0, to = r * w + k * width; c < width; c++, at += channels)
          pixels[to + c] = channels === 3 ? packed(bytes[at], bytes[at + 1], bytes[at + 2]) : table[bytes[at]];
    this.ctx.putImageData(image, 0, 0);
    return this;
  }

  /** Draws picture `k` into a rectangle, with rounded corners cut by the frame that is drawn around it. */
  draw(ctx, k, x, y, width, height = width, radius = 4) {
    if (k >= this.count) return;
    ctx.save();
    ctx.beginPath();
    ctx.roundRect(x, y, width, height, radius);
    ctx.clip();
    ctx.imageSmoothingEnabled = width < 2 * this.width; // smaller than twice: pixels of uneven size would show
    ctx.imageSmoothingQuality = "medium";
    ctx.drawImage(this.strip, k * this.width, 0, this.width, this.height, x, y, width, height);
    ctx.restore();
  }
}

/** Columns and rows for `count` squares that fill a box best, and the side of one with its gap, at most `largest`. */
export function fill(count, width, height, largest = Infinity) {
  const none = { columns: 1, rows: count, pitch: 0 };
  let [best, even] = [none, none];
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const found = { columns, rows, pitch: Math.min(width / columns, height / rows, largest) };
    if (found.pitch > best.pitch) best = found;
    if (count % columns === 0 && found.pitch >= even.pitch) even = found;
  }
  return even.pitch > 0.66 * best.pitch ? even : best; // full rows look better than larger squares
}
