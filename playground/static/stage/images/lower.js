/**
 * The views below the row of panels; `LOWER[view]` paints one. The overview's curves are painted by pictures.js.
 */

import { classColour, mix } from "../base/colours.js";
import { markerPath, rim, roundRect } from "../base/shapes.js";
import { text, textWidth } from "../base/text.js";
import { fill } from "../base/tiles.js";
import { paintCase, paintLayer } from "./panels.js";
import { paintBands, paintRidges, paintVariance } from "./ridges.js";

const MEASURES = [
  ["Precision", "Of all pictures that are answered with this class: the share that belongs to it."],
  ["Recall", "Of all pictures of this class: the share that is answered right."],
  ["F1", "The harmonic mean of precision and recall."],
];

/** Small pictures of the first weights in a box, with a title above and a caption below. */
function paintSheet(ctx, view, box, tiles) {
  const { header, layout, theme, arrays } = view;
  const { fonts } = layout;
  const { sheet } = header;
  text(ctx, sheet?.title ?? "First layer", box.x, box.y, fonts.title, theme.text);
  if (!sheet) {
    text(ctx, "Its weights are no pictures: it looks at numbers that were worked out before.", box.x, box.y + fonts.px.title * 2, fonts.label, theme.muted);
    return;
  }
  tiles.load(arrays.sheet, sheet.shape, "signed", theme);
  const top = box.y + fonts.px.title * 0.95;
  const foot = fonts.px.tick * 1.7;
  const { columns, rows, pitch } = fill(tiles.count, box.width, box.y + box.height - foot - top);
  const gap = Math.min(4, pitch * 0.1);
  for (let k = 0; k < tiles.count; k++) tiles.draw(ctx, k, box.x + (k % columns) * pitch, top + Math.floor(k / columns) * pitch, pitch - gap, pitch - gap, 3);
  view.targets.push({ x: box.x, y: top, width: columns * pitch, height: rows * pitch, tip: "The weights from the picture to each unit of the first layer. Where a unit is blue it wants ink, where it is orange it wants none." });
  text(ctx, sheet.caption, box.x, top + rows * pitch + fonts.px.tick * 0.7, fonts.tick, theme.muted);
}

function overview(ctx, view, tilesOf) {
  const { header, layout, theme, arrays } = view;
  const { lower, fonts, scale, charts } = layout;
  const gap = 30 * scale;
  const height = charts[0].titleY - fonts.px.title * 1.6 - lower.y - fonts.px.title * 0.4;
  const y = lower.y + fonts.px.title * 0.4;
  const half = (lower.width - gap) / 2;
  paintSheet(ctx, view, { x: lower.x, y, width: half, height }, tilesOf("sheet"));
  const left = lower.x + half + gap;
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
  ctx.fillRect(lower.x, Math.round(charts[0].titleY - fonts.px.title * 1.15), lower.width, 1);
}

function maps(ctx, view, tilesOf) {
  const { header, layout, theme } = view;
  const { lower, fonts, scale } = layout;
  const count = header.layers.length + 1;
  const gap = 24 * scale;
  const width = Math.min((lower.width - (count - 1) * gap) / count, lower.height * 1.3);
  const y = lower.y + fonts.px.title * 0.4;
  const height = lower.height - fonts.px.title * 0.4;
  paintSheet(ctx, view, { x: lower.x, y, width, height }, tilesOf("sheet"));
  header.layers.forEach((layer, i) => {
    const x = lower.x + (i + 1) * (width + gap);
    const title = textWidth(layer.title, fonts.title) > width + gap - 6 ? layer.title.split(",")[0] : layer.title;
    const font = textWidth(title, fonts.title) > width + gap - 6 ? fonts.tickOn : fonts.title;
    text(ctx, title, x, y, font, theme.text);
    const top = y + fonts.px.title * 0.95;
    paintLayer(ctx, view, i, { x, y: top, width, height: height - (top - y) }, tilesOf(`maps${i}`));
  });
}

