/**
 * The page of networks of growing depth: what each reaches, what it costs, what its median run draws.
 */

import { tickLabels } from "../base/axes.js";
import { chartIn, paintLine, paintTicksBelow, paintTicksLeft } from "../base/chart.js";
import { mix } from "../base/colours.js";
import { roundRect } from "../base/shapes.js";
import { text, textWidth } from "../base/text.js";
import { paintRing, paintTitle, quarters, scoreFloor } from "./charts.js";
import { Maps } from "./maps.js";

/** @type {import("../panels/registry.js").Painter} */
export function paintDepth(ctx, view, box, kept) {
  const maps = kept("maps", Maps).load(view);
  const { layout, theme } = view;
  const { px } = layout.fonts;
  const half = box.width * 0.55;
  const upper = box.height * 0.56;
  const [top, bottom] = [box.y + px.title * 1.6, box.y + upper - px.tick * 3];
  const names = paintScores(ctx, view, { x: box.x, y: box.y, right: box.x + half, top, bottom });
  paintCosts(ctx, view, { x: box.x + half + 34 * layout.scale, y: box.y, right: box.x + box.width, top, bottom });
  const lower = box.y + upper + 16 * layout.scale;
  ctx.fillStyle = theme.line;
  ctx.fillRect(box.x, Math.round(lower - 8 * layout.scale), box.width, 1);
  paintDrawings(ctx, view, { x: box.x, y: lower, width: box.width, bottom: box.y + box.height }, names, maps);
}

/** Medians as discs with a line through them, quartiles as bars. @returns {string[]} the names as they fit */
function paintScores(ctx, view, { x, y, right, top, bottom }) {
  const { layout, theme, header } = view;
  const { fonts, scale } = layout;
  const { px } = fonts;
  const { columns, depths, percent, scores } = header;
  paintTitle(ctx, view, header.score_title, x, y, right - x);
  const left = x + textWidth("92.5 %", fonts.tick) + 10 * scale;
  const low = scoreFloor(scores.filter(Boolean).map((score) => score[0]), percent);
  const room = (right - left) / columns.length;
  const chart = chartIn({ left, right, top, bottom }, { x0: -0.5, x1: columns.length - 0.5, y0: low, y1: 1 });
  const { x: X, y: Y } = chart;
  const ticks = quarters(low, 1);
  paintTicksLeft(ctx, view, chart, ticks, percent ? tickLabels(ticks.map((tick) => 100 * tick)).map((label) => `${label} %`) : tickLabels(ticks));
  ctx.fillStyle = theme.line;
  for (const tick of ticks) ctx.fillRect(left, Math.round(Y(tick)), right - left, 1);
  const known = [...scores.keys()].filter((k) => scores[k]);
  paintLine(ctx, chart, { x: known, y: known.map((k) => scores[k][1]), colour: theme.accent, width: 1.6, join: "miter" });
  scores.forEach((score, k) => {
    if (!score) return;
    const [q1, median, q3] = score.map(Y);
    ctx.beginPath();
    ctx.moveTo(X(k), q1);
    ctx.lineTo(X(k), q3);
    ctx.strokeStyle = mix(theme.card, theme.accent, 0.45);
    ctx.lineWidth = 7 * scale;
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(X(k), median, 4.5 * scale, 0, 2 * Math.PI);
    ctx.fillStyle = theme.accent;
    ctx.fill();
  });
  const names = columns.map((name, k) => (textWidth(name, fonts.tick) < room - 4 ? name : `${depths[k]} ${depths[k] === 1 ? "layer" : "layers"}`));
  const brief = names.map((name, k) => (textWidth(name, fonts.tick) < room - 2 ? name : String(depths[k])));
  paintTicksBelow(ctx, view, chart, [...columns.keys()], brief);
  text(ctx, header.across, right, bottom + px.tick * 2.3, fonts.tick, theme.muted, "right");
  return names;
}

/** The parameters of each as bars, and the budget as a line across them. */
function paintCosts(ctx, view, { x, y, right, top, bottom }) {
  const { layout, theme, header } = view;
  const { fonts, scale } = layout;
  const { px } = fonts;
  const { columns, parameters, budget } = header;
  paintTitle(ctx, view, "Parameters", x, y, right - x);
  const names = Math.max(...columns.map((name) => textWidth(name, fonts.label))) + 10 * scale;
  const left = x + Math.min(names, 170 * scale);
  const end = right - textWidth("10,000", fonts.label) - 8 * scale;
  const most = Math.max(budget, ...parameters) * 1.04;
  const pitch = Math.min((bottom - top) / columns.length, px.label * 2.4);
  columns.forEach((name, k) => {
    const at = top + (k + 0.5) * pitch;
    const length = (parameters[k] / most) * (end - left);
    text(ctx, textWidth(name, fonts.label) > 165 * scale ? `${name.slice(0, 20)}…` : name, x, at, fonts.label, theme.text);
    roundRect(ctx, left, at - pitch * 0.28, Math.max(2, length), pitch * 0.56, 3);
    ctx.fillStyle = mix(theme.card, theme.accent, 0.6);
    ctx.fill();
    text(ctx, parameters[k].toLocaleString("en"), right, at, fonts.label, theme.muted, "right"); // clear of the budget's line
  });
  if (!budget) return;
  const at = Math.round(left + (budget / most) * (end - left)) + 0.5;
  const foot = top + columns.length * pitch;
  ctx.setLineDash([5, 4]);
  ctx.strokeStyle = theme.test;
  ctx.lineWidth = 1.4;
  ctx.beginPath();
  ctx.moveTo(at, top - 4);
  ctx.lineTo(at, foot + 4);
  ctx.stroke();
  ctx.setLineDash([]);
  text(ctx, `budget ${budget.toLocaleString("en")}`, at, foot + px.tick * 1.2, fonts.tickOn, theme.test, "center");
}

function paintDrawings(ctx, view, { x, y, width, bottom }, names, maps) {
  const { layout, theme, header } = view;
  const { fonts, scale } = layout;
  const { px } = fonts;
  const { columns, parameters, texts } = header;
  text(ctx, "What the median run of each draws", x, y + px.title * 0.5, fonts.title, theme.text);
  const top = y + px.title * 1.5;
  const pitch = width / columns.length;
  const size = Math.min(pitch - 12 * scale, bottom - top - px.tick * 1.6);
  columns.forEach((name, k) => {
    const left = x + k * pitch;
    maps.draw(ctx, view, k, left, top, size);
    if (k === header.chosen) paintRing(ctx, theme, left, top, size, size);
    const words = `${names[k]}  ${texts[k]}`;
    text(ctx, textWidth(words, fonts.tick) < pitch ? words : texts[k], left, top + size + px.tick, fonts.tick, theme.text);
    const tip = `${name}: ${parameters[k].toLocaleString("en")} parameters, ${texts[k] || "not begun"}`;
    view.targets.push({ x: left, y: top, width: size, height: size, tip, act: { kind: "cell", row: 0, column: k }, kind: "cell", number: k });
  });
}
