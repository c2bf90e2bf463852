/**
 * Histograms over time as ridgelines, the newest in front, and the same numbers as bands of min, max, mean and deviation.
 */

import { linearTicks, niceLimit, short, tickLabels } from "../base/axes.js";
import { mix } from "../base/colours.js";

const BLUE = "#1f77b4";
const OVERLAP = 1.9; // how many steps of the slope the highest ridge reaches up

/**
 * @param {Float32Array} heights k x bins, the oldest first, 1 the highest
 * @param {number} bound the bins go from -bound to bound
 */
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

/** @param {Float32Array} rows 6 x k: step, min, mean - std, mean, mean + std, max */
export function paintBands(ctx, { layout, theme }, box, rows) {
  const { fonts } = layout;
  const { y, height } = box;
  const k = rows.length / 6;
  const row = (r) => rows.subarray(r * k, (r + 1) * k);
  const largest = Math.max(1e-9, ...row(5).map(Math.abs), ...row(1).map(Math.abs));
  const bound = niceLimit(largest);
  const left = box.x + fonts.px.tick * 3;
  const width = box.x + box.width - left;
  const foot = y + height - fonts.px.tick * 1.5;
  const end = Math.max(1, row(0)[k - 1]);
  const px = (i) => left + (row(0)[i] / end) * width;
  const py = (v) => y + ((bound - v) / (2 * bound)) * (foot - y);
  const area = (low, high, colour) => {
    ctx.beginPath();
    for (let i = 0; i < k; i++) ctx.lineTo(px(i), py(row(high)[i]));
    for (let i = k - 1; i >= 0; i--) ctx.lineTo(px(i), py(row(low)[i]));
    ctx.fillStyle = colour;
    ctx.fill();
  };
  ctx.strokeStyle = theme.line;
  ctx.lineWidth = 1;
  ctx.font = fonts.tick;
  ctx.fillStyle = theme.muted;
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  const labels = tickLabels([-bound, 0, bound]);
  [-bound, 0, bound].forEach((v, i) => {
    const at = Math.round(py(v)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(left, at);
    ctx.lineTo(left + width, at);
    ctx.stroke();
    ctx.fillStyle = theme.muted;
    ctx.fillText(labels[i], left - 5, at);
  });
  area(1, 5, mix(theme.card, BLUE, 0.22));
  area(2, 4, mix(theme.card, BLUE, 0.5));
  ctx.beginPath();
  for (let i = 0; i < k; i++) ctx.lineTo(px(i), py(row(3)[i]));
  ctx.strokeStyle = mix(BLUE, theme.text, 0.25);
  ctx.lineWidth = 1.6;
  ctx.stroke();
  ctx.fillStyle = theme.muted;
  const textY = foot + fonts.px.tick * 0.9;
  ctx.textAlign = "left";
  ctx.fillText("0", left, textY);
  ctx.textAlign = "right";
  ctx.fillText(`${short(end, 1).replace(/^(\d+)(\d{3})$/, "$1,$2")} steps`, left + width, textY);
}

/** A line over equal steps with axes: the variance that so many components hold. */
export function paintVariance(ctx, { layout, theme }, box, values, { enough, share, used }) {
  const { fonts } = layout;
  const { px } = fonts;
  const left = box.x + px.tick * 4;
  const [right, top, bottom] = [box.x + box.width, box.y, box.y + box.height - px.tick * 2.8];
  const last = values.length - 1;
  const x = (n) => left + (n / last) * (right - left);
  const y = (v) => bottom - v * (bottom - top);
  ctx.font = fonts.tick;
  ctx.textBaseline = "middle";
  ctx.lineWidth = 1;
  for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
    ctx.strokeStyle = theme.line;
    ctx.beginPath();
    ctx.moveTo(left, Math.round(y(tick)) + 0.5);
    ctx.lineTo(right, Math.round(y(tick)) + 0.5);
    ctx.stroke();
    ctx.fillStyle = theme.muted;
    ctx.textAlign = "right";
    ctx.fillText(`${100 * tick} %`, left - 6, y(tick));
  }
  const ticks = linearTicks(0, last, 6);
  ctx.textAlign = "center";
  tickLabels(ticks).forEach((label, i) => ctx.fillText(label, x(ticks[i]), bottom + px.tick));
  ctx.textAlign = "right";
  ctx.fillText("components", right, bottom + px.tick * 2.2);
  ctx.beginPath();
  values.forEach((v, n) => ctx.lineTo(x(n), y(v)));
  ctx.strokeStyle = theme.accent;
  ctx.lineWidth = 2;
  ctx.stroke();
  const mark = (n, text, colour, dy) => {
    ctx.setLineDash([4, 3]);
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.2;
    ctx.beginPath();
    ctx.moveTo(x(n), bottom);
    ctx.lineTo(x(n), y(values[n]));
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.arc(x(n), y(values[n]), 4, 0, 2 * Math.PI);
    ctx.fillStyle = colour;
    ctx.fill();
    ctx.font = fonts.labelOn;
    const room = x(n) + 10 + ctx.measureText(text).width < right;
    ctx.textAlign = room ? "left" : "right";
    ctx.fillText(text, x(n) + (room ? 10 : -10), y(values[n]) + dy);
  };
  if (used) mark(used, `trains on ${used}: ${(100 * values[used]).toFixed(0)} %`, theme.text, px.label * 2.6);
  if (enough) mark(enough, `${enough} components hold ${Math.round(100 * share)} %`, theme.test, px.label * 1.3);
}
