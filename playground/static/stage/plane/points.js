/**
 * The points: a marker for each sample, filled for training, hollow for test.
 *
 * Each kind of marker is painted once as a small sprite and stamped on whole device pixels: thousands of points stay
 * cheap, and where points overlap each keeps its own outline.
 */

import { POSITIVE, classColour, diverging } from "../base/colours.js";
import { markerPath } from "../base/shapes.js";
import { planeScale } from "./layout.js";

/** Paints all points of a frame. The origin of `ctx` is the stage's. */
export function paintPoints(ctx, { layout, header, theme, arrays, ratio }) {
  const { points_xy: xy, points_class: classes, points_value: values, points_train: train } = arrays;
  if (!xy) return;
  const scale = planeScale(layout.output, header.plane);
  const radius = pointRadius(layout, xy.length / 2);
  const sprites = new Map();
  const [low, high] = header.value_range ?? [0, 1];
  // A point that has the colour of the surface under it is seen by its outline alone.
  const outline = header.task === "surface" ? theme.frame : theme.outline;
  ctx.save();
  ctx.beginPath();
  ctx.rect(layout.output.x, layout.output.y, layout.output.size, layout.output.size);
  ctx.clip();
  // Hollow markers first: a test point never hides the training point beside it.
  for (const wanted of [0, 1]) {
    for (let i = 0; i < xy.length / 2; i++) {
      if (train[i] !== wanted) continue;
      const shape = header.task === "classes" ? classes[i] : 0;
      const step = header.task === "surface" ? Math.round(((values[i] - low) / (high - low)) * 32) : 0;
      const key = `${shape}|${step}|${wanted}`;
      if (!sprites.has(key)) sprites.set(key, sprite(shape, colourOf(header, theme, shape, step), wanted, radius, outline, theme.outline, ratio));
      const picture = sprites.get(key);
      const size = picture.width / ratio;
      const left = Math.round((scale.x(xy[2 * i]) - size / 2) * ratio) / ratio;
      const top = Math.round((scale.y(xy[2 * i + 1]) - size / 2) * ratio) / ratio;
      ctx.drawImage(picture, left, top, size, size);
    }
  }
  ctx.restore();
}

export const pointRadius = (layout, count) => (count > 1200 ? 2.5 : 3.3) * Math.min(1.5, Math.max(0.9, layout.output.size / 325));

function colourOf(header, theme, shape, step) {
  if (header.task === "classes") return classColour(header.palette, shape);
  if (header.task === "surface") return diverging(step / 16 - 1, theme.middle);
  return POSITIVE;
}

function sprite(shape, colour, train, radius, outline, core, ratio) {
  const canvas = document.createElement("canvas");
  const side = Math.ceil(2 * (radius * 1.3 + 2.5) * ratio);
  canvas.width = canvas.height = side;
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  ctx.scale(ratio, ratio);
  paintMarker(ctx, shape, side / ratio / 2, side / ratio / 2, radius, colour, train, outline, core);
  return canvas;
}

/** One marker with a quiet outline; hollow ones are a ring around a core. */
export function paintMarker(ctx, shape, x, y, radius, colour, train, outline, core) {
  ctx.lineJoin = "round";
  ctx.beginPath();
  markerPath(ctx, shape, x, y, radius);
  if (train) {
    ctx.fillStyle = colour;
    ctx.fill();
    ctx.lineWidth = 1.1;
    ctx.strokeStyle = outline;
    ctx.stroke();
  } else {
    ctx.lineWidth = 3;
    ctx.strokeStyle = outline;
    ctx.stroke();
    ctx.fillStyle = core;
    ctx.fill();
    ctx.lineWidth = 1.6;
    ctx.strokeStyle = colour;
    ctx.stroke();
  }
}
