/**
 * The board: what every stage shares. One canvas, the status line under it, and the way of a frame: `receive` takes it,
 * `paint` puts it on the screen, at most once per animation frame; Pace then asks Python for the next one.
 *
 * A stage that extends it has `compose()`, which makes `this.view` from the newest frame, `paint(share)`, `describe(header)`,
 * and, where something glides between two frames, `aim(frame)`.
 */

import { blockOf, build, topOf } from "./dom.js";
import { unpack } from "./frame.js";
import { Outbox } from "./outbox.js";
import { Pace } from "./pace.js";
import { placeBanner, showBanner, showReadings } from "./status.js";
import { applyTheme } from "./style.js";
import { readTheme } from "./theme.js";
import { Tempo } from "./tween.js";

const SMALLEST = 500;
const LARGEST = 980;
const MARGIN = 8; // px left free under the note

export class Board {
  constructor(parent, label) {
    this.parts = build(label);
    Object.assign(this, this.parts);
    this.root.__stage = this;
    parent.append(this.root);
    this.ctx = this.canvas.getContext("2d", { alpha: false });
    this.tempo = new Tempo();
    this.outbox = new Outbox((message) => this.send("act", message));
    this.pace = new Pace((number) => {
      this.send("next", number);
      this.outbox.flush(); // in the same message, or it would overtake what waits
    });
    this.painted = 0;
    this.tick = this.tick.bind(this);
    this.resize = this.resize.bind(this);
    this.shown = this.shown.bind(this);
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

  /** Takes what Streamlit hands over: a frame in `data`, or a new theme around the same one. */
  receive(component) {
    this.component = component;
    const theme = readTheme(this.root);
    const themed = theme.key !== this.theme?.key;
    if (themed) applyTheme(this.root, theme);
    this.theme = theme;
    const keepsUp = !this.fresh; // the frame before is on the screen
    if (component.data && component.data !== this.data) {
      this.data = component.data;
      this.frame = unpack(component.data);
      this.outbox.seen(this.frame.header.acted);
      this.aim(this.frame);
      this.tempo.arrived(performance.now());
      this.start = null;
      this.fresh = true;
      this.root.classList.toggle("projector", Boolean(this.frame.header.projector));
      this.resize();
      this.compose();
      if (keepsUp || document.hidden) this.pace.next(this.frame.header);
    } else if (themed && this.frame) this.compose();
    this.schedule();
  }

  aim() {}

  send(name, value) {
    if (this.root.isConnected) this.component.setTriggerValue(name, value);
    else this.destroy();
  }

  /** Tells Python what was done on the canvas. */
  act(what) {
    this.outbox.put(what);
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
    if (dataset.frame !== String(header.id)) dataset.painted = ++this.painted;
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
    this.pace.next(header);
  }

  shown() {
    if (document.hidden && this.frame) this.pace.next(this.frame.header);
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
    this.pace.stop();
    this.outbox.stop();
    cancelAnimationFrame(this.request);
    this.watcher.disconnect();
    this.channel.port1.close();
    removeEventListener("resize", this.resize);
    document.removeEventListener("visibilitychange", this.shown);
    document.fonts.removeEventListener("loadingdone", this.fonts);
    this.root.remove();
  }
}
