/**
 * The page of the loss surface: the paths over it, and the losses along them.
 */

import { linearTicks, short, tickLabels } from "../base/axes.js";
import { chartIn, paintTicksBelow, paintTicksLeft } from "../base/chart.js";
import { mix, packed, rgb } from "../base/colours.js";
import { Layer, rim, roundRect } from "../base/shapes.js";
import { text, textWidth } from "../base/text.js";
import { lineColour, paintLanes, paintPressRun, paintTitle } from "./charts.js";

const FINE = 6; // pixels of a cell: the lines between bands are smooth
const BANDS = 16;

/** @type {import("../panels/registry.js").Painter} */
export function paintSurface(ctx, view, box, kept) {
  const { layout, theme, header } = view;
  const { px } = layout.fonts;
  const left = box.x + px.tick * 3.6;
  const top = box.y + px.title * 1.5;
  const width = Math.min(box.width * 0.56, (box.height - px.title * 4.5) * 1.25);
  const named = header.ready ? textWidth(`${header.y_label} ↑`, layout.fonts.tick) + 16 : 0; // of the axis upwards, at the right end
  paintTitle(ctx, view, header.surface_title, box.x, box.y, left + width - box.x - named);
  const plane = { left, top, width, height: box.height - px.title * 1.5 - px.tick * 3 };
  const [right, bottom] = [left + width, top + plane.height];
  if (header.ready) paintPlane(ctx, view, plane, kept("hills", Layer));
  else paintPressRun(ctx, view, (left + right) / 2, (top + bottom) / 2);
  rim(ctx, left + 0.5, top + 0.5, width - 1, plane.height - 1, theme.line, 8);
  if (header.ready) paintAxes(ctx, view, plane, box.y + px.title * 0.3);
  const x = right + 40 * layout.scale;
  paintTitle(ctx, view, header.lines_title, x, box.y, box.x + box.width - x);
  const panel = { x, y: top, width: box.x + box.width - x, height: bottom - top + px.tick * 2.9 };
  paintLanes(ctx, view, panel, "band", { xLabel: "updates", yLabel: "loss" });
}

/** The chart that the plane is. */
function chartOf({ x_range: [x0, x1], y_range: [y0, y1] }, { left, top, width, height }) {
  return chartIn({ left, right: left + width, top, bottom: top + height }, { x0, x1, y0, y1 });
}

function paintPlane(ctx, view, plane, hills) {
  const { header, arrays, theme, layout } = view;
  const { left, top, width, height } = plane;
  const chart = chartOf(header, plane);
  const side = header.surface_side * FINE;
  ctx.save();
  roundRect(ctx, left, top, width, height, 8);
  ctx.clip();
  ctx.imageSmoothingEnabled = true;
  const picture = hills.get(`${header.run}|${theme.key}`, side, side, 1, (layer) => paintHills(layer, view));
  ctx.drawImage(picture, left, top, width, height);
  header.lines.forEach((line, k) => paintPath(ctx, theme, arrays[`path${k}`], chart, layout.scale, lineColour(line.colour, theme)));
  ctx.restore();
}

/** The surface in bands of equal loss, dark where it is low. */
function paintHills(ctx, { header, arrays, theme }) {
  const side = header.surface_side;
  const image = new ImageData(side * FINE, side * FINE);
  const pixels = new Uint32Array(image.data.buffer);
  const [low, high] = theme.dark ? ["#7aa2ff", "#1b2028"] : ["#2f5fb3", "#f4f7fc"];
  const table = Array.from({ length: BANDS + 1 }, (_, b) => packed(...rgb(mix(low, high, (b / BANDS) ** 0.8))));
  const at = (r, c) => arrays.surface[Math.min(side - 1, r) * side + Math.min(side - 1, c)];
  const place = (pixel) => ((pixel + 0.5) / (side * FINE)) * (side - 1); // the first and the last value stand on the rim
  const value = (i, j) => {
    const [y, x] = [place(i), place(j)];
    const [r, c] = [Math.floor(y), Math.floor(x)];
    const [v, u] = [y - r, x - c];
    return (at(r, c) * (1 - u) + at(r, c + 1) * u) * (1 - v) + (at(r + 1, c) * (1 - u) + at(r + 1, c + 1) * u) * v;
  };
  for (let i = 0; i < side * FINE; i++)
    for (let j = 0; j < side * FINE; j++) pixels[i * side * FINE + j] = table[Math.min(BANDS, Math.floor((value(i, j) / 255) * BANDS))];
  ctx.putImageData(image, 0, 0);
}

/** A way over the surface: a dot where it begins, a disc where it has come to. */
function paintPath(ctx, theme, path, { x: X, y: Y }, size, colour) {
  ctx.beginPath();
  for (let i = 0; i < path.length; i += 2) ctx.lineTo(X(path[i]), Y(path[i + 1]));
  ctx.lineJoin = "round";
  for (const [ink, thick] of [[theme.card, 4.5], [colour, 2.2]]) {
    ctx.strokeStyle = ink;
    ctx.lineWidth = thick * size;
    ctx.stroke();
  }
  for (const [i, r] of [[0, 3], [path.length - 2, 5.5]]) {
    ctx.beginPath();
    ctx.arc(X(path[i]), Y(path[i + 1]), r * size, 0, 2 * Math.PI);
    ctx.fillStyle = i ? colour : theme.text;
    ctx.fill();
    ctx.strokeStyle = theme.card;
    ctx.lineWidth = 1.5;
    ctx.stroke();
  }
}

function paintAxes(ctx, view, plane, titleY) {
  const { layout, theme, header } = view;
  const { fonts } = layout;
  const { left, top, width, height } = plane;
  const chart = chartOf(header, plane);
  const xTicks = linearTicks(...header.x_range, 5);
  paintTicksBelow(ctx, view, chart, xTicks, tickLabels(xTicks));
  text(ctx, header.x_label, chart.right, chart.bottom + fonts.px.tick * 2.3, fonts.tick, theme.muted, "right");
  const yTicks = linearTicks(...header.y_range, 5);
  paintTicksLeft(ctx, view, chart, yTicks, tickLabels(yTicks));
  text(ctx, `${header.y_label} ↑`, chart.right, titleY, fonts.tick, theme.muted, "right");
  const [low, high] = header.surface_ends.map((v) => short(v));
  const tip = `Loss from ${low} (dark) to ${high} (pale); lines of equal loss. A dot is where all begin, a disc where each has come to.`;
  view.targets.push({ x: left, y: top, width, height, tip });
}
