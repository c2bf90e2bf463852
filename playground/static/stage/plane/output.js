/**
 * The output: the map of what the network answers, its boundary, the fitted curve, axes and the colour bar.
 */

import { barTicks, tickLabels } from "../base/axes.js";
import { classColour, classTables, diverging, divergingTable } from "../base/colours.js";
import { roundRect } from "../base/shapes.js";
import { textWidth } from "../base/text.js";
import { boundaryLines, tracePath } from "./boundary.js";
import { paintField } from "./field.js";
import { planeScale, yLabels } from "./layout.js";
import { paintMarker, pointRadius } from "./points.js";

const RADIUS = 8;

/** Axes, labels, the hint about markers, the colour bar: kept in a layer. The title changes with what is shown. */
export function paintOutputLabels(ctx, { layout, header, theme }) {
  const { output, fonts, scale, headerY } = layout;
  const { x, y, size } = output;
  const { plane } = header;
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  ctx.font = fonts.tick;
  ctx.fillStyle = theme.muted;
  const hints = ["filled: training   hollow: test", "\u25cf training  \u25cb test", ""];
  const room = size - textWidth("Output", fonts.title) - 12;
  ctx.fillText(hints.find((hint) => textWidth(hint, fonts.tick) <= room), x + size, headerY);
  const to = planeScale(output, plane);
  const tickY = y + size + 5 * scale + fonts.px.tick * 0.6;
  const xLabel = textWidth(plane.x_label, fonts.tickOn);
  ctx.textAlign = "center";
  const xTexts = tickLabels(plane.x_ticks);
  const free = x + size - (output.longX ? -6 : xLabel + 8); // ticks end where the label on their line begins
  plane.x_ticks.forEach((tick, i) => {
    const half = textWidth(xTexts[i], fonts.tick) / 2;
    if (to.x(tick) + half > free || to.x(tick) - half < x - 6) return;
    ctx.fillText(xTexts[i], to.x(tick), tickY);
  });
  ctx.textAlign = "right";
  const yTexts = yLabels(plane);
  plane.y_ticks.forEach((tick, i) => {
    if (to.y(tick) < y + (output.longY ? 0 : fonts.px.tick * 1.9) || to.y(tick) > y + size + 2) return;
    ctx.fillText(yTexts[i], x - 7 * scale, to.y(tick));
  });
  ctx.font = fonts.tickOn;
  ctx.fillStyle = theme.text;
  ctx.fillText(plane.x_label, x + size, tickY + (output.longX ? fonts.px.tick * 1.25 : 0));
  if (output.longY) {
    ctx.save();
    ctx.translate(output.left + fonts.px.tick * 0.5, y);
    ctx.rotate(-Math.PI / 2);
    ctx.fillText(plane.y_label, 0, 0);
    ctx.restore();
  } else ctx.fillText(plane.y_label, x - 7 * scale, y + fonts.px.tick * 0.6);
  if (output.bar) paintBar(ctx, layout, header, theme);
}

function paintBar(ctx, { output, fonts, scale }, header, theme) {
  const left = output.x + output.size + 12 * scale;
  const width = 10 * scale;
  const [low, high] = header.value_range;
  const gradient = ctx.createLinearGradient(0, output.y + output.size, 0, output.y);
  for (let i = 0; i <= 8; i++) gradient.addColorStop(i / 8, diverging(i / 4 - 1, theme.middle));
  ctx.fillStyle = gradient;
  roundRect(ctx, left, output.y, width, output.size, 4 * scale);
  ctx.fill();
  ctx.strokeStyle = theme.line;
  ctx.lineWidth = 1;
  ctx.stroke();
  const ticks = barTicks(header.value_range);
  const texts = tickLabels(ticks);
  ctx.textAlign = "left";
  ctx.fillStyle = theme.muted;
  ctx.font = fonts.tick;
  ticks.forEach((tick, i) => {
    const at = output.y + output.size * (1 - (tick - low) / (high - low));
    ctx.fillText(texts[i], left + width + 6 * scale, Math.min(output.y + output.size - 5, Math.max(output.y + 5, at)));
  });
}

