/**
 * Targets: what can be pointed at or clicked on a stage, and the pointer that finds it; the same for all stages.
 *
 * Whoever paints a thing adds its target to `view.targets`; a later one lies over those before it.
 *
 * @typedef {TargetParts & Object<string, any>} Target
 *
 * @typedef {object} TargetParts a box, or `find` where the form is another or where many things are found by one search
 * @property {number} [x] of its upper left corner, in CSS pixels from the canvas's
 * @property {number} [y]
 * @property {number} [width]
 * @property {number} [height]
 * @property {(x: number, y: number) => Target|null} [find] what lies at a point, instead of the box
 * @property {string|((x: number, y: number) => string)} [tip] the words beside the pointer; "" for none
 * @property {object} [act] what a click tells Python
 * @property {string} [cursor] where it is not that of `act`
 * @property {string} [kind] what it is, for the stage that paints it and for tests
 * @property {number} [number] which of its kind
 *
 * What it stands for (a column, a unit, a value) may follow under other names.
 */

/**
 * The target under a point: of several the one that was added last.
 * @param {Target[]} targets
 * @returns {Target|null}
 */
export function targetUnder(targets, px, py) {
  for (let i = targets.length - 1; i >= 0; i--) {
    const { x = 0, y = 0, width = -1, height = -1, find } = targets[i];
    const found = find ? find(px, py) : px >= x && px <= x + width && py >= y && py <= y + height ? targets[i] : null;
    if (found) return found;
  }
  return null;
}

/** Where an event happened, in CSS pixels from the canvas's upper left corner. */
export function pointIn(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** Where a target is in the window, `share` of its width from its left edge; for tests. */
export function placeOn(canvas, { x = 0, y = 0, width = 0, height = 0 }, share = 1 / 2) {
  const box = canvas.getBoundingClientRect();
  return { x: box.left + x + width * share, y: box.top + y + height / 2 };
}

export class Pointer {
  /**
   * @param {{root: HTMLElement, canvas: HTMLCanvasElement, tip: HTMLElement}} parts
   * @param {{targets: () => Target[], click: (target: Target, x: number, y: number) => void, moved?: () => void, isBusy?: () => boolean}} stage
   *   moved: called where the picture shows what the pointer is on; isBusy: whether no words are to be shown now
   */
  constructor({ root, canvas, tip }, stage) {
    this.root = root;
    this.canvas = canvas;
    this.tip = tip;
    this.stage = stage;
    /** @type {number[]|null} */
    this.at = null; // where it is, [x, y], as long as it is over the canvas
    /** @type {Target|null} */
    this.hover = null; // the target that it is on
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerdown", (event) => this.move(event)); // a finger comes without having moved
    canvas.addEventListener("pointerleave", () => this.leave());
    canvas.addEventListener("click", (event) => this.click(event));
  }

  /** Finds what is under the pointer; also with a new picture, in which that may be something else. */
  look() {
    if (!this.at) return;
    const [x, y] = this.at;
    this.hover = targetUnder(this.stage.targets(), x, y);
    const { tip = "", act, cursor } = this.hover ?? {};
    this.canvas.style.cursor = cursor ?? (act ? "pointer" : "default");
    this.say(this.stage.isBusy?.() ? "" : typeof tip === "function" ? tip(x, y) : tip);
  }

  /** Shows words beside the pointer, on the side where there is room; "" hides them. */
  say(words) {
    const { root, canvas, tip } = this;
    tip.hidden = !words;
    if (!words) return;
    if (tip.textContent !== words) tip.textContent = words;
    const [x, y] = /** @type {number[]} */ (this.at);
    const { offsetWidth: w, offsetHeight: h } = tip;
    const left = x + 14 + w > root.clientWidth ? x - w - 10 : x + 14;
    const top = y + 16 + h > canvas.clientHeight ? y - h - 8 : y + 16;
    tip.style.transform = `translate(${Math.max(0, Math.round(left))}px, ${Math.max(0, Math.round(top))}px)`;
  }

  move(event) {
    this.at = pointIn(this.canvas, event);
    this.look();
    this.stage.moved?.();
  }

  leave() {
    this.at = this.hover = null;
    this.tip.hidden = true;
    this.stage.moved?.();
  }

  click(event) {
    const [x, y] = pointIn(this.canvas, event);
    const target = targetUnder(this.stage.targets(), x, y);
    if (target) this.stage.click(target, x, y);
  }
}
