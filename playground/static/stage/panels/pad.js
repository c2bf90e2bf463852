/**
 * The pad of the picture pages: the picture that the network answers, and drawing on it with mouse, pen or finger.
 *
 * It is an element of its own above the canvas, so that a finger draws there and scrolls the page everywhere else.
 */

import { rim, roundRect } from "../base/shapes.js";
import { text, textWidth } from "../base/text.js";
import { Tiles } from "../base/tiles.js";

const EVERY = 60; // ms between two messages while one draws
const GAP = 0.008; // least way between two points of a stroke, as a share of the pad
const MOST = 1900; // points; the server takes 2,000

export class Pad {
  /**
   * @param {{root: HTMLElement, canvas: HTMLCanvasElement, tip: HTMLElement}} parts
   * @param {{view: () => object, act: (what: object) => void, repaint: () => void}} stage
   */
  constructor(parts, stage) {
    this.canvas = parts.canvas;
    this.stage = stage;
    this.strokes = [];
    this.sheet = document.createElement("div");
    this.sheet.className = "pad";
    this.sheet.dataset.testid = "pad";
    this.sheet.setAttribute("role", "img");
    this.canvas.after(this.sheet);
    const on = (target, type, handler) => target.addEventListener(type, handler.bind(this));
    on(this.sheet, "pointerdown", this.down);
    on(this.sheet, "pointermove", this.move);
    on(this.sheet, "pointerup", this.up);
    on(this.sheet, "pointercancel", this.up);
  }

  /** A new frame came. */
  refresh(view) {
    const { header, layout } = view;
    const { padBox: box } = layout;
    if (!header.pad.drawing && !this.drawing && !this.waits) this.strokes = []; // another picture lies on the pad
    if (header.pad.drawing) this.waits = false;
    Object.assign(this.sheet.style, { left: `${box.x}px`, top: `${box.y}px`, width: `${box.size}px`, height: `${box.size}px` });
    this.sheet.classList.toggle("draws", header.pad.can_draw);
    this.sheet.setAttribute("aria-label", header.pad.can_draw ? "Pad: draw a digit here with mouse, pen or finger" : "The test picture");
  }

  place(event) {
    const box = this.sheet.getBoundingClientRect();
    const within = (v) => Math.min(1, Math.max(0, v));
    return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
  }

  down(event) {
    const view = this.stage.view();
    if (!view?.header.pad.can_draw || event.button !== 0) return;
    event.preventDefault();
    if (!view.header.pad.drawing && !this.waits) this.strokes = [];
    this.drawing = true;
    this.waits = true; // for the frame that shows the drawing
    this.sheet.setPointerCapture(event.pointerId);
    this.strokes.push([this.place(event)]);
    this.tell();
  }

  move(event) {
    if (!this.drawing) return;
    const stroke = this.strokes.at(-1);
    for (const at of event.getCoalescedEvents?.() ?? [event]) {
      const [x, y] = this.place(at);
      const [px, py] = stroke.at(-1);
      if (Math.hypot(x - px, y - py) >= GAP && this.count < MOST) stroke.push([x, y]);
    }
    this.tell(EVERY);
  }

  up() {
    if (!this.drawing) return;
    this.drawing = false;
    this.tell();
  }

  get count() {
    return this.strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  }

  /** Sends the drawing, at most once in `wait` ms; the last state is always sent. */
  tell(wait = 0) {
    this.stage.repaint();
    clearTimeout(this.timer);
    const left = (this.told ?? -Infinity) + wait - performance.now();
    if (left > 0) {
      this.timer = setTimeout(() => this.tell(), left);
      return;
    }
    this.told = performance.now();
    const rounded = this.strokes.map((stroke) => stroke.map(([x, y]) => [Math.round(x * 1e4) / 1e4, Math.round(y * 1e4) / 1e4]));
    this.stage.act({ kind: "ink", strokes: rounded });
  }

  clear() {
    this.strokes = [];
    this.tell();
  }

