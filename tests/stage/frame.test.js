import assert from "node:assert/strict";
import test from "node:test";

import { checksum, shownUnits, unpack } from "../../playground/static/stage/base/frame.js";
import { frame } from "./dom.js";

const bytes = frame(
  { step: 7, note: "drei µ" },
  { a: ["f32", [2, 2], Float32Array.of(1, -2, 3.5, NaN)], b: ["u8", [3], Uint8Array.of(1, 2, 255)], c: ["u16", [2], Uint16Array.of(1, 65535)], d: ["f64", [1], Float64Array.of(0.1)], none: ["f32", [0], new Float32Array()] }
);

test("a frame becomes its header and typed arrays", () => {
  const { header, arrays } = unpack(bytes);
  assert.equal(header.step, 7);
  assert.equal(header.note, "drei µ");
  assert.deepEqual(arrays.a, Float32Array.of(1, -2, 3.5, NaN));
  assert.deepEqual(arrays.b, Uint8Array.of(1, 2, 255));
  assert.deepEqual(arrays.c, Uint16Array.of(1, 65535));
  assert.deepEqual(arrays.d, Float64Array.of(0.1));
  assert.equal(arrays.none.length, 0);
});

test("a frame that lies unaligned in a larger buffer is read as well, and does not keep it", () => {
  const larger = new Uint8Array(bytes.length + 3);
  larger.set(bytes, 3);
  const { arrays } = unpack(larger.subarray(3));
  larger.fill(0);
  assert.deepEqual(arrays.a, Float32Array.of(1, -2, 3.5, NaN));
});

test("what is no frame is an error, not an empty picture", () => {
  assert.throws(() => unpack(Uint8Array.of(1, 2)), RangeError);
  assert.throws(() => unpack(Uint8Array.of(2, 0, 0, 0, 65, 66)), SyntaxError);
});

test("a checksum tells arrays apart, and views by what they show", () => {
  const values = Float32Array.of(1, 2, 3, 4);
  assert.equal(checksum(values), checksum(Float32Array.of(1, 2, 3, 4)));
  assert.notEqual(checksum(values), checksum(Float32Array.of(1, 2, 3, 5)));
  assert.equal(checksum(values.subarray(1, 3)), checksum(Float32Array.of(2, 3)));
  assert.equal(checksum(undefined), 0);
});

test("a column shows the units that it names, or all", () => {
  assert.deepEqual(shownUnits({ units: 3 }), [0, 1, 2]);
  assert.deepEqual(shownUnits({ units: 30, shown: [0, 29] }), [0, 29]);
});
