/**
 * Thumbnails: what each unit computes over the plane, 25 x 25 values in the diverging colours, with rounded corners.
 *
 * All thumbnails of a frame go into one strip of pixels with one putImageData; each is then drawn smoothly from there.
 * Corners are not clipped (slow in software) but covered by a ready frame in the colour of the card.
 */

import { divergingTable } from "../base/colours.js";
import { Layer, roundRect } from "../base/shapes.js";

const SIDE = 25;
const CELL = SIDE + 2; // each thumbnail has its rim repeated around it, so that smoothing takes nothing from a neighbour

export class Thumbnails {
  constructor() {
    this.strip = document.createElement("canvas");
    this.strip.height = CELL;
    this.ctx = /** @type {CanvasRenderingContext2D} */ (this.strip.getContext("2d", { willReadFrequently: true }));
    this.frames = new Map();
    this.capacity = 0;
    this.image = new ImageData(CELL, CELL);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.table = new Uint32Array(256);
  }

  /** Writes `sets` (arrays of count x 25 x 25 bytes, or the same as floats) one after the other into the strip. */
  load(sets, theme) {
    if (this.themeKey !== theme.key) {
      this.themeKey = theme.key;
      this.table = divergingTable(theme.middle);
      this.frames.clear();
    }
    const count = sets.reduce((sum, set) => sum + set.length / (SIDE * SIDE), 0);
    if (count > this.capacity) {
      this.capacity = count;
      this.strip.width = CELL * count;
      this.image = new ImageData(CELL * count, CELL);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    let k = 0;
    for (const set of sets) for (let at = 0; at < set.length; at += SIDE * SIDE) this.write(set, at, k++);
    if (k) this.ctx.putImageData(this.image, 0, 0, 0, 0, CELL * k, CELL);
  }

  write(set, at, k) {
    const { pixels, table } = this;
    const width = this.image.width;
    for (let r = 0; r < CELL; r++) {
      const source = at + SIDE * Math.min(SIDE - 1, Math.max(0, r - 1));
      const target = r * width + k * CELL;
      for (let c = 0; c < SIDE; c++) pixels[target + c + 1] = table[(set[source + c] + 0.5) | 0];
      pixels[target] = pixels[target + 1];
      pixels[target + CELL - 1] = pixels[target + CELL - 2];
    }
  }

  /** Draws the strip's thumbnail `k` as a square around (x, y). */
  draw(ctx, k, x, y, size) {
    ctx.drawImage(this.strip, k * CELL + 1, 1, SIDE, SIDE, x - size / 2, y - size / 2, size, size);
  }

  /** Draws a rounded frame around a square, its corners in the colour of the card. */
  frame(ctx, x, y, size, ratio, theme, style = "on") {
    const key = `${style}|${size}`;
    if (!this.frames.has(key)) this.frames.set(key, new Layer());
    const room = 2;
    const full = size + 2 * room;
    const picture = this.frames.get(key).get(theme.key + key, full, full, ratio, (layer) => {
      const radius = Math.min(7, size * 0.2);
      layer.beginPath();
      layer.rect(room - 0.75, room - 0.75, size + 1.5, size + 1.5);
      layer.roundRect(room, room, size, size, radius);
      layer.fillStyle = theme.card;
      layer.fill("evenodd");
      if (style === "off") return;
      roundRect(layer, room, room, size, size, radius);
      layer.lineWidth = style === "hover" ? 3 : size < 16 ? 1 : 1.4;
      layer.strokeStyle = style === "hover" ? theme.accent : theme.frame;
      layer.stroke();
    });
    const left = Math.round((x - full / 2) * ratio) / ratio;
    const top = Math.round((y - full / 2) * ratio) / ratio;
    ctx.drawImage(picture, left, top, full, full);
  }
}
