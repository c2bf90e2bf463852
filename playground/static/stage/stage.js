/**
 * The stage: one canvas with the network, the map and the curves, and the status line under it.
 *
 * `receive` takes a frame; `paint` puts it on the screen, at most once per animation frame; Pace then asks Python for the
 * next one. What seldom changes is kept in layers: labels, points, and the curves up to their newest ends.
 */

import { build, topOf } from "./dom.js";
import { checksum, unpack } from "./frame.js";
import { Interaction } from "./interaction.js";
import { layOut } from "./layout.js";
import { paintFeatures, paintLabels, paintNetwork } from "./network.js";
import { FieldPicture, paintFit, paintLarge, paintMap, paintMapFrame, paintOutputLabels, paintStroke } from "./output.js";
import { Pace } from "./pace.js";
import { paintPoints } from "./points.js";
import { chartScale, paintChartAxes, paintChartLines, paintChartTexts, paintReadout, saysPressPlay } from "./curves.js";
import { Layer, blit, roundRect } from "./shapes.js";
import { describe, showBanner, showReadings } from "./status.js";
import { applyTheme } from "./style.js";
import { placeOf, titleOf } from "./targets.js";
import { readTheme } from "./theme.js";
import { Thumbnails } from "./thumbs.js";
import { Motion, Tempo } from "./tween.js";

const SMALLEST = 500;
const LARGEST = 980;
const MARGIN = 8; // px left free under the note

