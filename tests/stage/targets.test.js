import { canvas, events } from "./dom.js";
import assert from "node:assert/strict";
import test from "node:test";

import { placeOn, Pointer, targetUnder } from "../../playground/static/stage/base/targets.js";

const under = { x: 0, y: 0, width: 100, height: 100, tip: "under" };
const over = { x: 10, y: 10, width: 20, height: 20, tip: (x, y) => `at ${x}, ${y}`, act: { kind: "view", view: "maps" } };
const odd = { find: (x, y) => (Math.hypot(x - 80, y - 80) < 5 ? { kind: "disc", cursor: "crosshair" } : null) };

test("of several targets the one that was painted last is found, its rim with it", () => {
  const targets = [under, over, odd];
  assert.equal(targetUnder(targets, 5, 5), under);
  assert.equal(targetUnder(targets, 10, 30), over);
  assert.equal(targetUnder(targets, 80, 82).kind, "disc");
  assert.equal(targetUnder(targets, 87, 82), under);
  assert.equal(targetUnder(targets, 101, 5), null);
});

function pointing(stage = {}) {
  const surface = Object.assign(canvas(), { getBoundingClientRect: () => ({ left: 100, top: 50 }), clientHeight: 120 });
  const tip = { hidden: true, textContent: "", offsetWidth: 30, offsetHeight: 10, style: {} };
  const clicked = [];
  const pointer = new Pointer({ root: { clientWidth: 110 }, canvas: surface, tip }, { targets: () => [under, over, odd], click: (target) => clicked.push(target), ...stage });
  const at = (x, y) => ({ clientX: 100 + x, clientY: 50 + y });
  return { pointer, surface, tip, clicked, at };
}

test("the pointer shows the words and the cursor of what it is on", () => {
  const { surface, tip, at, pointer } = pointing();
  surface.emit("pointermove", at(12, 14));
  assert.deepEqual([tip.hidden, tip.textContent, surface.style.cursor], [false, "at 12, 14", "pointer"]);
  surface.emit("pointermove", at(80, 80));
  assert.deepEqual([tip.hidden, surface.style.cursor, pointer.hover.kind], [true, "crosshair", "disc"]);
  surface.emit("pointermove", at(60, 5));
  assert.deepEqual([tip.textContent, surface.style.cursor], ["under", "default"]);
  surface.emit("pointerleave");
  assert.deepEqual([tip.hidden, pointer.hover, pointer.at], [true, null, null]);
});

test("words stand where there is room for them", () => {
  const { surface, tip, at } = pointing();
  surface.emit("pointermove", at(20, 20));
  assert.equal(tip.style.transform, "translate(34px, 36px)");
  surface.emit("pointermove", at(95, 99));
  assert.equal(tip.style.transform, "translate(55px, 81px)");
});

test("a click tells the stage what was clicked, also where the pointer never moved", () => {
  const { surface, clicked, at } = pointing();
  surface.emit("click", at(15, 15));
  surface.emit("click", at(500, 500));
  assert.deepEqual(clicked, [over]);
});

test("a new picture under a pointer that rests says what is there now, unless the stage is busy", () => {
  let [targets, busy] = [[under], false];
  const { pointer, surface, tip, at } = pointing({ targets: () => targets, isBusy: () => busy });
  surface.emit("pointermove", at(50, 50));
  targets = [{ ...under, tip: "new" }];
  pointer.look();
  assert.equal(tip.textContent, "new");
  busy = true;
  pointer.look();
  assert.equal(tip.hidden, true);
});

test("where a target is in the window", () => {
  const surface = { getBoundingClientRect: () => ({ left: 100, top: 50 }) };
  assert.deepEqual(placeOn(surface, over), { x: 120, y: 70 });
  assert.deepEqual(placeOn(surface, { x: 3, y: 4 }), { x: 103, y: 54 });
});
