/**
 * The board: what every stage shares. One canvas, the status line under it, and the way of a frame: the wire brings it,
 * `paint` puts it on the screen, at most once per animation frame, and the wire then asks for the next one.
 *
 * A stage that extends it has `compose()`, which makes `this.view` from the newest frame, `paint(share)`, `describe(header)`,
 * and, where something glides between two frames, `aim(frame)`.
 */

import { blockOf, build, isConnected, topOf } from "./dom.js";
import { unpack } from "./frame.js";
import { Presses } from "./presses.js";
import { placeBanner, showBanner, showReadings } from "./status.js";
import { applyTheme } from "./style.js";
import { readTheme } from "./theme.js";
import { Tempo } from "./tween.js";
import { Wire } from "./wire.js";

const SMALLEST = 500;
const LARGEST = 980;
const MARGIN = 8; // px left free under the note
const GONE = "The server does not have this run any more; reload the page to start it anew from its link.";
const LOOK = 500; // ms between two looks for the page's own connection
const AGAIN = 3000; // ms after which news that the page has not taken up is told again
const ANEW = "The server has your run no more: it was restarted, or you were away for long. Play makes the same run again.";
const PRESSED = { transport: 2000, page: 300 }; // ms in which a press of a button brings a run of what is due by itself

/**
 * @typedef {object} View what is painted: the newest frame, and what was worked out for it
 * @property {any} layout fonts, scale and the places of things, by the page
 * @property {any} header of the frame
 * @property {Object<string, any>} arrays of the frame
 * @property {import("./theme.js").Theme} theme
 * @property {number} ratio device pixels in a CSS pixel
 * @property {import("./targets.js").Target[]} targets
 * @property {any} [scales] of the curves
 * @property {any} [strokes] on the pad
 * @property {any} [pointer] of the stage
 * @property {string} [baseKey] what the layers of the plane depend on
 * @property {string} [pointsKey]
 */

export class Board {
  constructor(parent, label) {
    this.parts = build(label);
    this.root = /** @type {HTMLElement & {__stage?: Board}} */ (this.parts.root);
    this.canvas = this.parts.canvas;
    this.banner = this.parts.banner;
    this.link = this.parts.link;
    this.summary = this.parts.summary;
    this.line = this.parts.line;
    this.note = this.parts.note;
    this.root.__stage = this;
    parent.append(this.root);
    this.ctx = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d", { alpha: false }));
    /** @type {View} */
    this.view; // made by compose()
    /** @type {number} */
    this.width; // in CSS pixels, as height; resize() sets them
    /** @type {number} */
    this.height;
    /** @type {number} */
    this.ratio;
    /** @type {import("./theme.js").Theme} */
    this.theme; // receive() reads it
    /** @type {any} */
    this.start = null; // when what glides began to
    /** @type {number} */
    this.lastPaint;
    /** @type {number} */
    this.toldAt;
    /** @type {number} */
    this.describedAt;
    /** @type {number} */
    this.began; // when the newest painting began
    this.tempo = new Tempo();
    this.wire = new Wire({
      frame: (frame) => this.take(frame),
      state: (words) => this.say(words || this.lasting),
      gone: () => this.ask(),
    });
    this.presses = new Presses((button) => this.press(button), () => this.plays());
    this.painted = 0;
    this.tick = this.tick.bind(this);
    this.resize = this.resize.bind(this);
    this.shown = this.shown.bind(this);
    this.pressedAt = -Infinity;
    this.lasting = ""; // what is said of the connection until a button is pressed
    this.told = null; // the news that the page was told last
    this.fonts = this.fonts.bind(this);
    this.fontsLoaded = 0;
    addEventListener("resize", this.resize);
    document.addEventListener("visibilitychange", this.shown);
    this.watcher = new ResizeObserver(this.resize);
    this.watcher.observe(this.root);
    this.watcher.observe(blockOf(this.root)); // what stands over the stage moves it without changing its own size
    document.fonts.addEventListener("loadingdone", this.fonts);
    this.channel = new MessageChannel();
    this.channel.port1.onmessage = () => this.tempo.painted(performance.now() - this.began);
  }

  /** Takes what Streamlit hands over: a frame to start with or news of the page, or a new theme around the same. */
  receive(component) {
    this.component = component;
    const theme = readTheme(this.root);
    const themed = theme.key !== this.theme?.key;
    if (themed) applyTheme(this.root, theme);
    this.theme = theme;
    if (component.data && component.data !== this.data) {
      this.data = component.data;
      const frame = unpack(component.data);
      const { token, run } = frame.header;
      const known = token === this.wire.token;
      const lost = !known && this.wire.token && this.frame?.header.step > 0 && frame.header.step === 0;
      if (!known) this.held = null;
      if (run) this.take(frame);
      this.wire.connect(token);
      if (!known) this.say((this.lasting = lost ? ANEW : ""));
      clearTimeout(this.goner);
    } else if (themed && this.frame) this.compose();
    this.schedule();
  }

  /** Takes a frame. Where Pause was pressed, none moves the picture before the one that answers it. */
  take(frame) {
    const { header } = frame;
    if (this.held && !(header.acted >= this.held)) return;
    this.held = null;
    const keepsUp = !this.fresh; // the frame before is on the screen
    this.frame = frame;
    this.aim(frame);
    this.tempo.arrived(performance.now());
    this.start = null;
    this.fresh = true;
    this.root.classList.toggle("projector", Boolean(header.projector));
    this.resize();
    this.compose();
    if (document.hidden) this.wire.next(header, 1);
    else if (keepsUp) this.wire.next(header, 1 + header.ahead);
    if (header.due) this.tellNews(header);
    this.schedule();
  }