  /** Another picture is asked for, in place of the drawing. */
  giveUp() {
    this.waits = false;
  }
}

/**
 * The pad: the drawing as it was made, or the test picture; and what the network sees of it.
 * @type {import("./registry.js").Painter}
 */
export function paintPad(ctx, view, box, kept) {
  const { layout, header, theme, arrays } = view;
  const { headerY, fonts } = layout;
  const { pad, shape, classes } = header;
  const { strokes } = view;
  text(ctx, pad.drawing || (pad.can_draw && strokes.length) ? "Draw a digit" : "Test picture", box.x, headerY, fonts.title, theme.text);
  const right = box.x + box.size;
  if (pad.drawing) link(ctx, view, "clear", right, headerY, { kind: "clear" }, "Empties the pad.", "clear");
  else {
    const to = (by) => ({ kind: "picture", index: (pad.index + by + pad.count) % pad.count });
    link(ctx, view, " › ", right + 4, headerY, to(1), "The next test picture.", "next");
    link(ctx, view, " ‹ ", right - 20 * layout.scale, headerY, to(-1), "The test picture before.", "previous");
  }
  roundRect(ctx, box.x, box.y, box.size, box.size, 8);
  ctx.fillStyle = theme.card;
  ctx.fill();
  const tiles = kept("pad", Tiles).load(arrays.pad, shape, "ink", theme);
  const raw = pad.drawing && strokes.length > 0;
  if (raw) {
    paintStrokes(ctx, box, strokes, theme);
    const side = Math.round(box.size * 0.27);
    tiles.draw(ctx, 0, right - side - 6, box.y + box.size - side - 6, side, side, 4);
    rim(ctx, right - side - 6, box.y + box.size - side - 6, side, side, theme.line, 4);
  } else if (!pad.empty) tiles.draw(ctx, 0, box.x, box.y, box.size, box.size, 8);
  if (pad.empty && !strokes.length) text(ctx, "draw here", box.x + box.size / 2, box.y + box.size / 2, fonts.label, theme.muted, "center");
  rim(ctx, box.x, box.y, box.size, box.size, theme.line, 8);
  const size = `${shape[0]} × ${shape[1]}`;
  let words = `as the network sees it, ${size}`;
  if (raw) words = `small: as the network sees it, ${size}`;
  else if (pad.truth !== null) words = `no. ${pad.index.toLocaleString("en")}: ${classes[pad.truth]}${pad.changed ? ", changed" : pad.can_draw ? "; draw over it" : ""}`;
  text(ctx, words, box.x, box.y + box.size + fonts.px.tick * 1.1, fonts.tick, theme.muted);
}

function paintStrokes(ctx, box, strokes, theme) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.x, box.y, box.size, box.size);
  ctx.clip();
  ctx.strokeStyle = theme.text;
  ctx.lineWidth = box.size * 0.075;
  ctx.lineCap = ctx.lineJoin = "round";
  for (const stroke of strokes) {
    ctx.beginPath();
    stroke.forEach(([x, y], i) => ctx[i ? "lineTo" : "moveTo"](box.x + x * box.size, box.y + y * box.size));
    if (stroke.length === 1) ctx.lineTo(box.x + stroke[0][0] * box.size + 0.1, box.y + stroke[0][1] * box.size);
    ctx.stroke();
  }
  ctx.restore();
}

/** A word that can be clicked, right-aligned; `kind` names it for tests. */
function link(ctx, view, words, right, y, act, tip, kind) {
  const { fonts } = view.layout;
  const font = words.length > 3 ? fonts.labelOn : `600 ${fonts.px.title * 1.5}px ${view.theme.font}`; // an arrow
  text(ctx, words, right, y, font, view.theme.accent, "right");
  const width = textWidth(words, font);
  view.targets.push({ x: right - width - 3, y: y - fonts.px.label, width: width + 6, height: 2 * fonts.px.label, act, tip, kind });
}