/** The map as pixels, and the lines in it. Both are made again only when the field changes. */
export class FieldPicture {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.ctx = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d", { willReadFrequently: true }));
    this.image = new ImageData(1, 1);
    this.pixels = new Uint32Array(1);
    /** @type {Uint32Array[]|Uint32Array} */
    this.tables = [];
  }

  /** Takes a field over; cells become `factor` pixels wide, which is enough for smoothing to hide them. */
  load(field, { header, theme, layout, ratio }) {
    const key = `${theme.key}|${header.palette}|${header.task}|${header.classes?.length}`;
    if (this.key !== key) {
      this.key = key;
      this.tables =
        header.task === "classes"
          ? classTables(header.palette, Math.max(2, header.classes.length), theme)
          : divergingTable(theme.middle).map((_, i, table) => table[Math.max(1, i)]);
    }
    const factor = Math.min(4, Math.max(2, Math.round((layout.output.size * ratio) / field.n)));
    const side = field.n * factor;
    if (this.image.width !== side) {
      this.canvas.width = this.canvas.height = side;
      this.image = new ImageData(side, side);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    paintField(field, factor, this.pixels, this.tables);
    this.ctx.putImageData(this.image, 0, 0);
    this.lines = field.winner ? boundaryLines(field) : [];
  }
}

/** The map and over it the boundary; the grid for a regression on one input. */
export function paintMap(ctx, view, picture) {
  const { layout, header, theme } = view;
  const { x, y, size } = layout.output;
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, size, size);
  ctx.clip();
  if (header.task === "curve") paintGrid(ctx, view);
  else {
    ctx.drawImage(picture.canvas, x, y, size, size);
    ctx.beginPath();
    tracePath(ctx, picture.lines, x, y, size);
    ctx.lineWidth = (theme.dark ? 1.5 : 2) * Math.max(1, size / 325) ** 0.6;
    ctx.lineJoin = "round";
    ctx.strokeStyle = theme.boundary;
    ctx.stroke();
  }
  ctx.restore();
}

function paintGrid(ctx, { layout, header, theme }) {
  const { output } = layout;
  const to = planeScale(output, header.plane);
  ctx.beginPath();
  for (const tick of header.plane.x_ticks) {
    ctx.moveTo(to.x(tick), output.y);
    ctx.lineTo(to.x(tick), output.y + output.size);
  }
  for (const tick of header.plane.y_ticks) {
    ctx.moveTo(output.x, to.y(tick));
    ctx.lineTo(output.x + output.size, to.y(tick));
  }
  ctx.lineWidth = 1;
  ctx.strokeStyle = theme.line;
  ctx.stroke();
}

/** The fitted curve of a regression on one input, over the points. */
export function paintFit(ctx, { layout, header, theme }, line) {
  const { output } = layout;
  const to = planeScale(output, header.plane);
  ctx.save();
  ctx.beginPath();
  ctx.rect(output.x, output.y, output.size, output.size);
  ctx.clip();
  ctx.beginPath();
  for (let i = 0; i < line.x.length; i++) ctx.lineTo(to.x(line.x[i]), to.y(line.y[i]));
  ctx.lineJoin = "round";
  ctx.lineWidth = 6 * Math.max(1, layout.scale * 0.9);
  ctx.strokeStyle = theme.card;
  ctx.stroke();
  ctx.lineWidth = 3 * Math.max(1, layout.scale * 0.9);
  ctx.strokeStyle = classColour("two", 0);
  ctx.stroke();
  ctx.restore();
}

/** Rounded corners in the colour of the card, and a fine frame. */
export function paintMapFrame(ctx, { layout, theme }) {
  const { x, y, size } = layout.output;
  ctx.beginPath();
  ctx.rect(x - 1, y - 1, size + 2, size + 2);
  ctx.roundRect(x, y, size, size, RADIUS);
  ctx.fillStyle = theme.card;
  ctx.fill("evenodd");
  roundRect(ctx, x + 0.5, y + 0.5, size - 1, size - 1, RADIUS);
  ctx.lineWidth = 1;
  ctx.strokeStyle = theme.line;
  ctx.stroke();
}

/** Points that are being painted with the mouse and have not come back from Python yet. */
export function paintStroke(ctx, view, points) {
  const { layout, header, theme, arrays } = view;
  const to = planeScale(layout.output, header.plane);
  const radius = pointRadius(layout, (arrays.points_xy?.length ?? 0) / 2);
  const colour = classColour(header.palette, header.paint);
  for (const [px, py] of points) paintMarker(ctx, header.paint, to.x(px), to.y(py), radius, colour, 1, theme.outline, theme.outline);
}

/** A unit or a feature, large, in place of the map. */
export function paintLarge(ctx, { layout }, thumbnails, index) {
  const { x, y, size } = layout.output;
  ctx.imageSmoothingQuality = "high"; // 25 values over hundreds of pixels: bilinear would show its squares
  thumbnails.draw(ctx, index, x + size / 2, y + size / 2, size);
  ctx.imageSmoothingQuality = "low";
}

/** Confidence of a margin between two logits: the first class's share of the two, rescaled to 0..1. */
export const confidence = (margin) => Math.tanh(margin / 2);
