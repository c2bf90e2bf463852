/**
 * What a module of the stage finds in a browser, as far as these tests need it: no page, a canvas that notes what is drawn,
 * a WebSocket that goes nowhere, and a clock that stands until it is set.
 */

import { inflateRawSync } from "node:zlib";

/** A 2-D context that notes each call as [name, ...arguments] and each property that is set; a letter is half its font wide. */
export function context() {
  const calls = [];
  const state = { font: "10px x" };
  const known = {
    calls,
    measureText: (words) => ({ width: (words.length * Number(/([\d.]+)px/.exec(state.font)?.[1] ?? 10)) / 2 }),
  };
  return new Proxy(known, {
    get: (own, name) => own[name] ?? state[name] ?? ((...given) => void calls.push([name, ...given])),
    set: (_, name, value) => ((state[name] = value), calls.push([name, value]), true),
  });
}

export const canvas = () => {
  const ctx = context();
  return { getContext: () => ctx, width: 0, height: 0, style: {}, ...events() };
};

/** Listeners, and `emit` to call them. */
export function events() {
  const listeners = new Map();
  return {
    addEventListener: (type, listener) => listeners.set(type, [...(listeners.get(type) ?? []), listener]),
    removeEventListener: (type, listener) => listeners.set(type, (listeners.get(type) ?? []).filter((one) => one !== listener)),
    emit: (type, event = {}) => (listeners.get(type) ?? []).forEach((listener) => listener(event)),
    listening: (type) => (listeners.get(type) ?? []).length,
  };
}

export const page = { ...events(), hidden: false, baseURI: "http://class.example/nn/", createElement: canvas };
export const windowEvents = events();
Object.assign(globalThis, {
  document: page,
  addEventListener: windowEvents.addEventListener,
  removeEventListener: windowEvents.removeEventListener,
});

export class FakeSocket {
  static OPEN = 1;
  static made = [];
  readyState = 0;
  sent = [];
  constructor(address) {
    this.address = String(address);
    FakeSocket.made.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  /** The server has taken the connection. */
  open() {
    this.readyState = 1;
    this.onopen();
  }
  /** The server, or the network, has ended it. */
  end(code = 1006) {
    this.readyState = 3;
    this.onclose({ code });
  }
}
globalThis.WebSocket = FakeSocket;

/** The browser's own of "deflate-raw"; Node has it from version 20.12 on only. */
globalThis.DecompressionStream = class extends TransformStream {
  constructor(format) {
    if (format !== "deflate-raw") throw new TypeError(format);
    const parts = [];
    super({ transform: (part) => void parts.push(part), flush: (to) => to.enqueue(inflateRawSync(Buffer.concat(parts))) });
  }
};

/** A clock that stands until `pass(ms)` is called; timers and `performance.now()` go by it. */
export function clock() {
  let [now, made, timers] = [0, 0, new Map()];
  globalThis.setTimeout = (call, ms = 0) => (timers.set(++made, { call, at: now + ms }), made);
  globalThis.clearTimeout = (number) => void timers.delete(number);
  Object.defineProperty(globalThis, "performance", { value: { now: () => now }, configurable: true });
  return (ms) => {
    const end = now + ms;
    for (;;) {
      const [number, timer] = [...timers].sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0] ?? [];
      if (!timer || timer.at > end) break;
      timers.delete(number);
      now = Math.max(now, timer.at);
      timer.call();
    }
    now = end;
  };
}

const HEAD = 1020; // bytes of a header, with its blanks

/** The bytes of a frame, as docs/frame.md has it. arrays: {name: [dtype, shape, typed array]} */
export function frame(header, arrays = {}) {
  const places = {};
  let end = 4 + HEAD;
  for (const [name, [dtype, shape, values]] of Object.entries(arrays)) {
    places[name] = [dtype, shape, end];
    end += Math.ceil(values.byteLength / 8) * 8;
  }
  const bytes = new Uint8Array(end).fill(32, 4, 4 + HEAD);
  new DataView(bytes.buffer).setUint32(0, HEAD, true);
  bytes.set(new TextEncoder().encode(JSON.stringify({ ...header, arrays: places })), 4);
  for (const [name, [, , { buffer, byteOffset, byteLength }]] of Object.entries(arrays)) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), places[name][2]);
  }
  return bytes;
}
