/**
 * The line chart: a box with two axes, lines and bands in it, and what stands under the pointer. Every chart of the stage
 * is made of these; where its axes begin and end is up to who paints it.
 *
 * @typedef {object} Series a line of a chart
 * @property {string} [name]
 * @property {ArrayLike<number>} x rising
 * @property {ArrayLike<number>} y where it is no number, the line has a gap
 * @property {ArrayLike<number>} [low] the lower edge of its band
 * @property {ArrayLike<number>} [high]
 * @property {string} colour
 * @property {number} width of the line, in px
 * @property {number[]} [dash] in px
 * @property {boolean} [thin] for a line that goes on growing: at most two points to a column of pixels are drawn
 * @property {CanvasLineJoin} [join] of its corners, "round" where nothing is said
 * @property {boolean} [front] false for a line that the pointer does not read out
 *
 * @typedef {ReturnType<typeof chartIn>} Chart
 */

import { nearest, printed } from "./axes.js";
import { roundRect } from "./shapes.js";
import { text, textWidth } from "./text.js";

/**
 * A chart in a box, given as its edges.
 * @param {{left: number, right: number, top: number, bottom: number}} box
 * @param {{x0?: number, x1: number, y0: number, y1: number, log?: boolean}} ends of its axes; log: of the vertical one
 * @returns the box with `x`, `y` (from numbers to px) and `invert` (from px to a number along x)
 */
export function chartIn(box, { x0 = 0, x1, y0, y1, log = false }) {
  const { left, right, top, bottom } = box;
  const [a, b] = log ? [Math.log(y0), Math.log(y1)] : [y0, y1];
  return {
    ...box,
    x: (v) => left + ((v - x0) / (x1 - x0)) * (right - left),
    y: (v) => bottom - (((log ? Math.log(Math.max(v, 1e-30)) : v) - a) / (b - a)) * (bottom - top),
    invert: (p) => x0 + ((p - left) / (right - left)) * (x1 - x0),
  };
}

/** A line across at each tick of the vertical axis, on whole pixels. */
export function paintLevels(ctx, { theme }, chart, ticks) {
  ctx.strokeStyle = theme.line;
  ctx.lineWidth = 1;
  for (const tick of ticks) {
    const y = Math.round(chart.y(tick)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(chart.left, y);
    ctx.lineTo(chart.right, y);
    ctx.stroke();
  }
}

/** The labels of the vertical axis, `gap` px left of it; `whole`: on whole pixels, as the levels are. */
export function paintTicksLeft(ctx, { layout, theme }, chart, ticks, labels, { gap = 7 * layout.scale, whole = false } = {}) {
  const at = (tick) => (whole ? Math.round(chart.y(tick)) + 0.5 : chart.y(tick));
  ticks.forEach((tick, i) => text(ctx, labels[i], chart.left - gap, at(tick), layout.fonts.tick, theme.muted, "right"));
}

/** The labels of the horizontal axis, and in the line below them what it counts. */
export function paintTicksBelow(ctx, { layout, theme }, chart, ticks, labels, words = "", gap = layout.fonts.px.tick) {
  const { fonts } = layout;
  const y = chart.bottom + gap;
  ticks.forEach((tick, i) => text(ctx, labels[i], chart.x(tick), y, fonts.tick, theme.muted, "center"));
  if (words) text(ctx, words, chart.right, y + fonts.px.tick * 1.25, fonts.tick, theme.muted, "right");
}

/** Calls `paint`, of which nothing is seen beyond the chart. */
export function paintInside(ctx, chart, paint) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(chart.left - 1, chart.top - 2, chart.right - chart.left + 3, chart.bottom - chart.top + 4);
  ctx.clip();
  paint();
  ctx.restore();
}

/**
 * The band of a series, pale.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Chart} chart
 * @param {Series} series
 */
export function paintBand(ctx, chart, { x, low = [], high = [], colour }) {
  ctx.beginPath();
  for (let i = 0; i < x.length; i++) if (Number.isFinite(high[i])) ctx.lineTo(chart.x(x[i]), chart.y(high[i]));
  for (let i = x.length - 1; i >= 0; i--) if (Number.isFinite(low[i])) ctx.lineTo(chart.x(x[i]), chart.y(low[i]));
  ctx.fillStyle = colour;
  ctx.globalAlpha = 0.16;
  ctx.fill();
  ctx.globalAlpha = 1;
}

/**
 * The line of a series from x = `from` on to x = `to`, the ends interpolated.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Chart} chart
 * @param {Series} series
 */
