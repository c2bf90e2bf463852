import assert from "node:assert/strict";
import test from "node:test";

import { barTicks, linearTicks, logLabel, logTicks, nearest, niceLimit, niceStep, printed, short, tickLabels } from "../../playground/static/stage/base/axes.js";

const close = (found, wanted) => {
  assert.equal(found.length, wanted.length, `${found}`);
  found.forEach((v, i) => assert.ok(Math.abs(v - wanted[i]) < 1e-9 * Math.max(1, Math.abs(wanted[i])), `${found}`));
};

test("a step is 1, 2, 2.5 or 5 times a power of ten", () => {
  assert.deepEqual([niceStep(10, 5), niceStep(9, 4), niceStep(100, 8)], [2, 2.5, 20]);
  for (const span of [0.003, 1, 7, 640, 1e9]) {
    const step = niceStep(span, 5);
    assert.ok(span / step <= 5.01);
    assert.ok([1, 2, 2.5, 5, 10].some((m) => Math.abs(step / 10 ** Math.floor(Math.log10(step)) - m) < 1e-9));
  }
});

test("ticks lie within the ends, at multiples of the step", () => {
  close(linearTicks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  close(linearTicks(-1.3, 1.2, 5), [-1, -0.5, 0, 0.5, 1]);
  close(barTicks([-6, 6]), [-6, -4, -2, 0, 2, 4, 6]);
});

test("a range without room has one tick, one that doubles cannot cut has its ends", () => {
  assert.deepEqual(linearTicks(2, 2, 5), [2]);
  assert.deepEqual(linearTicks(1, 1 + 2 ** -51, 5), [1, 1 + 2 ** -51]);
});

test("a log axis has powers of ten, and finer ticks where there would be fewer than two", () => {
  close(logTicks(0.001, 10, 4), [0.001, 0.01, 0.1, 1, 10]);
  close(logTicks(0.2, 0.9, 4), [0.2, 0.5]);
  assert.ok(logTicks(1e-12, 1, 4).length <= 6);
});

test("an axis ends at a round number that is not below the value", () => {
  assert.deepEqual([niceLimit(0.97), niceLimit(1), niceLimit(1.21), niceLimit(740)], [1, 1, 1.6, 800]);
});

test("labels of an axis differ, have equally many digits and a true minus", () => {
  assert.deepEqual(tickLabels([-0.5, 0, 0.5]), ["\u22120.5", "0.0", "0.5"]);
  assert.deepEqual(tickLabels([0, 25, 50]), ["0", "25", "50"]);
  assert.deepEqual(tickLabels([0, 10000, 20000]), ["0", "10,000", "20,000"]);
  assert.equal(new Set(tickLabels([1, 1.0001, 1.0002])).size, 3);
});

test("labels of a log axis", () => {
  assert.deepEqual([0.001, 0.5, 100, 1e-5, 20000].map(logLabel), ["0.001", "0.5", "100", "10\u207b\u2075", "2\u00b710\u2074"]);
});

test("numbers for a read-out", () => {
  assert.deepEqual([short(0), short(0.5), short(12.345), short(-3), short(NaN)], ["0.000", "0.500", "12.3", "\u22123.00", "\u2013"]);
  assert.equal(short(1234567), "1.23 e+6");
  assert.deepEqual([printed(0.934, true), printed(0.934, false)], ["93.4 %", "0.934"]);
});

test("the nearest of rising numbers; of two as near the later", () => {
  assert.deepEqual([-5, 0.4, 0.5, 1.9, 99].map((x) => nearest([0, 1, 2, 5], x)), [0, 0, 1, 2, 3]);
});
