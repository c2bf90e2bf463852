/**
 * The page of a grid: the wall of its cells, each a map with its curve; beside it the scores as a heat map, and the curve
 * of the chosen cell.
 */

import { chartIn, paintLine } from "../base/chart.js";
import { mix, rgb } from "../base/colours.js";
import { rim, roundRect } from "../base/shapes.js";
import { fitted, text, textWidth } from "../base/text.js";
import { paintChart, paintRing, paintTitle } from "./charts.js";
import { Maps } from "./maps.js";

/** @type {import("../panels/registry.js").Painter} */
export function paintGrid(ctx, view, box, kept) {
  const maps = kept("maps", Maps).load(view);
  const { layout, theme, header } = view;
  const { fonts, pad, scale } = layout;
  const side = Math.round(Math.min(box.width * 0.27, 300 * scale));
  const wall = { ...box, width: box.width - side - 2 * pad };
  const right = { x: box.x + wall.width + 2 * pad, y: box.y, width: side, height: box.height };
  ctx.fillStyle = theme.line;
  ctx.fillRect(right.x - pad, box.y, 1, box.height);
  paintWall(ctx, view, wall, maps);
  const heat = paintHeat(ctx, view, { ...right, height: right.height * 0.48 });
  const y = heat + 26 * scale;
  text(ctx, fitted(header.lines_title, side, fonts.title), right.x, y, fonts.title, theme.text);
  const top = y + 14 * scale;
  paintCurves(ctx, view, { ...right, y: top, height: box.y + box.height - top });
}

function paintWall(ctx, view, box, maps) {
  const { layout, theme, header } = view;
  const { fonts } = layout;
  const columns = header.columns.length;
  const places = placeCells(view, box);
  const { left, top, gap, pitchX, pitchY, wide, size } = places;
  const headY = top - fonts.px.label * 0.8;
  if (header.across) text(ctx, header.across, left, box.y + fonts.px.label * 0.5, fonts.labelOn, theme.text);
  if (header.down) text(ctx, header.down, left - gap, headY, fonts.tickOn, theme.muted, "right");
  header.columns.forEach((name, c) => text(ctx, name, left + c * pitchX + wide / 2, headY, fonts.labelOn, theme.text, "center"));
  header.texts.forEach((_, k) => {
    const [r, c] = [Math.floor(k / columns), k % columns];
    const [x, y] = [Math.round(left + c * pitchX), Math.round(top + r * pitchY)];
    if (c === 0) text(ctx, header.rows[r], left - gap, y + size / 2, fonts.labelOn, theme.text, "right");
    paintCell(ctx, view, places, k, x, y, maps);
  });
}

/** Where the cells of the wall stand: `wide` is a cell's width, `spark` the width of the curve right of its map. */
function placeCells({ layout, header }, box) {
  const { fonts, scale } = layout;
  const gap = 12 * scale;
  const labels = Math.max(0, ...header.rows.map((name) => textWidth(name, fonts.labelOn)), header.down ? textWidth(header.down, fonts.tickOn) : 0);
  const left = box.x + labels + gap;
  const head = fonts.px.label * (header.across ? 2.9 : 0.5);
  const pitchX = (box.x + box.width - left) / header.columns.length;
  const pitchY = (box.height - head) / header.rows.length;
  const size = Math.floor(Math.min(pitchX * 0.62, pitchY - fonts.px.tick * 1.9, 190 * scale));
  const spark = Math.max(0, Math.min(pitchX - size - 16 * scale, size * 1.1));
  const wide = header.side ? size : Math.floor(Math.min(pitchX - 16 * scale, size * 1.9)); // a cell that holds a curve alone
  return { left, top: box.y + head, gap, pitchX, pitchY, size, spark, wide };
}

function paintCell(ctx, view, { size, spark, wide }, k, x, y, maps) {
  const { layout, theme, header, arrays } = view;
  const { fonts, scale } = layout;
  const [row, column] = [Math.floor(k / header.columns.length), k % header.columns.length];
  const chosen = header.chosen === k;
  const lost = header.lost[k];
  const words = header.texts[k];
  if (header.side) maps.draw(ctx, view, k, x, y, size, lost ? 0.45 : 1);
  else rim(ctx, x + 0.5, y + 0.5, wide - 1, size - 1, theme.line, 7);
  if (chosen) paintRing(ctx, theme, x, y, wide, size);
  text(ctx, words, x + wide / 2, y + size + fonts.px.tick * 0.95, chosen ? fonts.tickOn : fonts.tick, lost ? theme.test : theme.text, "center");
  const n = arrays.curve_x.length;
  const curve = arrays.curves.subarray(k * n, (k + 1) * n);
  if (!header.side) paintSpark(ctx, theme, curve, x + 7 * scale, y + size * 0.1, wide - 14 * scale, size * 0.8, lost);
  else if (spark > 12 && n > 1) paintSpark(ctx, theme, curve, x + size + 7 * scale, y + size * 0.2, spark, size * 0.6, lost);
  const name = [header.down && `${header.down} ${header.rows[row]}`, header.across && `${header.across} ${header.columns[column]}`].filter(Boolean).join(", ");
  const tip = `${name}: ${words || "not begun"}. Click to see its curve.`;
  view.targets.push({ x, y, width: header.side ? size + spark : wide, height: size, tip, act: { kind: "cell", row, column }, kind: "cell", number: k });
}

