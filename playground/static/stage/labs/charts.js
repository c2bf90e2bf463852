/**
 * Charts of the labs: lines with their bands over one axis; and what the pages have in common: titles, ticks, colours.
 */

import { linearTicks, niceLimit, tickLabels } from "../base/axes.js";
import { chartIn, paintBand, paintInside, paintLevels, paintLine, paintTicksBelow, paintTicksLeft, readAt } from "../base/chart.js";
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
const lowOf = (s) => finite(s.low ?? s.y);

/** Where the axis of a chart begins and ends. A wild value must not flatten all the rest, but most of the way is to be seen. */
function rangeOf(drawn, percent) {
  if (percent) return [tenthBelow(drawn.flatMap((s) => lowOf(s).slice(2)), 0.5), 1]; // the first values are those of chance
  const tops = drawn.map((s) => {
    const known = finite(s.high ?? s.y).sort((a, b) => a - b);
    const early = s.y.find((v, i) => i >= EARLY * s.y.length && Number.isFinite(v)) ?? 0;
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
    y: arrays[`${prefix}${k}_mid`],
    low: arrays[`${prefix}${k}_low`],
    high: arrays[`${prefix}${k}_high`],
    colour: lineColour(line.colour, theme),
    width: 2,
  }));
  paintChart(ctx, view, box, series, { ...labels, legend: true });
}

/**
 * Lines over one axis, with their bands.
 * @param {import("../base/chart.js").Series[]} series 
 */
export function paintChart(ctx, view, box, series, { xLabel, yLabel, percent = false, legend = false }) {
  const { layout, theme } = view;
  const { fonts, scale } = layout;
  const { px } = fonts;
  const drawn = series.filter((s) => s.x?.length && s.y?.length);
  const [y0, y1] = rangeOf(drawn, percent);
  const x1 = Math.max(1e-9, ...drawn.map((s) => s.x[s.x.length - 1]));
  const ticks = quarters(y0, y1);
  const labels = percent ? tickLabels(ticks.map((t) => 100 * t)).map((t) => `${t} %`) : tickLabels(ticks);
  const left = box.x + Math.max(...labels.map((t) => textWidth(t, fonts.tick))) + 9 * scale;
  const [right, top, bottom] = [box.x + box.width - 4, box.y + px.tick * (yLabel || legend ? 1.5 : 0.6), box.y + box.height - px.tick * 2.9];
  const chart = chartIn({ left, right, top, bottom }, { x1, y0, y1 });
  paintTicksLeft(ctx, view, chart, ticks, labels);
  paintLevels(ctx, view, chart, ticks);
  const xTicks = x1 > 1e-9 ? ticksAlong(0, x1, left, right, layout) : []; // none before anything is trained
  paintTicksBelow(ctx, view, chart, xTicks, tickLabels(xTicks), xLabel);
  if (yLabel) text(ctx, fitted(yLabel, right - left, fonts.tick), left, box.y + px.tick * 0.3, fonts.tick, theme.muted);
  paintInside(ctx, chart, () => {
    for (const s of drawn) if (s.low) paintBand(ctx, chart, s);
    for (const s of drawn) paintLine(ctx, chart, s);
  });
  if (!drawn.length) paintPressRun(ctx, view, (left + right) / 2, (top + bottom) / 2);
  const room = right - left - (yLabel ? textWidth(yLabel, fonts.tick) : 0);
  if (legend) paintLegend(ctx, layout, series, right, box.y + px.tick * 0.3, room);
  const tip = (x) => {
    const read = readAt(drawn, chart.invert(x), { xLabel, percent });
    return read ? [read.words, ...read.rows.map(({ words }) => words)].join("\n") : "";
  };
  view.targets.push({ x: left, y: top, width: right - left, height: bottom - top, cursor: "crosshair", tip });
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
