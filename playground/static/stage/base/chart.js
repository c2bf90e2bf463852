/**
 * The curves: two charts, training solid, validation dotted and test dashed, with axes, last values in their colours and a read-out.
 *
 * Axes end at round numbers, so they move rarely; what lies left of the newest points is kept in a layer, and between
 * two frames only the ends of the lines are drawn.
 */

import { linearTicks, logLabel, logTicks, nearest, niceLimit, niceStep, printed, tickLabels } from "./axes.js";
import { roundRect } from "./shapes.js";
import { textWidth } from "./text.js";

const SERIES = ["train", "validation", "test"]; // those that a frame has
const DASHES = { train: [], validation: [1.5, 3], test: [5, 3.5] };
const colourOf = (theme, name) => (name === "train" ? theme.accent : theme[name]);

/** The scale of the curves number `i` in a box: limits, ticks, labels, and functions to pixels. */
export function chartScale(view, box, i) {
  const { layout, header, arrays } = view;
  const curve = header.curves[i];
  const { px } = layout.fonts;
  const xs = arrays.curve_x ?? new Float32Array();
  const end = xs.length ? xs[xs.length - 1] : 0;
  const parts = Math.max(2, Math.min(6, Math.floor((box.right - box.left) / (px.tick * 5.5))));
  const step = niceStep(end || 10, parts);
  const x1 = Math.ceil((end || 10) / step - 1e-6) * step;
  const xTicks = linearTicks(0, x1, parts);
  const log = curve.log && !curve.percent;
  const range = log ? logRange(arrays, i) : linearRange(arrays, i, curve, box.bottom - box.top < 100 ? 2 : 4);
  const { y0, y1, ticks, labels } = range;
  const left = box.left + Math.max(...labels.map((t) => textWidth(t, layout.fonts.tick))) + 8 * layout.scale;
  const [a, b] = log ? [Math.log(y0), Math.log(y1)] : [y0, y1];
  return {
    ...box,
    start: box.left, // where the title begins; the axis stands at `left`
    left,
    x1,
    xTicks,
    xLabels: tickLabels(xTicks),
    ticks,
    labels,
    log,
    x: (v) => left + (v / x1) * (box.right - left),
    y: (v) => box.bottom - (((log ? Math.log(Math.max(v, 1e-30)) : v) - a) / (b - a)) * (box.bottom - box.top),
    invert: (p) => ((p - left) / (box.right - left)) * x1,
    key: [left, x1, y0, y1, log, labels.join()].join(),
  };
}

/** The first point that is drawn: a curve that is `settled` need not show where it began, once it is long. */
const firstOf = (arrays, settled) => (settled && arrays.curve_x?.length > 3 ? 1 : 0);

/** All finite values of chart `i`. */
function finite(arrays, i, settled) {
  const values = [];
  const from = firstOf(arrays, settled);
  for (const name of SERIES) for (const v of (arrays[`curve${i}_${name}`] ?? []).slice(from)) if (Number.isFinite(v)) values.push(v);
  return values;
}

function linearRange(arrays, i, { percent, settled }, parts) {
  const values = finite(arrays, i, settled);
  if (percent) {
    const lowest = values.reduce((m, v) => Math.min(m, v), 1);
    const y0 = !values.length || lowest < 0.5 ? 0 : lowest < 0.8 ? 0.5 : lowest < 0.9 ? 0.8 : 0.9;
    const ticks = [0, 0.5, 1].map((share) => y0 + share * (1 - y0));
    return { y0, y1: 1, ticks, labels: tickLabels(ticks.map((t) => 100 * t)).map((t) => `${t} %`) };
  }
  // A wild value must not flatten all the rest: the axis ends at four times the first value, or 20 times the median.
  const first = settled && values.length ? Infinity : (arrays[`curve${i}_train`]?.find(Number.isFinite) ?? 1);
  const sorted = values.sort((a, b) => a - b);
  const highest = Math.min(sorted.at(-1) ?? 1, Math.max(4 * first, 20 * (sorted[sorted.length >> 1] ?? 1)));
  const lowest = Math.min(0, sorted[0] ?? 0);
  const y1 = niceLimit(Math.max(highest, 1e-6));
  const y0 = lowest < 0 ? -niceLimit(-lowest) : 0;
  const ticks = y0 === 0 ? Array.from({ length: parts + 1 }, (_, k) => (k * y1) / parts) : linearTicks(y0, y1, parts);
  return { y0, y1, ticks, labels: tickLabels(ticks) };
}