export class Stage {
  constructor(parent) {
    this.parts = build();
    Object.assign(this, this.parts);
    this.root.__stage = this;
    parent.append(this.root);
    this.ctx = this.canvas.getContext("2d", { alpha: false });
    this.layers = { base: new Layer(), points: new Layer(), axes: [new Layer(), new Layer()], curves: new Layer() };
    this.thumbnails = new Thumbnails();
    this.largeThumbnails = new Thumbnails();
    this.picture = new FieldPicture();
    this.motion = new Motion();
    this.tempo = new Tempo();
    this.pace = new Pace((number) => this.send("next", number));
    this.interaction = new Interaction(this.parts, {
      view: () => this.view,
      field: () => this.motion.now.field,
      act: (what) => this.send("act", { ...what, nonce: `${Date.now()}-${Math.random().toString(36).slice(2)}` }),
      repaint: () => this.schedule(),
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
    document.fonts.addEventListener("loadingdone", this.fonts);
    this.channel = new MessageChannel();
    this.channel.port1.onmessage = () => this.tempo.painted(performance.now() - this.began);
    this.resize();
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
      this.motion.aim(this.frame);
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

  send(name, value) {
    if (this.root.isConnected) this.component.setTriggerValue(name, value);
    else this.destroy();
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

  /** Works out layout and keys for the newest frame. */
  compose() {
    const { header, arrays } = this.frame;
    const { width, height, ratio, theme } = this;
    if (!width) return;
    const { features, columns, plane, palette, task, classes, value_range: range, projector } = header;
    const still = JSON.stringify([features, columns, plane, palette, task, classes, range, projector, header.can_add_layer, header.can_remove_layer]);
    const key = `${theme.key}|${this.fontsLoaded}|${width}x${height}@${ratio}|${still}`;
    if (key !== this.layoutKey) {
      this.layoutKey = key;
      this.layout = layOut(width, height, header, theme);
    }
    const { layout } = this;
    const view = { layout, header, arrays, theme, ratio };
    view.scales = [0, 1].map((i) => chartScale(view, i));
    view.baseKey = `${key}|${checksum(arrays.feature_thumbs)}`;
    view.pointsKey = `${key}|${["xy", "class", "value", "train"].map((n) => checksum(arrays[`points_${n}`])).join()}`;
    this.view = view;
    this.pictured = null;
    if (this.fresh) this.interaction.refresh(header);
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

  paint(share) {
    const { ctx, view, ratio, layers, thumbnails, picture, interaction, motion } = this;
    const { layout, header, theme, arrays } = view;
    const { width, height } = this;
    const { values, field, line, curveEnd } = motion.at(share);
    const { hover } = interaction;

    const base = layers.base.get(view.baseKey, width, height, ratio, (layer) => {
      layer.fillStyle = theme.page;
      layer.fillRect(0, 0, width, height);
      roundRect(layer, 0.5, 0.5, width - 1, height - 1, 12);
      layer.fillStyle = theme.card;
      layer.fill();
      layer.strokeStyle = theme.line;
      layer.stroke();
      layer.fillStyle = theme.line;
      layer.fillRect(layout.pad, layout.separator, layout.output.x + layout.output.size + layout.output.bar - layout.pad, 1);
      paintLabels(layer, view);
      paintOutputLabels(layer, view);
      paintFeatures(layer, view, thumbnails);
    });
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    blit(ctx, base, 0, 0, ratio);
    paintNetwork(ctx, view, values, thumbnails, hover);
    this.paintOutput(ctx, view, field, line, hover);
    this.paintCurves(ctx, view, curveEnd, hover);
    if (this.fresh) this.publish(header);
  }

  paintOutput(ctx, view, field, line, hover) {
    const { layers, picture, ratio, width, height } = this;
    const { layout, header, theme, arrays } = view;
    const large = hover?.kind === "unit" ? arrays[`thumbs${hover.c}`] : hover?.kind === "feature" ? arrays.feature_thumbs : null;
    if (large) {
      const index = hover.kind === "unit" ? hover.j : hover.i;
      this.largeThumbnails.load([large], theme);
      paintLarge(ctx, view, this.largeThumbnails, index);
    } else {
      if (field && this.pictured !== field) picture.load(field, view);
      this.pictured = field;
      paintMap(ctx, view, picture);
    }
    const { x, y, size } = layout.output;
    const points = layers.points.get(view.pointsKey, size, size, ratio, (layer) => {
      layer.translate(-x, -y);
      paintPoints(layer, view);
    });
    blit(ctx, points, x, y, ratio);
    if (line && !large) paintFit(ctx, view, line);
    paintStroke(ctx, view, this.interaction.stroke);
    paintMapFrame(ctx, view);
    ctx.font = layout.fonts.title;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.fillStyle = theme.text;
    ctx.fillText(large ? titleOf(header, hover) : "Output", x, layout.headerY);
  }

  paintCurves(ctx, view, end, hover) {
    const { layers, ratio, width, height } = this;
    const { layout, header, scales } = view;
    const { separator } = layout;
    const start = this.motion.curveStart;
    const kept = layers.curves.get(`${view.baseKey}|${header.id}`, width, height - separator, ratio, (layer) => {
      layer.translate(0, -separator);
      scales.forEach((scale, i) => {
        const empty = saysPressPlay(view);
        const axesKey = `${this.layoutKey}|${scale.key}|${empty}`;
        const axes = layers.axes[i].get(axesKey, width, height - separator, ratio, (below) => {
          below.translate(0, -separator);
          paintChartAxes(below, view, scale);
        });
        blit(layer, axes, 0, 0, ratio);
        paintChartLines(layer, view, i, scale, 0, start);
        paintChartTexts(layer, view, i, scale);
      });
    });
    blit(ctx, kept, 0, separator, ratio);
    scales.forEach((scale, i) => {
      if (end > start) paintChartLines(ctx, view, i, scale, start, end);
      if (hover?.kind === "chart") paintReadout(ctx, view, i, scale, hover.at);
    });
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
    this.banner.style.top = "";
    this.banner.style.bottom = `${this.line.offsetHeight + this.note.offsetHeight + 12}px`;
    const now = performance.now();
    // A long sentence need not change twenty times a second.
    if (!header.playing || !(now - this.describedAt < 1000)) {
      this.describedAt = now;
      this.summary.textContent = describe(header);
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

  /** Client coordinates of a thing on the stage, for tests; see placeOf. */
  where(...what) {
    const place = placeOf(this.view, ...what);
    const box = this.canvas.getBoundingClientRect();
    return place && { x: box.left + place.x, y: box.top + place.y };
  }

  destroy() {
    this.gone = true;
    this.pace.stop();
    cancelAnimationFrame(this.request);
    this.watcher.disconnect();
    this.channel.port1.close();
    removeEventListener("resize", this.resize);
    document.removeEventListener("visibilitychange", this.shown);
    document.fonts.removeEventListener("loadingdone", this.fonts);
    this.root.remove();
  }
}
