/**
 * The page of a study with bars: what each setting came to beside what a report printed, and the losses.
 */

import { printed, tickLabels } from "../base/axes.js";
import { mix } from "../base/colours.js";
import { roundRect } from "../base/shapes.js";
import { fitted, text, textWidth } from "../base/text.js";
import { lineColour, paintLanes, paintTitle, scoreFloor, ticksAlong } from "./charts.js";

/** @type {import("../panels/registry.js").Painter} */
export function paintBars(ctx, view, box) {
  const { layout, theme, header } = view;
  const { fonts, scale } = layout;
  const { px } = fonts;
  paintTitle(ctx, view, header.bars_title, box.x, box.y, box.width * (header.panels.includes("bands") ? 0.56 : 1));
  const top = box.y + px.title * 1.6;
  const curves = header.panels.includes("bands");
  const gap = 36 * scale;
  const columns = header.bars.length > 14 ? 2 : 1;
  const whole = curves ? box.width * 0.58 : box.width;
  const width = (whole - (columns - 1) * gap) / columns;
  const each = Math.ceil(header.bars.length / columns);
  const reports = header.bars.some((bar) => bar.report !== null);
  const foot = px.tick * (reports ? 4.6 : 3);
  for (let c = 0; c < columns; c++) paintColumn(ctx, view, { x: box.x + c * (width + gap), y: top, width, height: box.height - (top - box.y) - foot }, c * each, each);
  if (reports) {
    const y = box.y + box.height - px.tick * 0.6;
    paintDiamond(ctx, theme, box.x + 5 * scale, y, 4.5 * scale);
    text(ctx, "what the report printed", box.x + 15 * scale, y, fonts.tick, theme.muted);
  }
  if (!curves) return;
  const x = box.x + whole + gap;
  paintTitle(ctx, view, header.lines_title, x, box.y, box.x + box.width - x);
  paintLanes(ctx, view, { x, y: top, width: box.x + box.width - x, height: box.y + box.height - top }, "band", { xLabel: "epoch" });
}

/** Up to `rows` bars over one scale, from number `first` on. */
function paintColumn(ctx, view, box, first, rows) {
  const { layout, theme, header } = view;
  const { fonts, scale } = layout;
  const { px } = fonts;
  const names = Math.min(box.width * 0.45, Math.max(...header.bars.map((bar) => textWidth(bar.name, fonts.label)))) + 14 * scale;
  const left = box.x + names;
  const right = box.x + box.width - textWidth("100.0 %", fonts.labelOn) - 14 * scale;
  const low = scoreFloor(header.bars.flatMap((bar) => [bar.score?.[0], bar.report]).filter(Number.isFinite), header.percent);
  const X = (v) => left + ((Math.max(v, low) - low) / (1 - low)) * (right - left);
  const pitch = Math.min(box.height / rows, px.label * 5);
  const bottom = box.y + pitch * rows;
  const ticks = ticksAlong(low, 1, left, right, layout);
  tickLabels(header.percent ? ticks.map((t) => 100 * t) : ticks).forEach((label, i) => {
    ctx.fillStyle = theme.line;
    ctx.fillRect(Math.round(X(ticks[i])), box.y, 1, bottom - box.y);
    text(ctx, header.percent ? `${label} %` : label, X(ticks[i]), bottom + px.tick, fonts.tick, theme.muted, "center");
  });
  header.bars.slice(first, first + rows).forEach((bar, i) => {
    const y = box.y + (i + 0.5) * pitch;
    const number = first + i;
    if (number === header.chosen) paintChosen(ctx, view, box.x, y, box.width, pitch);
    text(ctx, fitted(bar.name, names - 12 * scale, fonts.label), left - 12 * scale, y, fonts.label, theme.text, "right");
    if (bar.report !== null) paintDiamond(ctx, theme, X(bar.report), y, 4.5 * scale);
    const words = bar.score ? bar.text : bar.lost ? "diverged" : "";
    text(ctx, words, right + 12 * scale, y, fonts.labelOn, bar.score ? theme.text : theme.test);
    if (bar.score) paintScore(ctx, bar.score.map(X), y, scale, header.lines.length ? lineColour(number, theme) : theme.accent);
    const act = { kind: "cell", row: 0, column: number };
    view.targets.push({ x: box.x, y: y - pitch / 2, width: box.width, height: pitch, tip: inWords(bar, header.percent), act, kind: "cell", number });
  });
}

/** The strip behind a bar that was clicked on. */
function paintChosen(ctx, { theme }, x, y, width, pitch) {
  roundRect(ctx, x, y - pitch / 2 + 1, width, pitch - 2, 6);
  ctx.fillStyle = mix(theme.card, theme.accent, 0.1);
  ctx.fill();
}

/** The range as a thin line, the quartiles as a thick one, the median as a disc. */
function paintScore(ctx, [low, q1, median, q3, high], y, scale, colour) {
  ctx.lineCap = "round";
  ctx.strokeStyle = colour;
  for (const [from, to, thick] of [[low, high, 1.4], [q1, q3, 6]]) {
    ctx.beginPath();
    ctx.moveTo(from, y);
    ctx.lineTo(to, y);
    ctx.lineWidth = thick * scale;
    ctx.globalAlpha = thick > 2 ? 0.45 : 1;
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
  ctx.lineCap = "butt";
  ctx.beginPath();
  ctx.arc(median, y, 4.5 * scale, 0, 2 * Math.PI);
  ctx.fillStyle = colour;
  ctx.fill();
}

/** The mark of a report. */
function paintDiamond(ctx, theme, x, y, r) {
  ctx.beginPath();
  [[0, -r], [r, 0], [0, r], [-r, 0]].forEach(([dx, dy]) => ctx.lineTo(x + dx, y + dy));
  ctx.closePath();
  ctx.strokeStyle = theme.text;
  ctx.lineWidth = 1.5;
  ctx.stroke();
}

function inWords({ name, score, lost, report }, percent) {
  const [low, q1, median, q3, high] = (score ?? []).map((v) => printed(v, percent));
  const said = score ? `median ${median}, quartiles ${q1} to ${q3}, range ${low} to ${high}` : lost ? "no run came to an end" : "not begun";
  const more = [lost && `${lost} diverged`, report !== null && `the report has ${printed(report, percent)}`].filter(Boolean);
  return [`${name}: ${said}`, ...more].join("; ");
}
