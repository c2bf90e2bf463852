/**
 * The curves: two charts, training solid, validation dotted and test dashed, with axes, last values in their colours and a read-out.
 *
 * Axes end at round numbers, so they move rarely; what lies left of the newest points is kept in a layer, and between
 * two frames only the ends of the lines are drawn.
 */

import { linearTicks, logLabel, logTicks, niceLimit, niceStep, tickLabels } from "./axes.js";
import { chartIn, paintInside, paintLevels, paintLine, paintReadout, paintTicksBelow, paintTicksLeft, readAt } from "./chart.js";
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
  return {
    ...chartIn({ ...box, left }, { x1, y0, y1, log }),
    start: box.left, // where the title begins; the axis stands at `left`
    xTicks,
    xLabels: tickLabels(xTicks),
    ticks,
    labels,
    key: [left, x1, y0, y1, log, labels.join()].join(),
  };
}

/** The lines of the curves number `i`, from the first point that is drawn on. */
function linesOf({ layout, header, theme, arrays }, i, from) {
  const present = SERIES.filter((name) => arrays[`curve${i}_${name}`]?.length);
  return present.map((name) => ({
    name,
    x: arrays.curve_x.subarray(from),
    y: arrays[`curve${i}_${name}`].subarray(from),
    colour: colourOf(theme, name),
    width: 1.7 * Math.max(1, layout.scale * 0.85),
    thin: true,
    dash: DASHES[name].map((length) => length * layout.scale),
  }));
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
export function paintChartAxes(ctx, view, scale) {
  const { layout, header, theme } = view;
  const { fonts } = layout;
  paintLevels(ctx, view, scale, scale.ticks);
  paintTicksLeft(ctx, view, scale, scale.ticks, scale.labels, { whole: true });
  paintTicksBelow(ctx, view, scale, scale.xTicks, scale.xLabels, header.curve_x_label, fonts.px.tick * 0.6 + 6 * layout.scale);
  if (saysPressPlay(view)) {
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
export function paintChartLines(ctx, view, i, scale, from, to) {
  const { header, arrays } = view;
  if (!arrays.curve_x?.length) return;
  const lines = linesOf(view, i, firstOf(arrays, header.curves[i].settled));
  paintInside(ctx, scale, () => lines.reverse().forEach((line) => paintLine(ctx, scale, line, from, to)));
}

/** A line at x, with the values of all series there. */
export function paintChartReadout(ctx, view, i, scale, x) {
  const { header, arrays } = view;
  if (!arrays.curve_x?.length) return;
  paintReadout(ctx, view, scale, readAt(linesOf(view, i, 0), x, { xLabel: header.curve_x_label, percent: header.curves[i].percent }));
}
