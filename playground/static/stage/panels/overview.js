/**
 * The overview: the first weights, the weights of each layer over time, and the curves.
 */

import { chartScale, paintChartAxes, paintChartLines, paintChartReadout, paintChartTexts, saysPressPlay } from "../base/curves.js";
import { text } from "../base/text.js";
import { paintSheet } from "./maps.js";
import { paintRidges } from "./monitor.js";

/** @type {import("./registry.js").Painter} */
export function paintOverview(ctx, view, box, kept) {
  const { header, layout, theme, arrays } = view;
  const { fonts, scale } = layout;
  const charts = placeCharts(layout, box);
  const gap = 30 * scale;
  const height = charts[0].titleY - fonts.px.title * 1.6 - box.y - fonts.px.title * 0.4;
  const y = box.y + fonts.px.title * 0.4;
  const half = (box.width - gap) / 2;
  paintSheet(ctx, view, { x: box.x, y, width: half, height }, kept);
  const left = box.x + half + gap;
  text(ctx, "Weights by layer, over time", left, y, fonts.title, theme.text);
  const count = header.ridges.length;
  if (!count) text(ctx, "switched off, in Settings, View", left, y + fonts.px.title * 2, fonts.label, theme.muted);
  header.ridges.forEach((ridge, i) => {
    const wide = (half - (count - 1) * 16 * scale) / count;
    const x = left + i * (wide + 16 * scale);
    text(ctx, ridge.title, x, y + fonts.px.title * 1.25, fonts.tick, theme.muted);
    const top = y + fonts.px.title * 1.25 + fonts.px.tick * 0.8;
    paintRidges(ctx, view, { x, y: top, width: wide, height: y + height - top }, arrays[`ridge${i}`], ridge.bound);
    view.targets.push({ x, y: top, width: wide, height: y + height - top, tip: "How the weights of this layer are spread: the newest histogram in front, older ones behind." });
  });
  ctx.fillStyle = theme.line;
  ctx.fillRect(box.x, Math.round(charts[0].titleY - fonts.px.title * 1.15), box.width, 1);
  paintCurves(ctx, view, charts);
}

/** The two charts at the foot. */
function placeCharts({ scale, fonts }, box) {
  const { px } = fonts;
  const titleY = Math.round(box.y + box.height * 0.43 + px.title * 0.4);
  const top = Math.round(titleY + px.title * 0.5 + px.tick * 0.5 + 5 * scale);
  const bottom = Math.round(box.y + box.height - px.tick * 2.6 - 2 * scale);
  const gap = 32 * scale;
  const width = (box.width - gap) / 2;
  return [0, 1].map((i) => ({ left: box.x + i * (width + gap), right: box.x + i * (width + gap) + width, titleY, top, bottom }));
}

function paintCurves(ctx, view, charts) {
  view.scales ??= charts.map((chart, i) => chartScale(view, chart, i));
  view.scales.forEach((scale, i) => {
    paintChartAxes(ctx, view, scale);
    paintChartLines(ctx, view, i, scale, 0, Infinity);
    paintChartTexts(ctx, view, i, scale);
    view.targets.push({ x: scale.left, y: scale.top - 4, width: scale.right - scale.left, height: scale.bottom - scale.top + 16, kind: "chart", number: i, cursor: "crosshair" });
    view.targets.push({ x: scale.left - 40, y: scale.titleY - 9, width: 130, height: 18, tip: view.header.curves[i].help });
    const { hover, at } = view.pointer;
    if (hover?.kind === "chart" && hover.number === i && !saysPressPlay(view)) paintChartReadout(ctx, view, i, scale, scale.invert(at[0]));
  });
}
