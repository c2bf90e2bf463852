import "./dom.js";
import assert from "node:assert/strict";
import test from "node:test";

import { blend, Tempo } from "../../playground/static/stage/base/tween.js";
import { Motion } from "../../playground/static/stage/plane/motion.js";

globalThis.matchMedia = () => ({ matches: false });

test("numbers glide in a straight line, and keep their type", () => {
  assert.deepEqual(blend(Float32Array.of(0, 2), Float32Array.of(4, 0), 0.25), Float32Array.of(1, 1.5));
});

test("nothing glides from nowhere, or between different lengths", () => {
  const to = Float32Array.of(1, 2);
  assert.equal(blend(undefined, to, 0.5), to);
  assert.equal(blend(Float32Array.of(1), to, 0.5), to);
});

test("a movement lasts as long as there is between two frames, within bounds", () => {
  const tempo = new Tempo();
  for (let k = 0; k < 60; k++) tempo.painted(1);
  for (let now = 0; now < 4000; now += 100) tempo.arrived(now);
  assert.ok(Math.abs(tempo.duration - 100) < 2);
  for (let now = 5000; now < 12000; now += 20) tempo.arrived(now);
  assert.equal(tempo.duration, 40);
});

test("where painting is dear, or movement is not wanted, the picture jumps", () => {
  const dear = new Tempo();
  for (let k = 0; k < 60; k++) dear.painted(90);
  assert.equal(dear.duration, 0);
  const calm = new Tempo();
  calm.calm = { matches: true };
  assert.equal(calm.duration, 0);
});

test("a pause between two frames is no interval", () => {
  const tempo = new Tempo();
  tempo.arrived(0);
  tempo.arrived(60000);
  assert.equal(tempo.interval, 60);
});

const picture = (run, weight, end) => ({
  header: { run, task: "curve" },
  arrays: { weights0: Float32Array.of(weight), points_xy: Float32Array.of(weight), curve_x: Float32Array.of(0, end) },
});

test("weights and the ends of curves glide within a run, points do not", () => {
  const motion = new Motion();
  motion.aim(picture("a", 1, 10));
  motion.at(1);
  motion.aim(picture("a", 3, 20));
  const { values, curveEnd } = motion.at(0.5);
  assert.deepEqual(values, { weights0: Float32Array.of(2) });
  assert.equal(curveEnd, 15);
  assert.equal(motion.curveStart, 10);
  assert.deepEqual(motion.at(1).values.weights0, Float32Array.of(3));
});

test("nothing glides from one run to another", () => {
  const motion = new Motion();
  motion.aim(picture("a", 1, 10));
  motion.at(1);
  motion.aim(picture("b", 3, 20));
  assert.deepEqual(motion.at(0.5).values.weights0, Float32Array.of(3));
  assert.equal(motion.curveStart, 20);
});

test("a curve that is shorter than before, after a rewind, does not glide", () => {
  const motion = new Motion();
  motion.aim(picture("a", 1, 10));
  motion.at(1);
  motion.aim(picture("a", 1, 2));
  assert.equal(motion.at(0.5).curveEnd, 2);
});
