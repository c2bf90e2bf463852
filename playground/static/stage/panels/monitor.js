/**
 * What the monitor has noted: weights, biases, z and a of each layer over time.
 *
 * As ridgelines of histograms, the newest in front, or as bands of min, max, mean and deviation.
 */

import { niceLimit, short, tickLabels } from "../base/axes.js";
import { chartIn, paintLevels, paintLine, paintTicksLeft } from "../base/chart.js";
import { mix } from "../base/colours.js";
import { text, textWidth } from "../base/text.js";

/**
 * Rows: weights, biases, z, a; columns: layers.
 * @type {import("./registry.js").Painter}
 */
export function paintMonitor(ctx, view, box) {
  const { header, layout, theme, arrays } = view;
  const { fonts, scale } = layout;
  const { what, layers, rows } = header.grid;
  const y = box.y + fonts.px.title * 0.4;
  if (!layers.length) {
    text(ctx, "Monitoring is switched off; Settings, View switches it on.", box.x, y, fonts.label, theme.muted);
    return;
  }
  const left = box.x + Math.max(...rows.map((name) => textWidth(name, fonts.labelOn))) + 18 * scale;
  const gap = 18 * scale;
  const width = (box.x + box.width - left - (layers.length - 1) * gap) / layers.length;
  const top = y + fonts.px.title * 0.9;
  const height = (box.y + box.height - top) / rows.length;
  layers.forEach((name, c) => text(ctx, `${c + 1}: ${name}`, left + c * (width + gap), y, fonts.tickOn, theme.muted));
  const cost = /^[\d.]+ %/.exec(header.monitor)?.[0] ?? "–";
  text(ctx, `cost: ${cost}`, box.x, y, fonts.tick, theme.muted);
  view.targets.push({ x: box.x, y: y - 9, width: 90, height: 18, tip: `What looking at all of this costs: ${header.monitor}. Settings, View switches it off.` });
  rows.forEach((name, r) => {
    text(ctx, name, box.x, top + height * (r + 0.5), fonts.labelOn, theme.text);
    layers.forEach((_, c) => {
      const cell = arrays[`cell${r}_${c}`];
      const box = { x: left + c * (width + gap), y: top + r * height + 2, width, height: height - 6 };
      if (!cell) text(ctx, "none", box.x + width / 2, box.y + box.height / 2, fonts.tick, theme.muted, "center");
      else if (what === "ridge") paintRidges(ctx, view, box, cell, header.bounds[`${r}_${c}`]);
      else paintBands(ctx, view, box, cell);
      const meaning = what === "ridge" ? "the newest histogram in front" : "pale: from the smallest to the largest; darker: mean plus and minus one standard deviation; line: mean";
      view.targets.push({ ...box, tip: `${name}, ${layers[c]}: ${meaning}.` });
    });
  });
}

const BLUE = "#1f77b4";
const OVERLAP = 1.9; // how many steps of the slope the highest ridge reaches up

/** Ridgelines; `heights` is k x bins, the oldest first, 1 the highest; the bins go from -bound to bound. */
export function paintRidges(ctx, { layout, theme }, box, heights, bound, bins = 64) {
  const { fonts } = layout;
  const { x, y, width, height } = box;
  const count = heights.length / bins;
  const foot = y + height - fonts.px.tick * 1.5;
  const step = (foot - y) / (Math.max(count, 5) - 1 + OVERLAP);
  const at = (i) => x + ((i + 0.5) / bins) * width;
  for (let k = 0; k < count; k++) {
    const ground = foot - (count - 1 - k) * step;
    const age = count > 1 ? k / (count - 1) : 1;
    ctx.beginPath();
    ctx.moveTo(x, ground);
    for (let i = 0; i < bins; i++) ctx.lineTo(at(i), ground - heights[k * bins + i] * step * OVERLAP);
    ctx.lineTo(x + width, ground);
    ctx.closePath();
    ctx.fillStyle = mix(theme.card, BLUE, 0.18 + 0.5 * age);
    ctx.fill();
    ctx.strokeStyle = mix(theme.card, BLUE, 0.55 + 0.45 * age);
    ctx.lineWidth = 1;
    ctx.stroke();
  }
  ctx.font = fonts.tick;
  ctx.fillStyle = theme.muted;
  ctx.textBaseline = "middle";
  const labels = tickLabels([-bound, 0, bound]);
  const textY = foot + fonts.px.tick * 0.9;
  ["left", "center", "right"].forEach((align, i) => {
    ctx.textAlign = align;
    ctx.fillText(labels[i], x + (i * width) / 2, textY);
  });
}

/** Bands of the rows, 6 x k: step, min, mean - std, mean, mean + std, max. */
export function paintBands(ctx, view, box, rows) {
  const { layout, theme } = view;
  const { fonts } = layout;
  const k = rows.length / 6;
  const [steps, min, low, mean, high, max] = [0, 1, 2, 3, 4, 5].map((r) => rows.subarray(r * k, (r + 1) * k));
  const bound = niceLimit(Math.max(1e-9, ...max.map(Math.abs), ...min.map(Math.abs)));
  const end = Math.max(1, steps[k - 1]);
  const edges = { left: box.x + fonts.px.tick * 3, right: box.x + box.width, top: box.y, bottom: box.y + box.height - fonts.px.tick * 1.5 };
  const chart = chartIn(edges, { x1: end, y0: -bound, y1: bound });
  const area = (from, to, colour) => {
    ctx.beginPath();
    for (let i = 0; i < k; i++) ctx.lineTo(chart.x(steps[i]), chart.y(to[i]));
    for (let i = k - 1; i >= 0; i--) ctx.lineTo(chart.x(steps[i]), chart.y(from[i]));
    ctx.fillStyle = colour;
    ctx.fill();
  };
  const levels = [-bound, 0, bound];
  paintLevels(ctx, view, chart, levels);
  paintTicksLeft(ctx, view, chart, levels, tickLabels(levels), { gap: 5, whole: true });
  area(min, max, mix(theme.card, BLUE, 0.22));
  area(low, high, mix(theme.card, BLUE, 0.5));
  paintLine(ctx, chart, { x: steps, y: mean, colour: mix(BLUE, theme.text, 0.25), width: 1.6 });
  const textY = chart.bottom + fonts.px.tick * 0.9;
  text(ctx, "0", chart.left, textY, fonts.tick, theme.muted);
  text(ctx, `${short(end, 1).replace(/^(\d+)(\d{3})$/, "$1,$2")} steps`, chart.right, textY, fonts.tick, theme.muted, "right");
}
