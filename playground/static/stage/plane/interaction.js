/**
 * Interaction with the plane's stage beyond pointing: the number input of a weight or a bias, and painting points.
 */

import { Pointer, pointIn, targetUnder } from "../base/targets.js";
import { planeScale } from "./layout.js";
import { editFor } from "./targets.js";

const STROKE_GAP = 6; // least px between two points of a stroke

export class Interaction {
  /**
   * @param {{root: HTMLElement, canvas: HTMLCanvasElement, tip: HTMLElement, editor: HTMLInputElement}} parts
   * @param {{view: () => object, act: (what: object) => void, repaint: () => void}} stage
   */
  constructor(parts, stage) {
    this.root = parts.root;
    this.canvas = parts.canvas;
    this.tip = parts.tip;
    this.editor = parts.editor;
    /** @type {{class: number, last: number[]|null}|null} */
    this.drawing = null;
    this.stage = stage;
    this.stroke = []; // points in the plane that are being painted, or have not come back from Python yet
    const on = (target, type, handler) => target.addEventListener(type, handler.bind(this));
    this.pointer = new Pointer(parts, {
      targets: () => stage.view()?.targets ?? [],
      click: (target, x, y) => this.click(target, x, y),
      moved: stage.repaint,
      isBusy: () => !this.editor.hidden || Boolean(this.drawing),
    });
    on(this.canvas, "pointermove", this.move);
    on(this.canvas, "pointerdown", this.down);
    on(this.canvas, "pointerup", this.up);
    on(this.canvas, "pointercancel", this.up);
    on(this.editor, "keydown", this.key);
    on(this.editor, "blur", this.closeEditor);
    // Keys typed into the input are no shortcuts of the app.
    for (const type of ["keyup", "keypress"]) this.editor.addEventListener(type, (event) => event.stopPropagation());
  }

  /** A new frame came: painted points are now among the data. */
  refresh(header) {
    this.root.classList.toggle("painting", header.paint !== null);
    if (!this.drawing) this.stroke = [];
  }

  click(target, x, y) {
    if (target.kind === "link" || target.kind === "bias") this.openEditor(target, x, y);
    else if (target.act) this.stage.act(target.act);
  }

  down(event) {
    const view = this.stage.view();
    if (!view || event.button !== 0 || view.header.paint === null) return;
    const [x, y] = pointIn(this.canvas, event);
    if (targetUnder(view.targets, x, y)?.kind !== "output") return;
    event.preventDefault();
    this.drawing = { class: view.header.paint, last: null };
    this.stroke = [];
    this.canvas.setPointerCapture(event.pointerId);
    this.extend(view, x, y);
    this.stage.repaint();
  }

  move(event) {
    if (this.drawing) this.extend(this.stage.view(), ...pointIn(this.canvas, event));
  }

  extend(view, x, y) {
    const { output } = view.layout;
    const px = Math.min(output.x + output.size, Math.max(output.x, x));
    const py = Math.min(output.y + output.size, Math.max(output.y, y));
    const { drawing } = this;
    if (!drawing) return;
    const { last } = drawing;
    if (last && Math.hypot(px - last[0], py - last[1]) < STROKE_GAP) return;
    drawing.last = [px, py];
    this.stroke.push(planeScale(output, view.header.plane).invert(px, py));
  }

  up() {
    if (!this.drawing) return;
    const drawn = this.drawing;
    this.drawing = null;
    this.stage.act({ kind: "paint", points: this.stroke, class: drawn.class });
  }

  openEditor(target, x, y) {
    const { editor } = this;
    this.edited = target;
    editor.value = String(Number(target.value.toPrecision(4)));
    editor.hidden = false;
    editor.style.left = `${Math.min(this.root.clientWidth - 110, Math.max(0, x - 52))}px`;
    editor.style.top = `${Math.max(0, y - 40)}px`;
    editor.setAttribute("aria-label", target.tip);
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
