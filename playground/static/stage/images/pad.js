/**
 * The pointer on a picture page: drawing on the pad with mouse, pen or finger, hints, clicks on pictures; and the tabs.
 *
 * The pad is an element of its own above the canvas, so that a finger draws there and scrolls the page everywhere else.
 */

import { pointIn, showTip, targetUnder } from "../base/targets.js";

const EVERY = 60; // ms between two messages while one draws
const GAP = 0.008; // least way between two points of a stroke, as a share of the pad
const MOST = 1900; // points; the server takes 2,000

export class Pad {
  /**
   * @param {{root: HTMLElement, canvas: HTMLCanvasElement, tip: HTMLElement}} parts
   * @param {{view: () => object, act: (what: object) => void, repaint: () => void}} stage
   */
  constructor(parts, stage) {
    Object.assign(this, parts);
    this.stage = stage;
    this.strokes = [];
    this.sheet = document.createElement("div");
    this.sheet.className = "pad";
    this.sheet.dataset.testid = "pad";
    this.sheet.setAttribute("role", "img");
    this.tabs = document.createElement("div");
    this.tabs.className = "tabs";
    this.tabs.setAttribute("role", "toolbar");
    this.tabs.setAttribute("aria-label", "What is shown below");
    this.canvas.after(this.sheet, this.tabs);
    const on = (target, type, handler) => target.addEventListener(type, handler.bind(this));
    on(this.sheet, "pointerdown", this.down);
    on(this.sheet, "pointermove", this.move);
    on(this.sheet, "pointerup", this.up);
    on(this.sheet, "pointercancel", this.up);
    on(this.canvas, "pointermove", this.look);
    on(this.canvas, "pointerleave", this.leave);
    on(this.canvas, "click", this.click);
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
    this.showTabs(header, layout);
  }

  showTabs({ views, view, projector }, { tabs, pad, fonts }) {
    const key = JSON.stringify([views, view, tabs, pad, projector]);
    if (key === this.tabsKey) return;
    this.tabsKey = key;
    if (this.tabs.children.length !== views.length) {
      this.tabs.replaceChildren(
        ...views.map(({ key: name, label, help }) => {
          const tab = document.createElement("button");
          tab.type = "button";
          tab.textContent = label;
          tab.title = help;
          tab.dataset.view = name;
          tab.onclick = () => this.stage.act({ kind: "view", view: name });
          return tab;
        })
      );
    }
    for (const tab of this.tabs.children) tab.setAttribute("aria-pressed", String(tab.dataset.view === view));
    Object.assign(this.tabs.style, { left: `${pad - 8}px`, top: `${tabs.y - tabs.height / 2}px`, height: `${tabs.height}px`, fontSize: `${fonts.px.label}px` });
  }

  // --- drawing ------------------------------------------------------------------------------------------------------

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

  // --- everything else ----------------------------------------------------------------------------------------------

  /** What lies under a point of the canvas. */
  target([x, y]) {
    return { found: targetUnder(this.stage.view()?.targets ?? [], x, y), x, y };
  }

  look(event) {
    this.pointer = pointIn(this.canvas, event);
    this.hint();
    this.stage.repaint();
  }

  /** Says what lies under the pointer; also with a new picture, whose words may be others. */
  hint() {
    if (!this.pointer) return;
    this.hover = this.target(this.pointer);
    const { found, x, y } = this.hover;
    this.canvas.style.cursor = found?.act ? "pointer" : found?.chart !== undefined ? "crosshair" : "default";
    showTip(this, found?.tip ?? "", x, y);
  }

  leave() {
    this.hover = this.pointer = null;
    this.tip.hidden = true;
    this.stage.repaint();
  }

  click(event) {
    const act = this.target(pointIn(this.canvas, event)).found?.act;
    if (!act) return;
    if (act.kind === "clear") this.clear();
    else {
      if (act.kind === "picture") this.waits = false;
      this.stage.act(act);
    }
  }
}
