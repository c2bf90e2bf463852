import { clock, FakeSocket, frame, page, windowEvents } from "./dom.js";
import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";
import { deflateRawSync } from "node:zlib";

import { Wire } from "../../playground/static/stage/base/wire.js";

let pass, wire, told;
beforeEach(() => {
  pass = clock();
  wire?.close();
  page.hidden = false;
  FakeSocket.made.length = 0;
  told = { frames: [], words: [], gone: 0 };
  wire = new Wire({ frame: (one) => told.frames.push(one), state: (words) => told.words.push(words), gone: () => told.gone++ });
});

const newest = () => FakeSocket.made.at(-1);
const deedsOf = (message) => message.deeds.map(({ kind, number }) => `${kind} ${number}`);

/** The wire of a run, open and with its first request sent. */
function opened() {
  wire.connect("t0ken");
  newest().open();
  return newest();
}

/** A frame comes over the socket and is unpacked. */
async function answer(header = {}, arrays = {}, socket = newest()) {
  socket.onmessage({ data: deflateRawSync(frame({ acted: 0, ...header }, arrays)) });
  await new Promise((done) => setImmediate(done)); // inflating takes a few turns of the loop
  for (let k = 0; k < 20; k++) await new Promise((done) => setImmediate(done));
}

const f32 = (...values) => ["f32", [values.length], Float32Array.of(...values)];

test("its address is beside the page's, below its base path, and an open one is not opened again", () => {
  const socket = opened();
  assert.equal(socket.address, "ws://class.example/nn/live/t0ken");
  wire.connect("t0ken");
  assert.equal(FakeSocket.made.length, 1);
  assert.equal(socket.sent.length, 1);
  assert.deepEqual([socket.sent[0].number, socket.sent[0].deeds], [1, []]);
});

test("a frame says what has changed; the stage gets the whole", async () => {
  opened();
  await answer({ id: 1, step: 5, note: "a" }, { w: f32(1, 2), b: f32(3) });
  await answer({ id: 2, step: 6, gone: [["note"], ["b"]] }, { w: f32(4, 5) });
  const [first, second] = told.frames;
  assert.equal(first.header.note, "a");
  assert.deepEqual(second.arrays, { w: Float32Array.of(4, 5) });
  assert.deepEqual([second.header.step, second.header.note, "gone" in second.header], [6, undefined, false]);
  assert.deepEqual(Object.keys(second.header.arrays), ["w"]);
  assert.deepEqual(first.arrays.b, Float32Array.of(3)); // what came before is left as it was
});

test("a frame with nothing new is not painted", async () => {
  opened();
  await answer({ id: 1, step: 5 });
  await answer({ id: 2, answers: 3, acted: undefined });
  assert.equal(told.frames.length, 1);
});

test("while it plays the next frame is asked for, at its pace, and only as far ahead as is allowed", async () => {
  const socket = opened();
  await answer({ id: 1, step: 1 });
  wire.next({ playing: true, pace_ms: 50 }, 1);
  assert.equal(socket.sent.length, 1);
  pass(50);
  assert.equal(socket.sent.length, 2);
  wire.next({ playing: true, pace_ms: 0 }, 1); // one is on its way
  assert.equal(socket.sent.length, 2);
  wire.next({ playing: true, pace_ms: 0 }, 2);
  assert.equal(socket.sent.length, 3);
  wire.next({ playing: false, pace_ms: 0 }, 9);
  assert.equal(socket.sent.length, 3);
});

test("a hidden tab asks once a second", async () => {
  const socket = opened();
  await answer({ id: 1, step: 1 });
  page.hidden = true;
  wire.next({ playing: true, pace_ms: 0 }, 1);
  pass(990);
  assert.equal(socket.sent.length, 1);
  pass(20);
  assert.equal(socket.sent.length, 2);
});

test("deeds are numbered, and told at once", () => {
  const socket = opened();
  assert.deepEqual([wire.act({ kind: "press", button: "step" }), wire.act({ kind: "press", button: "step" })], [1, 2]);
  assert.deepEqual(socket.sent.flatMap(deedsOf), ["press 1", "press 2"]);
});

