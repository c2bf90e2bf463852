/**
 * Charts of the labs: lines with their bands over one axis; and what the pages have in common: titles, ticks, colours.
 */

import { linearTicks, nearest, niceLimit, printed, tickLabels } from "../base/axes.js";
import { mix } from "../base/colours.js";
import { roundRect } from "../base/shapes.js";
import { fitted, text, textWidth } from "../base/text.js";

const LINES = ["#2257d6", "#b8490f", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#999933", "#882255", "#7f7f7f", "#6d4c41", "#8bc34a"];

const EARLY = 0.04; // of the way, from where on it is shown, however steep it began

export const lineColour = (k, theme) => (theme.dark ? mix(LINES[k % LINES.length], "#ffffff", 0.3) : LINES[k % LINES.length]);

/** The title at the head of a box whose upper left corner is (x, y), and which is so wide. */
export function paintTitle(ctx, { layout, theme }, words, x, y, width) {
  text(ctx, fitted(words, width, layout.fonts.title), x, y + layout.fonts.px.title * 0.3, layout.fonts.title, theme.text);
}

/** The labels of an axis upwards that stands at `left`. */
export function paintTicksLeft(ctx, { layout, theme }, ticks, labels, Y, left) {
  ticks.forEach((tick, i) => text(ctx, labels[i], left - 7 * layout.scale, Y(tick), layout.fonts.tick, theme.muted, "right"));
}

/** The labels of an axis that lies at `bottom`. */
export function paintTicksBelow(ctx, { layout, theme }, ticks, labels, X, bottom) {
  const { fonts } = layout;
  ticks.forEach((tick, i) => text(ctx, labels[i], X(tick), bottom + fonts.px.tick, fonts.tick, theme.muted, "center"));
}

/** What stands where there is nothing to see yet. */
export function paintPressRun(ctx, { layout, theme, header }, x, y) {
  const words = { playing: "training …", paused: "press Go on" }[header.state] ?? "press Run";
  text(ctx, words, x, y, layout.fonts.label, theme.muted, "center");
}

/** The ring around a chosen picture. */
export function paintRing(ctx, theme, x, y, width, height) {
  roundRect(ctx, x - 3, y - 3, width + 6, height + 6, 8);
  ctx.strokeStyle = theme.accent;
  ctx.lineWidth = 2.5;
  ctx.stroke();
}

/** About one tick for six letters. */
export const ticksAlong = (low, high, left, right, { fonts }) => linearTicks(low, high, Math.max(2, Math.floor((right - left) / (fonts.px.tick * 6))));

export const quarters = (low, high) => [0, 0.25, 0.5, 0.75, 1].map((share) => low + share * (high - low));

const tenthBelow = (values, most) => Math.max(0, Math.floor(10 * Math.min(most, ...values)) / 10);

/** Where an axis begins that ends at 1: shares at a tenth, R² at 0 or at what lies below. */
export const scoreFloor = (values, percent) => (percent ? tenthBelow(values, 0.9) : Math.min(0, ...values));

const finite = (values) => [...values].filter(Number.isFinite);
const lowOf = (s) => finite(s.low ?? s.mid);

/** Where the axis of a chart begins and ends. A wild value must not flatten all the rest, but most of the way is to be seen. */
function rangeOf(drawn, percent) {
  if (percent) return [tenthBelow(drawn.flatMap((s) => lowOf(s).slice(2)), 0.5), 1]; // the first values are those of chance
  const tops = drawn.map((s) => {
    const known = finite(s.high ?? s.mid).sort((a, b) => a - b);
    const early = s.mid.find((v, i) => i >= EARLY * s.mid.length && Number.isFinite(v)) ?? 0;
    return known.length ? Math.min(known.at(-1), Math.max(4 * known[0], 3 * known[known.length >> 1], early)) : 0;
  });
  const lowest = Math.min(0, ...drawn.flatMap(lowOf));
  return [lowest < 0 ? -niceLimit(-lowest) : 0, niceLimit(Math.max(1e-6, ...tops))];
}

/** The lines of a frame, one for each of `header.lines`, with their bands; their arrays begin with `prefix`. */
export function paintLanes(ctx, view, box, prefix, labels) {
  const { header, arrays, theme } = view;
  const series = header.lines.map((line, k) => ({
    name: line.name,
    x: arrays[`${prefix}${k}_x`],
    mid: arrays[`${prefix}${k}_mid`],
    low: arrays[`${prefix}${k}_low`],
    high: arrays[`${prefix}${k}_high`],
    colour: lineColour(line.colour, theme),
    width: 2,
  }));
  paintChart(ctx, view, box, series, { ...labels, legend: true });
}

/**
 * Lines over one axis, with their bands.
 * @param {{x, mid, low?, high?, colour, width, name?, front?}[]} series the pointer reads out those whose `front` is not false
 */
export function paintChart(ctx, view, box, series, { xLabel, yLabel, percent = false, legend = false }) {
  const { layout, theme } = view;
  const { fonts, scale } = layout;
  const { px } = fonts;
  const drawn = series.filter((s) => s.x?.length && s.mid?.length);
  const [y0, y1] = rangeOf(drawn, percent);
  const x1 = Math.max(1e-9, ...drawn.map((s) => s.x.at(-1)));
  const ticks = quarters(y0, y1);
  const labels = percent ? tickLabels(ticks.map((t) => 100 * t)).map((t) => `${t} %`) : tickLabels(ticks);
  const left = box.x + Math.max(...labels.map((t) => textWidth(t, fonts.tick))) + 9 * scale;
  const [right, top, bottom] = [box.x + box.width - 4, box.y + px.tick * (yLabel || legend ? 1.5 : 0.6), box.y + box.height - px.tick * 2.9];
  const X = (v) => left + (v / x1) * (right - left);
  const Y = (v) => bottom - ((v - y0) / (y1 - y0)) * (bottom - top);
  paintTicksLeft(ctx, view, ticks, labels, Y, left);
  paintLevels(ctx, theme, ticks.map(Y), left, right);
  const xTicks = x1 > 1e-9 ? ticksAlong(0, x1, left, right, layout) : []; // none before anything is trained
  paintTicksBelow(ctx, view, xTicks, tickLabels(xTicks), X, bottom);
  text(ctx, xLabel, right, bottom + px.tick * 2.25, fonts.tick, theme.muted, "right");
  if (yLabel) text(ctx, fitted(yLabel, right - left, fonts.tick), left, box.y + px.tick * 0.3, fonts.tick, theme.muted);
  ctx.save();
  ctx.beginPath();
  ctx.rect(left - 1, top - 2, right - left + 3, bottom - top + 4);
  ctx.clip();
  for (const s of drawn) if (s.low) paintBand(ctx, s, X, Y);
  for (const s of drawn) paintLine(ctx, s, X, Y);
  ctx.restore();
  if (!drawn.length) paintPressRun(ctx, view, (left + right) / 2, (top + bottom) / 2);
  const room = right - left - (yLabel ? textWidth(yLabel, fonts.tick) : 0);
  if (legend) paintLegend(ctx, layout, series, right, box.y + px.tick * 0.3, room);
  view.targets.push({ x: left, y: top, width: right - left, height: bottom - top, cursor: "crosshair", tip: (x) => readOut({ series: drawn, left, right, x1, percent, xLabel }, x) });
}

/** A line across the chart at each tick. */
function paintLevels(ctx, theme, ys, left, right) {
  ctx.strokeStyle = theme.line;
  ctx.lineWidth = 1;
  for (const y of ys) {
    ctx.beginPath();
    ctx.moveTo(left, Math.round(y) + 0.5);
    ctx.lineTo(right, Math.round(y) + 0.5);
    ctx.stroke();
  }
}

function paintBand(ctx, { x, low, high, colour }, X, Y) {
  ctx.beginPath();
  x.forEach((v, i) => Number.isFinite(high[i]) && ctx.lineTo(X(v), Y(high[i])));
  for (let i = x.length - 1; i >= 0; i--) if (Number.isFinite(low[i])) ctx.lineTo(X(x[i]), Y(low[i]));
  ctx.fillStyle = colour;
  ctx.globalAlpha = 0.16;
  ctx.fill();
  ctx.globalAlpha = 1;
}

function paintLine(ctx, { x, mid, colour, width }, X, Y) {
  ctx.beginPath();
  x.forEach((v, i) => Number.isFinite(mid[i]) && ctx.lineTo(X(v), Y(mid[i])));
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.lineJoin = "round";
  ctx.stroke();
}

/** The names of the lines in their colours; where they have no room, the table or the bars beside the chart tell them. */
function paintLegend(ctx, { fonts, scale }, series, right, y, room) {
  const widths = series.map((s) => textWidth(s.name, fonts.labelOn) + 16 * scale);
  if (widths.reduce((sum, width) => sum + width, 0) >= room) return;
  let x = right;
  for (let k = series.length - 1; k >= 0; k--) {
    text(ctx, series[k].name, x, y, fonts.labelOn, series[k].colour, "right");
    x -= widths[k];
  }
}

/** What stands under the pointer of a chart, line by line. */
function readOut({ series, left, right, x1, percent, xLabel }, x) {
  const at = ((x - left) / (right - left)) * x1;
  const lines = [];
  let shown = null;
  for (const s of series) {
    if (s.front === false) continue;
    const k = nearest(s.x, at);
    shown ??= `${xLabel} ${Number(s.x[k].toPrecision(4))}`;
    lines.push(`${s.name} ${printed(s.mid[k], percent)}`);
  }
  return shown ? [shown, ...lines].join("\n") : "";
}
