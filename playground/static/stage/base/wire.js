/**
 * The wire: the stage's own WebSocket to the server (docs/frame.md). It asks for frames, tells what was done, and takes up a
 * lost connection again.
 *
 * A frame over the wire holds what has changed since the one before, deflated; `frame` is called with the whole. A request
 * is due when the newest frame has come and the one before it is painted, so a slow browser gets fewer pictures and loses
 * nothing; while the server has little to do, one more may be on its way. A hidden tab paints nothing and asks once a second.
 */

import { unpack } from "./frame.js";

const HIDDEN = 1000; // ms between two requests of a hidden tab
const PAUSES = [100, 300, 1000, 2000, 4000, 8000]; // ms before a lost connection is tried again
const MOST_DEEDS = 64; // in one request: the server takes no more
const MOST = 6; // requests on their way, above which what is done waits for a frame
const SILENT = 6000; // ms without an answer, after which a connection counts as lost: a network that is gone says nothing
const SAID_AFTER = 1500; // ms without a connection, after which the stage says so
const GONE = 4404; // the server does not have this run
const NEWS = "news"; // the run is not what it was, and not by the stage's doing
const TAKEN = 4409; // another socket has taken it over

const COUNTS = new Set(["arrays", "id", "answers"]); // a frame that changes these alone shows nothing new
const LOST = "The connection is lost and is being taken up again. Your run stands where it stood.";

export class Wire {
  /**
   * @param {{frame: (frame: {header: object, arrays: object}) => void, state: (words: string) => void, gone: () => void}} stage
   *   state: what is to be said of the connection, "" for nothing; gone: the page has to be run anew
   */
  constructor(stage) {
    this.stage = stage;
    /** @type {any} */
    this.socket = null;
    this.name = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`;
    this.asked = this.deeds = 0; // numbers of the newest request and deed
    this.unsent = []; // deeds that wait until fewer requests are on their way
    this.waiting = []; // deeds that are not answered yet: they are told again when a connection was lost
    this.tries = 0;
    this.awake = this.awake.bind(this);
    this.offline = this.offline.bind(this);
    addEventListener("online", this.awake);
    addEventListener("offline", this.offline);
    document.addEventListener("visibilitychange", this.awake);
  }

  get open() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Opens the wire of a run; nothing where it is open, or on its way. */
  connect(token) {
    if (token === this.token && this.socket) return;
    if (token !== this.token) this.waiting = this.unsent = [];
    this.token = token;
    this.start();
  }

  start() {
    clearTimeout(this.retry);
    this.drop();
    const address = new URL(`live/${this.token}`, document.baseURI);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = (this.socket = new WebSocket(address));
    socket.binaryType = "arraybuffer";
    this.unpacked = Promise.resolve();
    this.known = { header: {}, arrays: {} };
    this.outstanding = 0;
    this.listen();
    socket.onopen = () => {
      const drawing = this.waiting.findLast((deed) => deed.kind === "ink"); // holds all that those before it hold
      this.unsent = this.waiting = this.waiting.filter((deed) => deed.kind !== "ink" || deed === drawing);
      this.flush();
      if (!this.outstanding) this.request();
    };
    socket.onmessage = ({ data }) => {
      if (data === NEWS) return this.request(); // what is on its way may have been made before
      const inflated = inflate(data);
      this.unpacked = this.unpacked.then(async () => {
        const bytes = await inflated;
        if (socket === this.socket) this.take(new Uint8Array(bytes));
      });
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket) return;
      this.drop();
      if (code === TAKEN) {
        this.found();
        this.stage.state("This run is open in another place now; reload the page to have it here.");
      } else if (code === GONE) this.stage.gone();
      else this.again();
    };
  }

  /** The connection was lost: tries again, with growing pauses. */
  again() {
    this.late ??= setTimeout(() => this.stage.state(LOST), SAID_AFTER);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.start(), PAUSES[Math.min(this.tries++, PAUSES.length - 1)]);
  }

  /** The network is back, or the tab is looked at again: no need to wait any longer; and is the connection still there? */
  awake() {
    if (!this.token || document.hidden) return;
    if (this.open) this.request();
    else if (!this.socket) {
      this.tries = 0;
      this.start();
    }
  }

  /** The network is gone, or nothing comes over it. */
  offline() {
    if (!this.socket) return;
    this.drop();
    this.again();
  }

  /** The server owes an answer, or a connection: where none comes the network is gone, though nobody says so. */
  listen() {
    clearTimeout(this.watch);
    if (this.outstanding || !this.open) this.watch = setTimeout(() => this.offline(), SILENT);
  }

  /** Something came: the connection is there. */
  found() {
    if (!this.tries && !this.late) return;
    this.tries = 0;
    clearTimeout(this.late);
    this.late = null;
    this.stage.state("");
  }

  take(bytes) {
    this.found();
    const { header, arrays } = unpack(bytes);
    const { gone = [[], []], ...changed } = header;
    const known = { header: { ...this.known.header, ...changed }, arrays: { ...this.known.arrays, ...arrays } };
    known.header.arrays = { ...this.known.header.arrays, ...changed.arrays }; // with the shapes of those that have stayed
    for (const key of gone[0]) delete known.header[key];
    for (const name of gone[1]) {
      delete known.arrays[name];
      delete known.header.arrays[name];
    }
    this.known = known;
    this.outstanding = Math.max(0, this.outstanding - 1);
    this.listen();
    this.waiting = this.waiting.filter((deed) => deed.number > known.header.acted);
    this.header = known.header;
    const still = !Object.keys(arrays).length && Object.keys(header).every((key) => COUNTS.has(key));
    if (!still) this.stage.frame(known);
    this.flush();
  }

  /** The browser keeps up with a frame: asks for the next where the run plays. allowed: requests that may be on their way. */
  next(header, allowed) {
    this.header = header;
    clearTimeout(this.timer);
    if (!header.playing || !this.open || this.outstanding >= allowed) return;
    const rest = this.askedAt + (document.hidden ? HIDDEN : header.pace_ms) - performance.now();
    if (rest > 0) this.timer = setTimeout(() => this.next(header, allowed), rest);
    else this.request();
  }

  /** Asks for a frame, and tells what was done. */
  request(deeds = []) {
    if (!this.open) return;
    this.askedAt = performance.now();
    this.outstanding++;
    this.listen();
    this.socket.send(JSON.stringify({ stage: this.name, number: ++this.asked, deeds }));
  }

  /** Tells what a person did: `{kind, ...}`. A drawing holds all strokes, so a newer one replaces one that still waits. */
  act(what) {
    const deed = { ...what, number: ++this.deeds };
    const late = new Set(what.kind === "ink" ? this.unsent.filter((one) => one.kind === "ink") : []);
    this.unsent = [...this.unsent.filter((one) => !late.has(one)), deed];
    this.waiting = [...this.waiting.filter((one) => !late.has(one)), deed];
    this.flush();
    return deed.number;
  }

  flush() {
    if (!this.unsent.length || !this.open || this.outstanding >= MOST) return;
    const deeds = this.unsent.slice(0, MOST_DEEDS);
    this.unsent = this.unsent.slice(MOST_DEEDS);
    this.request(deeds);
  }

  drop() {
    const { socket } = this;
    this.socket = null;
    clearTimeout(this.timer);
    clearTimeout(this.watch);
    socket?.close();
  }

  close() {
    clearTimeout(this.retry);
    clearTimeout(this.late);
    this.token = null;
    this.drop();
    removeEventListener("online", this.awake);
    removeEventListener("offline", this.offline);
    document.removeEventListener("visibilitychange", this.awake);
  }
}

const inflate = (data) => new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer();
