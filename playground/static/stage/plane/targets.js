/**
 * Targets: what lies under the pointer, what to say about it, and where a thing stands (for tests).
 */

import { short } from "../base/axes.js";
import { shownUnits } from "../base/frame.js";
import { textWidth } from "../base/text.js";
import { sample } from "./field.js";
import { planeScale } from "./layout.js";
import { linkAt, linkEnds, pointOnLink } from "./links.js";
import { biasCorner } from "./network.js";
import { confidence } from "./output.js";

const inside = (x, y, cx, cy, w, h) => Math.abs(x - cx) <= w / 2 && Math.abs(y - cy) <= h / 2;

/** @returns {object|null} {kind, ...}: button, bias, unit, marker, feature, output, chart, title or link */
export function targetAt({ layout, header, arrays, scales }, x, y) {
  const { features, columns, output } = layout;
  for (const button of layout.buttons) if (inside(x, y, button.x, button.y, button.w + 4, button.h + 6)) return { kind: "button", button };
  if (inside(x, y, output.x + output.size / 2, output.y + output.size / 2, output.size, output.size)) return { kind: "output", x, y };
  for (let c = 0; c < columns.length; c++) {
    const column = columns[c];
    if (Math.abs(x - column.x) > column.size) continue;
    const corner = biasCorner(column);
    if (arrays[`bias${c}`]) {
      const j = column.ys.findIndex((cy) => Math.hypot(x - column.x + corner, y - cy - corner) <= Math.max(5, Math.min(8, column.size / 3)));
      if (j >= 0) return { kind: "bias", c, j };
    }
    const side = column.bare ? 3 * column.marker : column.size;
    const j = column.ys.findIndex((cy) => inside(x, y, column.x, cy, side, side));
    if (j >= 0) return { kind: column.bare ? "marker" : "unit", c, j };
  }
  const left = features.x - features.size / 2 - 60 * layout.scale;
  const i = features.ys.findIndex((cy) => x > left && x < features.x + features.size / 2 && Math.abs(y - cy) <= features.size / 2);
  if (i >= 0) return { kind: "feature", i };
  const chart = scales.findIndex((s) => x >= s.left - 4 && x <= s.right + 4 && y >= s.top - 4 && y <= s.bottom + 12);
  if (chart >= 0) return { kind: "chart", i: chart, at: scales[chart].invert(x) };
  return titleAt(layout, header, scales, x, y) ?? linkAt(layout, header, arrays, x, y, 6);
}

function titleAt(layout, header, scales, x, y) {
  const half = layout.fonts.px.title;
  for (let c = 0; c < header.columns.length; c++) {
    const { kind, title, help } = header.columns[c];
    const wide = textWidth(title, layout.fonts.title);
    if (kind !== "output" && inside(x, y, layout.columns[c].x, layout.headerY, wide, 2 * half)) return { kind: "title", help };
  }
  for (const [i, curve] of header.curves.entries()) {
    const { left } = layout.charts[i];
    const within = x > left && x < left + textWidth(curve.title, layout.fonts.title);
    if (within && Math.abs(y - scales[i].titleY) < half) return { kind: "title", help: curve.help };
  }
  return null;
}

/** Own index of what stands at place `j` of column `c` (c = -1: the features that are on). */
const own = (header, c, j) => (c < 0 ? j : shownUnits(header.columns[c])[j]);

export function nameOf(header, c, j) {
  if (c < 0) return header.features.filter((f) => f.on)[j]?.label ?? "";
  const column = header.columns[c];
  if (column.kind === "output") return header.classes?.[own(header, c, j)] ?? "output";
  return `unit ${own(header, c, j) + 1}`;
}

/** Title of the large map of a unit or a feature. */
export function titleOf(header, target) {
  if (target.kind === "feature") return header.features[target.i].label;
  const column = header.columns[target.c];
  return column.kind === "output" ? "Output unit" : `${column.title}, ${nameOf(header, target.c, target.j)}`;
}