test("while many requests are on their way deeds wait, and of drawings the newest alone", async () => {
  const socket = opened();
  for (let k = 0; k < 5; k++) wire.act({ kind: "press" }); // with the first request six are on their way
  wire.act({ kind: "ink", strokes: [[1]] });
  wire.act({ kind: "press" });
  wire.act({ kind: "ink", strokes: [[1], [2]] });
  assert.equal(socket.sent.length, 6);
  await answer({ id: 1, step: 1 });
  assert.deepEqual(deedsOf(socket.sent.at(-1)), ["press 7", "ink 8"]);
});

test("no more than 64 deeds are told in a request", async () => {
  const socket = opened();
  for (let k = 0; k < 5 + 100; k++) wire.act({ kind: "press" });
  await answer({ id: 1, step: 1 });
  await answer({ id: 2, step: 2 });
  assert.deepEqual(socket.sent.slice(6).map(({ deeds }) => deeds.length), [64, 36]);
});

test("a lost connection is taken up again, and what is not answered is told again", async () => {
  const socket = opened();
  wire.act({ kind: "press" });
  wire.act({ kind: "ink", strokes: [[1]] });
  wire.act({ kind: "ink", strokes: [[2]] });
  await answer({ id: 1, step: 1, acted: 1 });
  socket.end();
  pass(100);
  assert.equal(FakeSocket.made.length, 2);
  newest().open();
  assert.deepEqual(newest().sent.flatMap(deedsOf), ["ink 3"]); // it holds all that those before it hold
});

test("pauses between two tries grow, and after a while the stage says so; then that it is over", async () => {
  opened().end();
  const tries = [];
  for (let k = 0; k < 5; k++) {
    const before = FakeSocket.made.length;
    let waited = 0;
    for (; FakeSocket.made.length === before; waited += 50) pass(50);
    tries.push(waited);
    if (k < 4) newest().end();
  }
  assert.deepEqual(tries, [100, 300, 1000, 2000, 4000]);
  assert.match(told.words.at(-1), /^The connection is lost/);
  newest().open();
  await answer({ id: 1, step: 1 });
  assert.equal(told.words.at(-1), "");
  newest().end();
  pass(100);
  assert.equal(FakeSocket.made.length, 7); // the pauses begin anew
});

test("a network that says nothing counts as lost", () => {
  opened();
  pass(5999);
  assert.equal(FakeSocket.made.length, 1);
  pass(200);
  assert.equal(FakeSocket.made.length, 2);
});

test("the network is back: no need to wait any longer", () => {
  opened();
  windowEvents.emit("offline");
  windowEvents.emit("online");
  assert.equal(FakeSocket.made.length, 2);
});

test("a run that the server does not have is not asked for again", () => {
  opened().end(4404);
  pass(60000);
  assert.equal(told.gone, 1);
  assert.equal(FakeSocket.made.length, 1);
});

test("a run that was opened in another place is left to it", () => {
  opened().end(4409);
  pass(60000);
  assert.equal(FakeSocket.made.length, 1);
  assert.match(told.words.at(-1), /open in another place/);
});

test("news is asked for, also where a request is on its way", () => {
  const socket = opened();
  socket.onmessage({ data: "news" });
  assert.equal(socket.sent.length, 2);
});

test("what comes late from a socket that was given up is not shown", async () => {
  const socket = opened();
  windowEvents.emit("offline");
  pass(100);
  newest().open();
  await answer({ id: 1, step: 1 }, {}, socket);
  assert.deepEqual(told.frames, []);
});

test("another run is asked for without the deeds of the one before", () => {
  wire.connect("one");
  wire.act({ kind: "press" });
  wire.connect("two");
  newest().open();
  assert.deepEqual(newest().sent.flatMap(deedsOf), []);
});

test("a wire that is closed is silent and listens to nothing", () => {
  const before = windowEvents.listening("online");
  const socket = opened();
  wire.close();
  pass(60000);
  assert.equal(windowEvents.listening("online"), before - 1);
  assert.deepEqual([socket.readyState, FakeSocket.made.length], [3, 1]);
});