function mistakes(ctx, view, tilesOf) {
  const { header, layout, theme, arrays } = view;
  const { lower, fonts, scale } = layout;
  const { gallery, test } = header;
  const y = lower.y + fonts.px.title * 0.4;
  const shown = gallery.length < test.wrong ? `, the surest ${gallery.length} of ${test.wrong.toLocaleString("en")}` : "";
  text(ctx, `Mistakes on the test set${shown}`, lower.x, y, fonts.title, theme.text);
  text(ctx, "true → answered; click one to lay it on the pad", lower.x + lower.width, y, fonts.tick, theme.muted, "right");
  const tiles = tilesOf("gallery").load(arrays.gallery, header.shape, "ink", theme);
  const top = y + fonts.px.title * 1.1;
  const below = fonts.px.tick * 0.85;
  const bottom = lower.y + lower.height;
  const columns = Math.ceil(60 / Math.max(2, Math.round((bottom - top) / (62 * scale))));
  const pitchX = lower.width / columns;
  const rows = Math.ceil(60 / columns);
  const pitchY = (bottom - top) / rows;
  const size = Math.floor(Math.min(pitchX - 8, pitchY - 2.3 * below));
  gallery.forEach((found, k) => {
    paintCase(ctx, view, tiles, k, found, Math.round(lower.x + (k % columns) * pitchX), Math.round(top + Math.floor(k / columns) * pitchY), size, below);
    const chances = arrays.chances.subarray(k * header.classes.length, (k + 1) * header.classes.length);
    const best = [...chances.keys()].sort((a, b) => chances[b] - chances[a]).slice(0, 3);
    view.targets.at(-1).tip += "\n" + best.map((c) => `${header.classes[c]} ${(100 * chances[c]).toFixed(1)} %`).join(", ");
  });
}

function classes(ctx, view) {
  const { header, layout, theme, arrays } = view;
  const { lower, fonts, scale } = layout;
  const names = header.classes;
  const y = lower.y + fonts.px.title * 0.4;
  const left = lower.x + Math.max(textWidth("Class", fonts.title), ...names.map((name) => textWidth(name, fonts.labelOn))) + 24 * scale;
  const gap = 44 * scale;
  const width = (lower.x + lower.width - left - 2 * gap) / 3;
  const percent = textWidth("100.0 %", fonts.labelOn) + 8 * scale;
  const top = y + fonts.px.title;
  const pitch = Math.min((lower.y + lower.height - top) / names.length, 34 * scale);
  text(ctx, "Class", lower.x, y, fonts.title, theme.text);
  MEASURES.forEach(([name, tip], m) => {
    const x = left + m * (width + gap);
    text(ctx, name, x, y, fonts.title, theme.text);
    view.targets.push({ x, y: y - 8, width: textWidth(name, fonts.title), height: 18, tip });
    names.forEach((_, k) => {
      const value = arrays.per_class[3 * k + m];
      const at = top + pitch * (k + 0.5);
      const bar = Math.min(12 * scale, pitch * 0.5);
      roundRect(ctx, x, at - bar / 2, width - percent, bar, bar / 2);
      ctx.fillStyle = mix(theme.card, theme.text, 0.1);
      ctx.fill();
      if (value > 0.002) {
        roundRect(ctx, x, at - bar / 2, (width - percent) * value, bar, bar / 2);
        ctx.fillStyle = m === 2 ? theme.accent : mix(theme.card, theme.accent, 0.55);
        ctx.fill();
      }
      text(ctx, `${(100 * value).toFixed(1)} %`, x + width, at, fonts.label, theme.text, "right");
    });
  });
  names.forEach((name, k) => text(ctx, name, lower.x, top + pitch * (k + 0.5), fonts.labelOn, theme.text));
}