export function paintLine(ctx, chart, { x, y, colour, width, dash = [], thin = false, join = "round" }, from = 0, to = Infinity) {
  ctx.beginPath();
  ctx.setLineDash(dash);
  // Dashes go on where a line ended that was painted before: the offset is the way along the line, about its way along x.
  ctx.lineDashOffset = from > 0 ? chart.x(from) - chart.left : 0;
  trace(ctx, x, y, chart, from, to, thin ? 0.7 : 0);
  ctx.lineJoin = join;
  ctx.lineWidth = width;
  ctx.strokeStyle = colour;
  ctx.stroke();
  ctx.setLineDash([]);
}

/** Adds a series to the path; of points that lie within `reach` px of each other along x only the extremes. */
function trace(ctx, xs, ys, chart, from, to, reach) {
  let column = NaN, low = 0, high = 0, last = 0, pen = false;
  const flush = () => {
    if (Number.isNaN(column)) return;
    if (high !== low) ctx.lineTo(column, low === last ? high : low);
    ctx.lineTo(column, last);
    if (high !== low) ctx.lineTo(column, last);
  };
  const start = Math.max(0, xs.findLastIndex((x) => x <= from));
  for (let k = start; k < xs.length; k++) {
    let [x, y] = [xs[k], ys[k]];
    const beyond = x > to;
    if (beyond) {
      const share = k ? (to - xs[k - 1]) / (x - xs[k - 1]) : 1;
      [x, y] = [to, k ? ys[k - 1] + (y - ys[k - 1]) * share : y];
    }
    if (!Number.isFinite(y)) {
      flush();
      [column, pen] = [NaN, false];
      continue;
    }
    const px = chart.x(x);
    const py = chart.y(y);
    if (!pen) {
      ctx.moveTo(px, py);
      pen = true;
    }
    if (px - column < reach) [low, high, last] = [Math.min(low, py), Math.max(high, py), py];
    else {
      flush();
      [column, low, high, last] = [px, py, py, py];
    }
    if (beyond) break;
  }
  flush();
}

/**
 * What the lines say at x: the place of the nearest point, and a row for each line.
 * @param {Series[]} series
 * @param {number} x
 * @returns {{x: number, words: string, rows: {words: string, colour: string, y: number}[]}|null}
 */
export function readAt(series, x, { xLabel, percent }) {
  const read = series.filter((s) => s.front !== false && s.x.length);
  if (!read.length) return null;
  const rows = read.map(({ name, x: xs, y, colour }) => {
    const value = y[nearest(xs, x)];
    return { words: `${name} ${printed(value, percent)}`, colour, y: value };
  });
  const at = read[0].x[nearest(read[0].x, x)];
  return { x: at, words: `${xLabel} ${Number(at.toPrecision(4))}`, rows };
}

/** A line at what was read, a disc on each line, and a box with the words. */
export function paintReadout(ctx, { layout, theme }, chart, read) {
  const px = Math.round(chart.x(read.x)) + 0.5;
  ctx.lineWidth = 1;
  ctx.strokeStyle = theme.muted;
  ctx.beginPath();
  ctx.moveTo(px, chart.top - 2);
  ctx.lineTo(px, chart.bottom);
  ctx.stroke();
  for (const { y, colour } of read.rows) {
    if (!Number.isFinite(y)) continue;
    ctx.beginPath();
    ctx.arc(px, Math.min(chart.bottom, Math.max(chart.top, chart.y(y))), 3.5, 0, 2 * Math.PI);
    ctx.fillStyle = colour;
    ctx.fill();
    ctx.strokeStyle = theme.card;
    ctx.stroke();
  }
  const rows = [[read.words, theme.muted], ...read.rows.map(({ words, colour }) => [words, colour])];
  paintBox(ctx, layout, theme, rows, px, chart);
}

function paintBox(ctx, { fonts }, theme, rows, px, chart) {
  const line = fonts.px.tick * 1.4;
  const width = Math.max(...rows.map(([text]) => textWidth(text, fonts.tickOn))) + 16;
  const height = rows.length * line + 8;
  const left = px + 10 + width > chart.right ? px - 10 - width : px + 10;
  const top = Math.max(chart.top - 4, Math.min((chart.top + chart.bottom - height) / 2, chart.bottom - height));
  roundRect(ctx, left, top, width, height, 6);
  ctx.globalAlpha = 0.94;
  ctx.fillStyle = theme.card;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.strokeStyle = theme.line;
  ctx.stroke();
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.font = fonts.tickOn;
  rows.forEach(([text, colour], r) => {
    ctx.fillStyle = colour;
    ctx.fillText(text, left + 8, top + 4 + line * (r + 0.5));
  });
}
