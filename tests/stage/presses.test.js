import { clock, windowEvents } from "./dom.js";
import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { Presses } from "../../playground/static/stage/base/presses.js";

class Button {
  disabled = false;
  isConnected = true;
  clicks = 0;
  click() {
    this.clicks++;
  }
}
globalThis.HTMLButtonElement = Button;

let pressed, presses, plays, pass;
beforeEach(() => {
  pass = clock();
  presses?.stop();
  [pressed, plays] = [[], false];
  presses = new Presses((button) => (button === "other" ? 0 : pressed.push(button)), () => plays);
});

/** A click on a button of the page whose container has this key. */
function click(button, key, more = {}) {
  const event = { isTrusted: true, stopped: false, stopPropagation: () => (event.stopped = true), composedPath: () => [{}, button, { classList: ["x", `st-key-${key}`] }, {}], ...more };
  windowEvents.emit("click", event);
  return event;
}

const key = (name, more = {}) => windowEvents.emit("keydown", { key: name, defaultPrevented: true, ...more });

test("a press is told at once, and kept from Streamlit until it is answered", () => {
  const button = new Button();
  assert.ok(click(button, "pause").stopped);
  assert.deepEqual(pressed, ["pause"]);
  presses.answered(0);
  pass(1);
  assert.equal(button.clicks, 0);
  presses.answered(1);
  pass(1);
  assert.equal(button.clicks, 1);
});

test("no answer keeps it from Streamlit for long", () => {
  const button = new Button();
  click(button, "play");
  pass(249);
  assert.equal(button.clicks, 0);
  pass(2);
  assert.equal(button.clicks, 1);
});

test("a second press hands over the first", () => {
  const [one, two] = [new Button(), new Button()];
  click(one, "step");
  click(two, "step");
  pass(1);
  assert.deepEqual([one.clicks, two.clicks], [1, 0]);
});

test("what the run does not know goes its way, and so does a click that a program made", () => {
  assert.ok(!click(new Button(), "other").stopped);
  assert.ok(!click(new Button(), "play", { isTrusted: false }).stopped);
  const off = Object.assign(new Button(), { disabled: true });
  assert.ok(!click(off, "play").stopped);
  assert.deepEqual(pressed, []);
});

test("keys that Streamlit has taken are presses; Space is what the stage knows", () => {
  key(" ");
  plays = true;
  key(" ");
  key("ArrowRight");
  key("ArrowRight", { shiftKey: true });
  key("Home");
  key("w");
  key("x");
  key("Home", { defaultPrevented: false });
  assert.deepEqual(pressed, ["play", "pause", "step", "epoch", "rewind", "weights"]);
});

test("a stage that has gone hears nothing", () => {
  presses.stop();
  key(" ");
  click(new Button(), "play");
  assert.deepEqual(pressed, []);
});
