/**
 * Maps of a lab: what each model says over the plane, as small pictures with the points on them.
 *
 * All maps of a frame go into one strip of pixels with one putImageData; each is then drawn smoothly from there.
 */

import { MARGINS, classColour, divergingTable, marginPixel, mix } from "../base/colours.js";
import { markerPath, rim, roundRect } from "../base/shapes.js";

const CLASSES = 10;
const cache = new Map();

/** For each class the pixels of the 256 bytes of a margin. */
function tablesOf(palette, theme) {
  const key = `${theme.key}|${palette}`;
  if (!cache.has(key)) {
    const table = (colour) => Uint32Array.from(MARGINS, (margin) => marginPixel(colour, margin, theme));
    cache.set(key, Array.from({ length: CLASSES }, (_, k) => table(classColour(palette, k))));
  }
  return cache.get(key);
}

export class Maps {
  constructor() {
    this.strip = document.createElement("canvas");
    this.ctx = /** @type {CanvasRenderingContext2D} */ (this.strip.getContext("2d", { willReadFrequently: true }));
    this.arrays = null;
    this.themeKey = "";
  }

  /** Writes the maps of a frame side by side into the strip, unless they are those that it has. */
  load({ header, arrays, theme }) {
    if (this.arrays === arrays && this.themeKey === theme.key) return this;
    Object.assign(this, { arrays, themeKey: theme.key });
    const { side } = header;
    if (!side) return this;
    const { map_class: classes, map_margin: margins, map_value: values } = arrays;
    if (!classes && !values) return this; // curves, which need no pixels
    const count = (classes ?? values).length / (side * side);
    if (this.strip.width !== side * count || this.strip.height !== side) Object.assign(this.strip, { width: side * count, height: side });
    const image = new ImageData(side * count, side);
    const pixels = new Uint32Array(image.data.buffer);
    const tables = classes ? tablesOf(header.palette, theme) : divergingTable(theme.middle);
    for (let k = 0, at = 0; k < count; k++)
      for (let r = 0; r < side; r++)
        for (let c = 0, to = r * side * count + k * side; c < side; c++, at++)
          pixels[to + c] = classes ? tables[classes[at] % CLASSES][margins[at]] : tables[values[at]];
    this.ctx.putImageData(image, 0, 0);
    return this;
  }

  /** Draws map `k` into a square, its points over it. */
  draw(ctx, { header, arrays, theme, layout }, k, x, y, size, alpha = 1) {
    const { side } = header;
    const { points_xy: xy, points_class: classes } = arrays;
    const radius = Math.min(7, size * 0.1);
    ctx.save();
    roundRect(ctx, x, y, size, size, radius);
    ctx.clip();
    ctx.globalAlpha = alpha;
    ctx.imageSmoothingEnabled = true;
    if (arrays.map_line) paintCurve(ctx, theme, arrays.map_line.subarray(k * side, (k + 1) * side), x, y, size);
    else ctx.drawImage(this.strip, k * side, 0, side, side, x, y, size, size);
    const r = Math.max(1.1, Math.min(4.5 * layout.scale, size / 55));
    for (let i = 0; i < classes.length; i++) {
      ctx.beginPath();
      markerPath(ctx, classes[i], x + xy[2 * i] * size, y + xy[2 * i + 1] * size, r);
      ctx.fillStyle = mix(classColour(header.palette, classes[i]), theme.dark ? "#ffffff" : "#000000", theme.dark ? 0.35 : 0.3);
      ctx.fill();
    }
    ctx.restore();
    rim(ctx, x + 0.5, y + 0.5, size - 1, size - 1, theme.line, radius);
  }
}

/** What a model of one input answers: heights in shares of the square, from its top. */
function paintCurve(ctx, theme, heights, x, y, size) {
  ctx.fillStyle = theme.page;
  ctx.fillRect(x, y, size, size);
  ctx.beginPath();
  heights.forEach((v, i) => ctx.lineTo(x + ((i + 0.5) / heights.length) * size, y + v * size));
  ctx.strokeStyle = theme.accent;
  ctx.lineWidth = Math.max(1.4, size / 70);
  ctx.lineJoin = "round";
  ctx.stroke();
}
