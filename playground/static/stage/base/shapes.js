/**
 * Shapes: the marker of each class, rounded rectangles, the card of a stage, and canvases that keep what seldom changes.
 */

const polygon = (n, turn, stretch = 1) =>
  Array.from({ length: n }, (_, i) => {
    const angle = turn + (2 * Math.PI * i) / n;
    return [stretch * Math.cos(angle), stretch * Math.sin(angle)];
  });
const star = polygon(10, -Math.PI / 2).map(([x, y], i) => (i % 2 ? [0.52 * x, 0.52 * y] : [1.25 * x, 1.25 * y]));
const arm = 0.36;
const plus = [
  [-arm, -1], [arm, -1], [arm, -arm], [1, -arm], [1, arm], [arm, arm],
  [arm, 1], [-arm, 1], [-arm, arm], [-1, arm], [-1, -arm], [-arm, -arm],
];
const cross = plus.map(([x, y]) => [(x - y) * 0.75, (x + y) * 0.75]);
const square = [[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]];

/** Outlines in the order of the classes; null is a circle. */
const MARKERS = [
  null,
  polygon(3, -Math.PI / 2, 1.2),
  square,
  polygon(4, 0, 1.18),
  plus,
  star,
  cross,
  polygon(6, 0, 1.05),
  polygon(3, Math.PI / 2, 1.2),
  polygon(5, -Math.PI / 2, 1.1),
];

/** Adds the marker of class `index`, of about radius `r` around (x, y), to the current path. */
export function markerPath(ctx, index, x, y, r) {
  const points = MARKERS[index % MARKERS.length];
  if (!points) {
    ctx.moveTo(x + r, y);
    ctx.arc(x, y, r, 0, 2 * Math.PI);
    return;
  }
  const down = index % MARKERS.length === 1 ? 0.18 * r : 0; // a triangle's weight lies below its middle
  points.forEach(([px, py], i) => ctx[i ? "lineTo" : "moveTo"](x + px * r, y + down + py * r));
  ctx.closePath();
}

/** Adds a rounded rectangle to a new path. */
export function roundRect(ctx, x, y, width, height, radius) {
  ctx.beginPath();
  ctx.roundRect(x, y, width, height, radius);
}

/** A rounded outline, one pixel wide. */
export function rim(ctx, x, y, width, height, colour, radius = 5) {
  roundRect(ctx, x, y, width, height, radius);
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.stroke();
}

/** The page, and the card on it from `top` on down. */
export function paintCard(ctx, theme, width, height, top = 0) {
  ctx.fillStyle = theme.page;
  ctx.fillRect(0, 0, width, height);
  roundRect(ctx, 0.5, top + 0.5, width - 1, height - top - 1, 12);
  ctx.fillStyle = theme.card;
  ctx.fill();
  ctx.strokeStyle = theme.line;
  ctx.lineWidth = 1;
  ctx.stroke();
}

/** A canvas in device pixels, painted again only when its key changes. */
export class Layer {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.ctx = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.key = null;
  }

  /**
   * @param {string} key everything that the picture depends on
   * @param {number} width in CSS pixels, as are all coordinates of `paint`
   * @param {number} height
   * @param {number} ratio device pixels in a CSS pixel
   * @param {(ctx: CanvasRenderingContext2D) => void} paint
   * @returns {HTMLCanvasElement}
   */
  get(key, width, height, ratio, paint) {
    const full = `${key}|${width}x${height}@${ratio}`;
    if (full !== this.key) {
      this.key = full;
      const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
      if (this.canvas.width !== w) this.canvas.width = w;
      if (this.canvas.height !== h) this.canvas.height = h;
      this.ctx.setTransform(1, 0, 0, 1, 0, 0);
      this.ctx.clearRect(0, 0, w, h);
      this.ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      paint(this.ctx);
    }
    return this.canvas;
  }
}

/** Copies a layer to (x, y) pixel by pixel: never resampled, so it stays sharp and cheap. */
export function blit(ctx, canvas, x, y, ratio) {
  ctx.save();
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.drawImage(canvas, Math.round(x * ratio), Math.round(y * ratio));
  ctx.restore();
}

/** Where a stage keeps what is made once: `kept("name", Kind)` is a `new Kind()` at first, and later the same. */
export function keeping() {
  const all = new Map();
  return (name, Kind) => {
    if (!all.has(name)) all.set(name, new Kind());
    return all.get(name);
  };
}
