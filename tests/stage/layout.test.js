import "./dom.js";
import assert from "node:assert/strict";
import test from "node:test";

import { fitted, fontsFor, textWidth } from "../../playground/static/stage/base/text.js";
import { fill } from "../../playground/static/stage/base/tiles.js";
import { layOutPictures } from "../../playground/static/stage/images/layout.js";
import { layOut, planeScale } from "../../playground/static/stage/plane/layout.js";

const theme = { font: "x" };
const column = (units, more = {}) => ({ kind: "dense", title: `${units} tanh`, units, layer: 0, ...more });
const header = (more = {}) => ({
  task: "classes", classes: ["a", "b"], projector: false, features_more: 0, can_add_layer: true, can_remove_layer: true,
  features: [{ label: "x₁", on: true }, { label: "x₂", on: true }],
  columns: [column(6), column(2, { kind: "output", layer: null, title: "output" })],
  plane: { x: [-6, 6], y: [-6, 6], x_label: "x₁", y_label: "x₂", x_ticks: [-6, 0, 6], y_ticks: [-6, 0, 6], y_texts: [] },
  ...more,
});
const SIZES = [[760, 500], [1020, 565], [1600, 980]];

test("the parts of the plane's stage stand from left to right, and none over the curves", () => {
  for (const [width, height] of SIZES) {
    const { features, columns, output, charts, separator } = layOut(width, height, header(), theme);
    const xs = [features.x, ...columns.map(({ x }) => x), output.x, output.x + output.size];
    assert.deepEqual(xs, [...xs].sort((a, b) => a - b));
    assert.ok(output.x + output.size <= width);
    assert.ok(output.y + output.size < separator);
    for (const { left, right, top, bottom } of charts) assert.ok(separator < top && top < bottom && bottom < height && left < right && right <= width);
  }
});

test("units of a column do not touch, however many there are", () => {
  for (const [width, height] of SIZES)
    for (const units of [1, 8, 30]) {
      const { columns, top, bottom } = layOut(width, height, header({ columns: [column(units), column(2, { kind: "output", layer: null })] }), theme);
      const { ys, size } = columns[0];
      assert.equal(ys.length, units);
      ys.slice(1).forEach((y, i) => assert.ok(y - ys[i] > size, `${units} units at ${height}`));
      assert.ok(ys[0] - size / 2 >= top - 1 && ys.at(-1) + size / 2 <= bottom + 1);
    }
});

test("a button that can do nothing is off", () => {
  const { buttons } = layOut(1020, 565, header({ can_add_layer: false, columns: [column(1, { min: true }), column(2, { kind: "output", layer: null })] }), theme);
  const off = buttons.map(({ kind, by, off: is }) => `${kind} ${by} ${Boolean(is)}`);
  assert.deepEqual(off, ["units -1 true", "units 1 false", "layer 1 true", "layer -1 false"]);
});

test("the plane's numbers become pixels, upwards, and come back", () => {
  const { x, y, invert } = planeScale({ x: 100, y: 50, size: 200 }, { x: [-1, 1], y: [0, 4] });
  assert.deepEqual([x(-1), x(1), y(0), y(4)], [100, 300, 250, 50]);
  assert.deepEqual(invert(x(0.5), y(3)), [0.5, 3]);
});

test("the panels of a picture page stand beside each other, above the tabs", () => {
  for (const [width, height] of SIZES) {
    const layout = layOutPictures(width, height, { classes: ["0", "1", "automobile"], projector: false }, theme);
    const boxes = ["padBox", "units", "answer", "confusion", "surest"].map((name) => layout[name]);
    boxes.slice(1).forEach((box, i) => assert.ok(box.x >= boxes[i].x + boxes[i].width + 20));
    assert.ok(boxes.at(-1).x + boxes.at(-1).width <= width);
    boxes.forEach((box) => assert.ok(box.width > 0 && box.y + box.height <= layout.tabs.y - layout.tabs.height / 2));
    assert.ok(layout.lower.y + layout.lower.height <= height);
  }
});

test("text grows with the stage, and is at least 18 px on a projector", () => {
  const sizes = (...given) => Object.values(fontsFor(...given).px);
  sizes(1.6, "x", false).forEach((px, i) => assert.ok(px > sizes(0.75, "x", false)[i]));
  assert.ok(Math.min(...sizes(0.75, "x", true)) >= 18);
});

test("words that are too long are cut, and say so", () => {
  assert.equal(fitted("short", 100, "10px x"), "short");
  const cut = fitted("a title that is far too long", 60, "10px x");
  assert.ok(cut.endsWith("…") && textWidth(cut, "10px x") <= 60);
});

test("squares fill a box: all have their place, and full rows are preferred", () => {
  for (const count of [1, 7, 16, 60]) {
    const { columns, rows, pitch } = fill(count, 300, 200);
    assert.ok(columns * rows >= count && columns * pitch <= 300.001 && rows * pitch <= 200.001);
  }
  const { columns, rows } = fill(16, 300, 200);
  assert.equal(columns * rows, 16);
  assert.equal(fill(4, 300, 200, 20).pitch, 20);
});