/** The tooltip's text, or "". */
export function tipFor(view, field, target) {
  const { header, arrays, layout } = view;
  switch (target?.kind) {
    case "button":
      return buttonTip(target.button);
    case "feature": {
      const { help, on } = header.features[target.i];
      return [help, on ? "click to switch off" : "click to switch on"].filter(Boolean).join("\n");
    }
    case "link": {
      const weight = arrays[`weights${target.c}`][target.i * layout.columns[target.c].ys.length + target.j];
      return `weight ${nameOf(header, target.c - 1, target.i)} \u2192 ${nameOf(header, target.c, target.j)}: ${short(weight)} \u2013 click to edit`;
    }
    case "bias":
      return `bias of ${nameOf(header, target.c, target.j)}: ${short(arrays[`bias${target.c}`][target.j])} \u2013 click to edit`;
    case "marker":
      return `class ${nameOf(header, target.c, target.j)}`;
    case "title":
      return target.help ?? "";
    case "output":
      return outputTip(view, field, target);
    default:
      return "";
  }
}

function buttonTip({ kind, by, off }) {
  if (kind === "layer" && off) return by > 0 ? "no more layers fit" : "no layer to remove";
  if (kind === "layer") return by > 0 ? "add a hidden layer (starts anew)" : "remove the last hidden layer (starts anew)";
  if (off) return by > 0 ? "as many units as there can be" : "a layer has at least one unit";
  return by > 0 ? "one unit more (starts anew)" : "one unit less (starts anew)";
}

function outputTip({ layout, header, arrays }, field, { x, y }) {
  const { output } = layout;
  const { plane } = header;
  const [px, py] = planeScale(output, plane).invert(x, y);
  const place = `${plane.x_label} ${short(px)}`;
  if (header.task === "curve") {
    if (!arrays.line_x) return place;
    const xs = arrays.line_x;
    const k = Math.min(xs.length - 1, Math.max(0, Math.round(((px - xs[0]) / (xs[xs.length - 1] - xs[0])) * (xs.length - 1))));
    return `${place}\nfitted ${plane.y_label} ${short(arrays.line_y[k])}`;
  }
  const here = sample(field, ((x - output.x) / output.size) * field.n - 0.5, ((y - output.y) / output.size) * field.n - 0.5);
  const both = plane.y_texts.length ? place : `${place}, ${plane.y_label} ${short(py)}`;
  if (header.task === "surface") {
    const [low, high] = header.value_range;
    return `${both}\nvalue ${short(low + (here.value / 255) * (high - low))}`;
  }
  return `${both}\nclass ${header.classes[here.winner] ?? here.winner}, confidence ${Math.round(100 * confidence(here.value))} %`;
}

/** What a click on a target tells Python, or null. A link and a bias are edited instead. */
export function actionFor(header, target) {
  if (target?.kind === "feature") return { kind: "feature", key: header.features[target.i].key };
  if (target?.kind !== "button" || target.button.off) return null;
  const { kind, layer, by } = target.button;
  return kind === "layer" ? { kind, by } : { kind, layer, by };
}

/** What an edit of a link or a bias tells Python. */
export function editFor(header, target, value) {
  const to = own(header, target.c, target.j);
  if (target.kind === "bias") return { kind: "bias", column: target.c, to, value };
  return { kind: "weight", column: target.c, from: own(header, target.c - 1, target.i), to, value };
}

/**
 * Where a thing stands on the stage, for tests: where("unit", column, place), ("feature", key), ("link", column, from, to),
 * ("bias", column, to), ("button", "units", layer, by), ("button", "layer", by), ("output", x, y), ("chart", index).
 */
export function placeOf({ layout, header, scales }, kind, ...which) {
  const [a, b, c] = which;
  if (kind === "unit") return { x: layout.columns[a].x, y: layout.columns[a].ys[b] };
  if (kind === "feature") return { x: layout.features.x, y: layout.features.ys[header.features.findIndex((f) => f.key === a)] };
  if (kind === "link") return pointOnLink(linkEnds(layout, header, a), b, c, 0.4);
  if (kind === "bias") return { x: layout.columns[a].x - biasCorner(layout.columns[a]), y: layout.columns[a].ys[b] + biasCorner(layout.columns[a]) };
  if (kind === "output") return { x: planeScale(layout.output, header.plane).x(a), y: planeScale(layout.output, header.plane).y(b) };
  if (kind === "chart") return { x: (scales[a].left + scales[a].right) / 2, y: (scales[a].top + scales[a].bottom) / 2 };
  if (kind === "button") return layout.buttons.find((k) => k.kind === a && (a === "layer" ? k.by === b : k.layer === b && k.by === c));
  return null;
}