  aim(_frame) {}

  compose() {}

  paint(_share) {}

  describe(_header) {
    return "";
  }

  /** The page around the stage is due, or its transport: it is run anew, once for each piece of news. A press does that by itself. */
  tellNews({ due, news }) {
    clearTimeout(this.teller);
    const wait = this.pressedAt + PRESSED[due] - performance.now();
    if (wait > 0) this.teller = setTimeout(() => this.frame.header.due && this.tellNews(this.frame.header), wait);
    else if (news !== this.told || performance.now() - this.toldAt > AGAIN) {
      this.toldAt = performance.now();
      this.tell((this.told = news));
    }
  }

  /** The server does not have the run: asks the page for one, once the page has its own connection, and says so where none comes. */
  ask() {
    if (isConnected()) {
      this.tell("gone");
      this.goner = setTimeout(() => this.say(GONE), AGAIN);
    } else this.goner = setTimeout(() => this.ask(), LOOK);
  }

  tell(value) {
    if (this.root.isConnected) this.component.setTriggerValue("news", value);
    else this.destroy();
  }

  /** Tells Python what was done on the canvas. */
  act(what) {
    return this.wire.act(what);
  }

  /** A button of the page was pressed: the run hears of it over the wire, before the page is run. The deed's number, or 0. */
  press(button) {
    if (!this.wire.open || !this.frame?.header.buttons?.includes(button) || !this.root.isConnected) return 0;
    this.pressedAt = performance.now();
    if (this.lasting) this.say((this.lasting = ""));
    const number = this.act({ kind: "press", button });
    if (button === "play" || button === "pause") this.meant = { number, plays: button === "play" };
    if (button === "pause") this.hold(number);
    return number;
  }

  /** Whether the run plays, once all that was pressed is done. */
  plays() {
    const { header } = this.frame;
    return this.meant && !(header.acted >= this.meant.number) ? this.meant.plays : header.playing;
  }

  /** Holds the picture until the server has heard of Pause. */
  hold(number) {
    this.held = number;
    this.start = -Infinity; // what still glides is at its end
  }

  /** Says something of the connection, under all other words; "" for nothing. */
  say(words) {
    this.link.textContent = words;
    this.link.hidden = !words;
  }

  /** Fits the stage into the window: as wide as its container, as high as what is left under its top. */
  resize() {
    const width = Math.round(this.root.clientWidth);
    const words = (this.line.offsetHeight || 28) + this.note.offsetHeight;
    const height = Math.round(Math.min(LARGEST, Math.max(SMALLEST, innerHeight - topOf(this.root) - words - MARGIN)));
    const ratio = devicePixelRatio || 1;
    if (!width || (this.width === width && Math.abs(this.height - height) < 3 && this.ratio === ratio)) return;
    Object.assign(this, { width, height, ratio });
    this.canvas.style.height = `${height}px`;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    if (this.frame) {
      this.compose();
      this.paint(1); // at once: a canvas that was resized is empty until it is painted
    }
  }

  schedule() {
    this.request ??= requestAnimationFrame(this.tick);
  }

  /** One animation frame: paints, and goes on as long as something glides. */
  tick(now) {
    this.request = null;
    if (!this.view) return;
    const { duration, gap } = this.tempo;
    this.start ??= now;
    const share = duration ? Math.min(1, (now - this.start + 16) / duration) : 1;
    if (this.fresh || share === 1 || !(now - this.lastPaint < gap)) {
      this.began = performance.now();
      this.lastPaint = now;
      this.paint(share);
      this.channel.port2.postMessage(0);
    }
    if (share < 1) this.schedule();
  }

  /** The newest frame is on the canvas: says so, shows its texts, and asks for the next one. */
  publish(header) {
    this.fresh = false;
    const { dataset } = this.root;
    if (dataset.frame !== String(header.id)) dataset.painted = String(++this.painted);
    Object.assign(dataset, { frame: header.id, step: header.step, epoch: header.epoch, state: header.state, playing: header.playing });
    showReadings(this.line, header);
    if (this.note.textContent !== header.note) this.note.textContent = header.note ?? "";
    showBanner(this.banner, header);
    placeBanner(this.parts);
    const now = performance.now();
    // A long sentence need not change twenty times a second.
    if (!header.playing || !(now - this.describedAt < 1000)) {
      this.describedAt = now;
      this.summary.textContent = this.describe(header);
    }
    this.wire.next(header, 1 + (header.ahead ?? 0));
    this.presses.answered(header.acted ?? 0);
  }

  shown() {
    if (!document.hidden) this.schedule();
  }

  /** A font arrived: texts have other widths now. */
  fonts() {
    this.fontsLoaded++;
    if (!this.frame) return;
    this.compose();
    this.schedule();
  }

  destroy() {
    this.gone = true;
    clearTimeout(this.teller);
    clearTimeout(this.goner);
    this.wire.close();
    this.presses.stop();
    cancelAnimationFrame(this.request);
    this.watcher.disconnect();
    this.channel.port1.close();
    removeEventListener("resize", this.resize);
    document.removeEventListener("visibilitychange", this.shown);
    document.fonts.removeEventListener("loadingdone", this.fonts);
    this.root.remove();
  }
}
