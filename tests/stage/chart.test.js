import { context } from "./dom.js";
import assert from "node:assert/strict";
import test from "node:test";

import { chartIn, paintLine, readAt } from "../../playground/static/stage/base/chart.js";

const box = { left: 100, right: 300, top: 20, bottom: 120 };

/** Where the pen went: "M" begins a piece. */
const path = (ctx) => ctx.calls.filter(([name]) => name === "moveTo" || name === "lineTo").map(([name, x, y]) => `${name === "moveTo" ? "M" : ""}${+x.toFixed(3)},${+y.toFixed(3)}`);
/** Without a point that is drawn twice. */
const drawn = (...given) => {
  const ctx = context();
  paintLine(ctx, ...given);
  return path(ctx).filter((step, k, all) => step !== all[k - 1]?.replace("M", ""));
};
const line = (x, y, more = {}) => ({ x, y, colour: "#000000", width: 1, ...more });

test("numbers become pixels and come back", () => {
  const chart = chartIn(box, { x0: 10, x1: 20, y0: -1, y1: 1 });
  assert.deepEqual([chart.x(10), chart.x(15), chart.x(20)], [100, 200, 300]);
  assert.deepEqual([chart.y(-1), chart.y(0), chart.y(1)], [120, 70, 20]);
  assert.equal(chart.invert(chart.x(13.5)), 13.5);
});

test("a log axis, on which nothing lies at or below 0", () => {
  const chart = chartIn(box, { x1: 1, y0: 0.01, y1: 1, log: true });
  assert.ok(Math.abs(chart.y(0.1) - 70) < 1e-9);
  assert.ok(Number.isFinite(chart.y(0)) && chart.y(0) > chart.bottom);
});

test("a line goes from point to point, with a gap where there is no number", () => {
  const chart = chartIn(box, { x1: 4, y0: 0, y1: 1 });
  assert.deepEqual(drawn(chart, line([0, 1, 2, 3, 4], [0, 1, NaN, 0.5, 0])), ["M100,120", "150,20", "M250,70", "300,120"]);
});

test("the end of a line is interpolated, its beginning is the point before", () => {
  const chart = chartIn(box, { x1: 4, y0: 0, y1: 1 });
  assert.deepEqual(drawn(chart, line([0, 1, 2, 3, 4], [0, 1, 0, 1, 0]), 1.5, 2.5), ["M150,20", "200,120", "225,70"]);
});

test("a line that is thinned keeps the extremes of each column of pixels", () => {
  const chart = chartIn(box, { x1: 2000, y0: 0, y1: 1 });
  const x = Array.from({ length: 2001 }, (_, i) => i);
  const y = x.map((i) => (i === 1003 ? 1 : 0.5));
  const thin = drawn(chart, line(x, y, { thin: true }));
  assert.ok(thin.length < 2 * 200 * 2);
  assert.ok(thin.some((step) => step.endsWith(",20")));
  assert.equal(drawn(chart, line(x, y)).length, 2001);
});

test("what the lines say at a place: each at its own nearest point, without those in the background", () => {
  const series = [line([0, 1, 2], [0.5, 0.4, 0.3], { name: "train" }), line([0, 2], [0.9, 0.8], { name: "test" }), line([0, 2], [1, 1], { name: "grey", front: false })];
  const read = readAt(series, 1.2, { xLabel: "epoch", percent: true });
  assert.equal(read.x, 1);
  assert.deepEqual([read.words, ...read.rows.map(({ words }) => words)], ["epoch 1", "train 40.0 %", "test 80.0 %"]);
  assert.equal(readAt([], 1, { xLabel: "epoch", percent: false }), null);
});
