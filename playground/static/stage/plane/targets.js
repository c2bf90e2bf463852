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

/**
 * All targets of the plane's stage: their kinds are link, title, chart, feature, unit, marker, bias, output and button.
 * @param {() => object} fieldNow the field as it is painted at this moment
 */
export function targetsOf(view, fieldNow) {
  const { layout, header, scales } = view;
  const columns = layout.columns.map((_, c) => ({ find: (x, y) => inColumn(view, c, x, y) }));
  return [
    { find: (x, y) => linkUnder(view, x, y) },
    ...titles(layout, header, scales),
    ...scales.map((s, i) => ({ find: (x, y) => inChart(s, i, x, y) })),
    { find: (x, y) => featureAt(view, x, y) },
    ...columns.reverse(),
    { find: (x, y) => onOutput(view, fieldNow, x, y) },
    ...layout.buttons.map((button) => buttonTarget(button)).reverse(),
  ];
}

const box = (x, y, width, height) => ({ x: x - width / 2, y: y - height / 2, width, height });

function buttonTarget(button) {
  const { x, y, w, h, off, kind, layer, by } = button;
  const act = off ? undefined : kind === "layer" ? { kind, by } : { kind, layer, by };
  return { ...box(x, y, w + 4, h + 6), kind: "button", button, act, tip: buttonTip(button) };
}

function onOutput(view, fieldNow, x, y) {
  const { output } = view.layout;
  if (!inside(x, y, output.x + output.size / 2, output.y + output.size / 2, output.size, output.size)) return null;
  return { kind: "output", cursor: "crosshair", tip: outputTip(view, fieldNow(), x, y) };
}

/** The bias, unit or marker of column `c` at a point. */
function inColumn({ layout, header, arrays }, c, x, y) {
  const column = layout.columns[c];
  if (Math.abs(x - column.x) > column.size) return null;
  const corner = biasCorner(column);
  const bias = arrays[`bias${c}`];
  if (bias) {
    const j = column.ys.findIndex((cy) => Math.hypot(x - column.x + corner, y - cy - corner) <= Math.max(5, Math.min(8, column.size / 3)));
    const tip = () => `bias of ${nameOf(header, c, j)}: ${short(bias[j])} \u2013 click to edit`;
    if (j >= 0) return { kind: "bias", c, j, value: bias[j], cursor: "pointer", tip: tip() };
  }
  const side = column.bare ? 3 * column.marker : column.size;
  const j = column.ys.findIndex((cy) => inside(x, y, column.x, cy, side, side));
  if (j < 0) return null;
  return column.bare ? { kind: "marker", c, j, tip: `class ${nameOf(header, c, j)}` } : { kind: "unit", c, j };
}

function featureAt({ layout: { features, scale }, header }, x, y) {
  const left = features.x - features.size / 2 - 60 * scale;
  const i = features.ys.findIndex((cy) => x > left && x < features.x + features.size / 2 && Math.abs(y - cy) <= features.size / 2);
  if (i < 0) return null;
  const { help, on, key } = header.features[i];
  const tip = [help, on ? "click to switch off" : "click to switch on"].filter(Boolean).join("\n");
  return { kind: "feature", i, act: { kind: "feature", key }, tip };
}

function inChart(scale, i, x, y) {
  const within = x >= scale.left - 4 && x <= scale.right + 4 && y >= scale.top - 4 && y <= scale.bottom + 12;
  return within ? { kind: "chart", i, at: scale.invert(x), cursor: "crosshair" } : null;
}

/** The titles of columns and charts, where there is more to say. */
function titles({ fonts, columns, headerY }, header, scales) {
  const high = 2 * fonts.px.title;
  const shown = header.columns.map((column, c) => ({ ...column, x: columns[c].x })).filter(({ kind }) => kind !== "output");
  const over = shown.map(({ title, help, x }) => ({ ...box(x, headerY, textWidth(title, fonts.title), high), kind: "title", tip: help ?? "" }));
  const charts = header.curves.map(({ title, help }, i) => {
    const { start, titleY } = scales[i];
    return { x: start, y: titleY - high / 2, width: textWidth(title, fonts.title), height: high, kind: "title", tip: help ?? "" };
  });
  return [...charts, ...over];
}

function linkUnder({ layout, header, arrays }, x, y) {
  const found = linkAt(layout, header, arrays, x, y, 6);
  if (!found) return null;
  const { c, i, j } = found;
  const value = arrays[`weights${c}`][i * layout.columns[c].ys.length + j];
  const tip = `weight ${nameOf(header, c - 1, i)} \u2192 ${nameOf(header, c, j)}: ${short(value)} \u2013 click to edit`;
  return { ...found, value, cursor: "pointer", tip };
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

function buttonTip({ kind, by, off }) {
  if (kind === "layer" && off) return by > 0 ? "no more layers fit" : "no layer to remove";
  if (kind === "layer") return by > 0 ? "add a hidden layer (starts anew)" : "remove the last hidden layer (starts anew)";
  if (off) return by > 0 ? "as many units as there can be" : "a layer has at least one unit";
  return by > 0 ? "one unit more (starts anew)" : "one unit less (starts anew)";
}

function outputTip({ layout, header, arrays }, field, x, y) {
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
  return `${both}\nclass ${header.classes[Number(here.winner)] ?? here.winner}, confidence ${Math.round(100 * confidence(here.value))} %`;
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
export function placeOf(view, kind, ...which) {
  const { layout, header, scales } = view;
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
