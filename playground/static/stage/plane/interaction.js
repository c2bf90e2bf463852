/**
 * Interaction: the pointer over the canvas: hover, clicks, the number input of a weight, painting points.
 */

import { pointIn, showTip } from "../base/targets.js";
import { planeScale } from "./layout.js";
import { actionFor, editFor, targetAt, tipFor } from "./targets.js";

const CLICKABLE = new Set(["feature", "link", "bias"]);
const STROKE_GAP = 6; // least px between two points of a stroke

export class Interaction {
  /**
   * @param {{root: HTMLElement, canvas: HTMLCanvasElement, tip: HTMLElement, editor: HTMLInputElement}} parts
   * @param {{view: () => object, field: () => object, act: (what: object) => void, repaint: () => void}} stage
   */
  constructor(parts, stage) {
    Object.assign(this, parts);
    this.stage = stage;
    this.hover = null;
    this.stroke = []; // points in the plane that are being painted, or have not come back from Python yet
    const on = (target, type, handler) => target.addEventListener(type, handler.bind(this));
    on(this.canvas, "pointermove", this.move);
    on(this.canvas, "pointerdown", this.down);
    on(this.canvas, "pointerup", this.up);
    on(this.canvas, "pointercancel", this.up);
    on(this.canvas, "pointerleave", this.leave);
    on(this.editor, "keydown", this.key);
    on(this.editor, "blur", this.closeEditor);
    // Keys typed into the input are no shortcuts of the app.
    for (const type of ["keyup", "keypress"]) this.editor.addEventListener(type, (event) => event.stopPropagation());
  }

  /** A new frame came: what the pointer is on may have moved, painted points are now among the data. */
  refresh(header) {
    const view = this.stage.view();
    this.root.classList.toggle("painting", header.paint !== null);
    if (!this.drawing) this.stroke = [];
    if (this.point) this.look(view, ...this.point);
  }

  /** Sets hover and tooltip from the pointer at (x, y). */
  look(view, x, y) {
    this.point = [x, y];
    this.hover = targetAt(view, x, y);
    const { kind, button } = this.hover ?? {};
    const paints = kind === "output" && view.header.paint !== null;
    const clickable = CLICKABLE.has(kind) || (kind === "button" && !button.off);
    this.canvas.style.cursor = paints || kind === "output" || kind === "chart" ? "crosshair" : clickable ? "pointer" : "default";
    showTip(this, this.editor.hidden && !this.drawing ? tipFor(view, this.stage.field(), this.hover) : "", x, y);
  }

  move(event) {
    const view = this.stage.view();
    if (!view) return;
    const [x, y] = pointIn(this.canvas, event);
    this.look(view, x, y);
    if (this.drawing) this.extend(view, x, y);
    this.stage.repaint();
  }

  leave() {
    this.point = null;
    this.hover = null;
    this.tip.hidden = true;
    this.stage.repaint();
  }

  down(event) {
    const view = this.stage.view();
    if (!view || event.button !== 0) return;
    const [x, y] = pointIn(this.canvas, event);
    this.look(view, x, y);
    if (this.hover?.kind === "output" && view.header.paint !== null) {
      this.drawing = { class: view.header.paint, last: null };
      this.stroke = [];
      this.canvas.setPointerCapture(event.pointerId);
      this.extend(view, x, y);
      this.stage.repaint();
      event.preventDefault();
    } else if (this.hover?.kind === "link" || this.hover?.kind === "bias") {
      event.preventDefault(); // else the canvas takes the focus back from the input
      this.openEditor(view, this.hover, x, y);
    } else {
      const action = actionFor(view.header, this.hover);
      if (action) this.stage.act(action);
    }
  }

  extend(view, x, y) {
    const { output } = view.layout;
    const px = Math.min(output.x + output.size, Math.max(output.x, x));
    const py = Math.min(output.y + output.size, Math.max(output.y, y));
    const { last } = this.drawing;
    if (last && Math.hypot(px - last[0], py - last[1]) < STROKE_GAP) return;
    this.drawing.last = [px, py];
    this.stroke.push(planeScale(output, view.header.plane).invert(px, py));
  }

  up() {
    if (!this.drawing) return;
    const drawn = this.drawing;
    this.drawing = null;
    this.stage.act({ kind: "paint", points: this.stroke, class: drawn.class });
  }

  openEditor(view, target, x, y) {
    const { editor } = this;
    const { arrays, layout } = view;
    const value =
      target.kind === "bias"
        ? arrays[`bias${target.c}`][target.j]
        : arrays[`weights${target.c}`][target.i * layout.columns[target.c].ys.length + target.j];
    this.edited = target;
    editor.value = Number(value.toPrecision(4));
    editor.hidden = false;
    editor.style.left = `${Math.min(this.root.clientWidth - 110, Math.max(0, x - 52))}px`;
    editor.style.top = `${Math.max(0, y - 40)}px`;
    editor.setAttribute("aria-label", tipFor(view, this.stage.field(), target));
    this.tip.hidden = true;
    editor.focus();
    editor.select();
  }

  key(event) {
    event.stopPropagation();
    if (event.key === "Escape") this.closeEditor();
    if (event.key !== "Enter") return;
    const value = this.editor.valueAsNumber;
    if (Number.isFinite(value)) this.stage.act(editFor(this.stage.view().header, this.edited, value));
    this.closeEditor();
  }

  closeEditor() {
    this.editor.hidden = true;
  }
}