function embedding(ctx, view) {
  const { header, layout, theme, arrays } = view;
  const { lower, fonts, scale } = layout;
  const y = lower.y + fonts.px.title * 0.4;
  const count = arrays.embedding_class.length;
  text(ctx, "Test pictures as the last hidden layer sees them", lower.x, y, fonts.title, theme.text);
  const top = y + fonts.px.title;
  const height = lower.y + lower.height - top;
  const legend = Math.max(...header.classes.map((name) => textWidth(name, fonts.label))) + 46 * scale;
  const width = lower.width - legend;
  rim(ctx, lower.x + 0.5, top + 0.5, width, height - 1, theme.line, 8);
  const half = Math.min(width, height * 1.7) / 2;
  const [cx, cy] = [lower.x + width / 2, top + height / 2];
  ctx.save();
  ctx.beginPath();
  ctx.rect(lower.x, top, width, height);
  ctx.clip();
  for (let i = 0; i < count; i++) {
    const [x, py] = [cx + arrays.embedding_xy[2 * i] * half * 0.94, cy - arrays.embedding_xy[2 * i + 1] * (height / 2) * 0.94];
    const k = arrays.embedding_class[i];
    ctx.beginPath();
    markerPath(ctx, k, x, py, 4.2 * scale);
    ctx.fillStyle = classColour("many", k);
    ctx.fill();
    ctx.strokeStyle = theme.card;
    ctx.lineWidth = 0.7;
    ctx.stroke();
    view.targets.push({ x: x - 5, y: py - 5, width: 10, height: 10, tip: `Test picture ${i}: ${header.classes[k]}. Click to lay it on the pad.`, act: { kind: "picture", index: i } });
  }
  ctx.restore();
  header.classes.forEach((name, k) => {
    const at = top + (k + 0.5) * Math.min(height / header.classes.length, 24 * scale);
    ctx.beginPath();
    markerPath(ctx, k, lower.x + width + 24 * scale, at, 5 * scale);
    ctx.fillStyle = classColour("many", k);
    ctx.fill();
    text(ctx, name, lower.x + width + 38 * scale, at, fonts.label, theme.text);
  });
  text(ctx, `first ${count} test pictures, its two principal directions`, lower.x + width, y, fonts.tick, theme.muted, "right");
}

/** Rows: weights, biases, z, a; columns: layers. */
function grid(ctx, view) {
  const { header, layout, theme, arrays } = view;
  const { lower, fonts, scale } = layout;
  const { what, layers, rows } = header.grid;
  const y = lower.y + fonts.px.title * 0.4;
  if (!layers.length) {
    text(ctx, "Monitoring is switched off; Settings, View switches it on.", lower.x, y, fonts.label, theme.muted);
    return;
  }
  const left = lower.x + Math.max(...rows.map((name) => textWidth(name, fonts.labelOn))) + 18 * scale;
  const gap = 18 * scale;
  const width = (lower.x + lower.width - left - (layers.length - 1) * gap) / layers.length;
  const top = y + fonts.px.title * 0.9;
  const height = (lower.y + lower.height - top) / rows.length;
  layers.forEach((name, c) => text(ctx, `${c + 1}: ${name}`, left + c * (width + gap), y, fonts.tickOn, theme.muted));
  const cost = /^[\d.]+ %/.exec(header.monitor)?.[0] ?? "–";
  text(ctx, `cost: ${cost}`, lower.x, y, fonts.tick, theme.muted);
  view.targets.push({ x: lower.x, y: y - 9, width: 90, height: 18, tip: `What looking at all of this costs: ${header.monitor}. Settings, View switches it off.` });
  rows.forEach((name, r) => {
    text(ctx, name, lower.x, top + height * (r + 0.5), fonts.labelOn, theme.text);
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

function components(ctx, view, tilesOf) {
  const { header, layout, theme, arrays } = view;
  const { lower, fonts, scale } = layout;
  const y = lower.y + fonts.px.title * 0.4;
  const half = lower.width * 0.46;
  text(ctx, "Variance that the first components hold", lower.x, y, fonts.title, theme.text);
  const top = y + fonts.px.title * 1.1;
  paintVariance(ctx, view, { x: lower.x, y: top, width: half, height: lower.y + lower.height - top }, arrays.variance, header.components);
  const left = lower.x + half + 34 * scale;
  const tiles = tilesOf("faces").load(arrays.faces, header.shape, "signed", theme);
  text(ctx, `The first ${tiles.count} components as pictures`, left, y, fonts.title, theme.text);
  const width = lower.x + lower.width - left;
  const { columns, pitch } = fill(tiles.count, width, lower.y + lower.height - top);
  const gap = Math.min(5, pitch * 0.1);
  for (let k = 0; k < tiles.count; k++) tiles.draw(ctx, k, left + (k % columns) * pitch, top + Math.floor(k / columns) * pitch, pitch - gap, pitch - gap, 3);
}

export const LOWER = { overview, maps, mistakes, classes, embedding, histograms: grid, bands: grid, components };