function logRange(arrays, i) {
  const values = finite(arrays, i).filter((v) => v > 0);
  const low = values.reduce((m, v) => Math.min(m, v), Infinity);
  const high = values.reduce((m, v) => Math.max(m, v), 0);
  if (!values.length) return { y0: 0.01, y1: 1, ticks: [0.01, 0.1, 1], labels: ["0.01", "0.1", "1"] };
  const steps = [1, 2, 5, 10];
  const power = 10 ** Math.floor(Math.log10(low));
  const y0 = power * Math.max(...steps.filter((m) => m * power <= low * 1.0001));
  const y1 = Math.max(niceLimit(high, steps), y0 * 5);
  const ticks = logTicks(y0, y1, 4);
  return { y0, y1, ticks, labels: ticks.map(logLabel) };
}

/** Whether the charts are empty because nothing has been trained yet. */
export function saysPressPlay({ header, arrays }) {
  return !(arrays.curve_x?.length > 1) && header.state !== "diverged";
}

/** Grid, ticks and axis labels of one chart: kept in a layer. */
export function paintChartAxes(ctx, { layout, header, theme, arrays }, scale) {
  const { fonts } = layout;
  ctx.textBaseline = "middle";
  ctx.font = fonts.tick;
  ctx.fillStyle = theme.muted;
  ctx.strokeStyle = theme.line;
  ctx.lineWidth = 1;
  ctx.textAlign = "right";
  scale.ticks.forEach((tick, k) => {
    const y = Math.round(scale.y(tick)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(scale.left, y);
    ctx.lineTo(scale.right, y);
    ctx.stroke();
    ctx.fillText(scale.labels[k], scale.left - 7 * layout.scale, y);
  });
  const tickY = scale.bottom + fonts.px.tick * 0.6 + 6 * layout.scale;
  ctx.textAlign = "center";
  scale.xTicks.forEach((tick, k) => ctx.fillText(scale.xLabels[k], scale.x(tick), tickY));
  ctx.textAlign = "right";
  ctx.fillText(header.curve_x_label, scale.right, tickY + fonts.px.tick * 1.25);
  if (saysPressPlay({ header, arrays })) {
    ctx.textAlign = "center";
    ctx.font = fonts.label;
    const [x, y] = [(scale.left + scale.right) / 2, (scale.top + scale.bottom) / 2];
    const text = "press Play";
    ctx.fillStyle = theme.card;
    ctx.fillRect(x - textWidth(text, fonts.label) / 2 - 8, y - fonts.px.label, textWidth(text, fonts.label) + 16, 2 * fonts.px.label);
    ctx.fillStyle = theme.muted;
    ctx.fillText(text, x, y);
  }
}

/** Title and last values, these in the colours of their lines; they come from Python as text and are never interpolated. */
export function paintChartTexts(ctx, { layout, header, theme }, i, scale) {
  const curve = header.curves[i];
  ctx.font = layout.fonts.labelOn;
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  let right = scale.right;
  const brief = curve.title.replace(/ \(.*\)$/, "");
  const least = scale.start + textWidth(brief, layout.fonts.title) + 8 * layout.scale;
  for (const name of SERIES.filter((series) => curve[series]).reverse()) {
    if (right - textWidth(curve[name], layout.fonts.labelOn) < least) break; // the title needs its room
    ctx.fillStyle = colourOf(theme, name);
    ctx.fillText(curve[name], right, scale.titleY);
    const room = curve.validation ? 84 : 105; // numbers grow and shrink, the words before them stand still
    right -= Math.max(textWidth(curve[name], layout.fonts.labelOn) + (curve.validation ? 14 : 20) * layout.scale, room * layout.scale);
  }
  const left = scale.start;
  const free = right - left + 10 * layout.scale;
  const title = textWidth(curve.title, layout.fonts.title) > free ? brief : curve.title;
  ctx.font = layout.fonts.title;
  ctx.textAlign = "left";
  ctx.fillStyle = theme.text;
  ctx.fillText(title, left, scale.titleY);
}

/** The lines of one chart from x = `from` on to x = `to`, the ends interpolated. */
export function paintChartLines(ctx, { layout, header, theme, arrays }, i, scale, from, to) {
  const skipped = firstOf(arrays, header.curves[i].settled);
  const xs = arrays.curve_x?.subarray(skipped);
  if (!xs?.length) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(scale.left - 1, scale.top - 2, scale.right - scale.left + 3, scale.bottom - scale.top + 4);
  ctx.clip();
  ctx.lineJoin = "round";
  for (const name of [...SERIES].reverse()) {
    const ys = arrays[`curve${i}_${name}`]?.subarray(skipped);
    if (!ys?.length) continue;
    ctx.beginPath();
    ctx.setLineDash(DASHES[name].map((length) => length * layout.scale));
    // Dashes go on where the layer's line ended: the offset is the way along the line, about its way along x.
    ctx.lineDashOffset = from > 0 ? scale.x(from) - scale.left : 0;
    trace(ctx, xs, ys, scale, from, to);
    ctx.lineWidth = 1.7 * Math.max(1, layout.scale * 0.85);
    ctx.strokeStyle = colourOf(theme, name);
    ctx.stroke();
  }
  ctx.restore();
}

/** Adds a series to the path, at most two points to a pixel (the extremes of each column of pixels). */
function trace(ctx, xs, ys, scale, from, to) {
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
    const px = scale.x(x);
    const py = scale.y(y);
    if (!pen) {
      ctx.moveTo(px, py);
      pen = true;
    }
    if (px - column < 0.7) [low, high, last] = [Math.min(low, py), Math.max(high, py), py];
    else {
      flush();
      [column, low, high, last] = [px, py, py, py];
    }
    if (beyond) break;
  }
  flush();
}