/** The curve of a cell, without axes. */
function paintSpark(ctx, theme, values, x, y, width, height, lost) {
  const known = [...values].filter(Number.isFinite);
  if (known.length < 2) return;
  const end = values.findLastIndex(Number.isFinite);
  const top = Math.min(Math.max(...known), 4 * known[0] + 0.1);
  const chart = chartIn({ left: x, right: x + width, top: y, bottom: y + height }, { x1: end, y0: 0, y1: top });
  const colour = lost ? theme.test : theme.accent;
  paintLine(ctx, chart, { x: values.map((_, i) => i), y: values.map((v) => Math.min(v, top)), colour, width: 1.2 });
}

/** @returns {number} where it ends */
function paintHeat(ctx, view, box) {
  const { layout, theme, header } = view;
  const { fonts, scale } = layout;
  const [rows, columns] = [header.rows.length, header.columns.length];
  paintTitle(ctx, view, header.heat_title, box.x, box.y, box.width);
  const names = header.rows.map((name) => fitted(name, box.width / 3, fonts.tick));
  const left = box.x + Math.max(...names.map((name) => textWidth(name, fonts.tick))) + 8 * scale;
  const top = box.y + fonts.px.title * 1.3 + fonts.px.tick * 1.5;
  const pitch = Math.min((box.x + box.width - left) / columns, (box.y + box.height - top) / rows, 44 * scale);
  header.columns.forEach((name, c) => {
    const words = textWidth(name, fonts.tick) > pitch ? name.slice(0, 4) : name;
    text(ctx, words, left + (c + 0.45) * pitch, top - fonts.px.tick * 0.9, fonts.tick, theme.muted, "center");
  });
  names.forEach((name, r) => text(ctx, name, left - 7 * scale, top + (r + 0.45) * pitch, fonts.tick, theme.muted, "right"));
  const known = header.heat.filter((v) => v !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  header.heat.forEach((value, k) => {
    const [row, column] = [Math.floor(k / columns), k % columns];
    const [x, y, size] = [left + column * pitch, top + row * pitch, pitch - 3];
    paintHeatCell(ctx, view, k, x, y, size, high > low ? (value - low) / (high - low) : 1);
    view.targets.push({ x, y, width: size, height: size, tip: header.texts[k] || "not begun", act: { kind: "cell", row, column } });
  });
  return top + rows * pitch;
}

/** @param {number} share 0 the worst cell, 1 the best */
function paintHeatCell(ctx, { layout, theme, header }, k, x, y, size, share) {
  const font = size < 24 ? `600 ${Math.max(9, size * 0.45)}px ${theme.font}` : layout.fonts.tickOn;
  const value = header.heat[k];
  const full = theme.dark ? "#6f96ff" : "#2b4aa8";
  const colour = value === null ? theme.card : mix(mix(theme.card, full, 0.06), full, share);
  roundRect(ctx, x, y, size, size, 4);
  ctx.fillStyle = colour;
  ctx.fill();
  if (value === null) rim(ctx, x + 0.5, y + 0.5, size - 1, size - 1, theme.line, 4);
  const words = value === null ? (header.lost[k] ? "×" : "") : header.percent ? (100 * value).toFixed(0) : value.toFixed(2);
  const [red, green, blue] = rgb(colour);
  const ink = value === null ? theme.test : red * 0.3 + green * 0.59 + blue * 0.11 > 140 ? "#1a2230" : "#ffffff";
  text(ctx, words, x + size / 2, y + size / 2 + 0.5, font, ink, "center");
}

/** The loss of the chosen cell in colour, that of the others (of its column, where there are many) in grey. */
function paintCurves(ctx, view, box) {
  const { header, arrays, theme } = view;
  const cells = header.texts.length;
  const n = arrays.curve_x.length;
  const column = header.chosen === null ? null : header.chosen % header.columns.length;
  const series = [];
  for (let k = 0; k < cells; k++) {
    const chosen = k === header.chosen;
    if (!chosen && (header.lost[k] || (k % header.columns.length !== column && cells > 12))) continue;
    const y = arrays.curves.subarray(k * n, (k + 1) * n);
    series.push({ x: arrays.curve_x, y, colour: chosen ? theme.accent : mix(theme.card, theme.text, 0.3), width: chosen ? 2 : 1, front: chosen, name: header.loss_name });
  }
  series.sort((a, b) => Number(a.front) - Number(b.front));
  paintChart(ctx, view, box, series, { xLabel: "epoch", yLabel: column === null ? header.loss_name : `${header.loss_name}; grey: the others${cells > 12 ? " of its column" : ""}` });
}