/** A line at x over both charts, with the values of both series there. */
export function paintReadout(ctx, view, i, scale, x) {
  const { layout, header, theme, arrays } = view;
  const xs = arrays.curve_x;
  if (!xs?.length) return;
  const k = nearest(xs, x);
  const px = Math.round(scale.x(xs[k])) + 0.5;
  ctx.lineWidth = 1;
  ctx.strokeStyle = theme.muted;
  ctx.beginPath();
  ctx.moveTo(px, scale.top - 2);
  ctx.lineTo(px, scale.bottom);
  ctx.stroke();
  const curve = header.curves[i];
  const rows = [[`${header.curve_x_label} ${Number(xs[k].toPrecision(4))}`, theme.muted]];
  for (const name of SERIES) {
    const y = arrays[`curve${i}_${name}`]?.[k];
    if (y === undefined) continue;
    rows.push([`${name} ${printed(y, curve.percent)}`, colourOf(theme, name)]);
    if (!Number.isFinite(y)) continue;
    ctx.beginPath();
    ctx.arc(px, Math.min(scale.bottom, Math.max(scale.top, scale.y(y))), 3.5, 0, 2 * Math.PI);
    ctx.fillStyle = colourOf(theme, name);
    ctx.fill();
    ctx.strokeStyle = theme.card;
    ctx.stroke();
  }
  paintBox(ctx, layout, theme, rows, px, scale);
}

function paintBox(ctx, { fonts }, theme, rows, px, scale) {
  const line = fonts.px.tick * 1.4;
  const width = Math.max(...rows.map(([text]) => textWidth(text, fonts.tickOn))) + 16;
  const height = rows.length * line + 8;
  const left = px + 10 + width > scale.right ? px - 10 - width : px + 10;
  const top = Math.max(scale.top - 4, Math.min((scale.top + scale.bottom - height) / 2, scale.bottom - height));
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
