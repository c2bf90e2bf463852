/**
 * Movement between two frames: weights, thumbnails, the map and the ends of the curves glide to their new values.
 *
 * Only pictures move. Printed numbers are those of the newest frame. Nothing glides from one run to another, nor
 * between arrays of different length.
 */

import { blend } from "../base/tween.js";
import { blendFields, fieldOf } from "./field.js";

const GLIDES = /^(weights|bias|thumbs)\d+$/;

/**
 * @typedef {object} Shown
 * @property {Object<string, any>} values
 * @property {import("./field.js").Field|null} field
 * @property {{x: Float32Array, y: Float32Array}|null} line
 * @property {number} curveEnd
 */

export class Motion {
  constructor() {
    this.run = null;
    /** @type {Shown} */
    this.now = { values: {}, field: null, line: null, curveEnd: 0 };
    /** @type {Shown|null} */
    this.from = null;
    this.to = this.now;
  }

  /** Aims at a new frame, from where things stand now. */
  aim({ header, arrays }) {
    const same = this.run === header.run;
    this.run = header.run;
    this.from = same ? this.now : null;
    const xs = arrays.curve_x;
    this.to = {
      values: Object.fromEntries(Object.entries(arrays).filter(([name]) => GLIDES.test(name))),
      field: fieldOf(arrays, header.task),
      line: arrays.line_x ? { x: arrays.line_x, y: arrays.line_y } : null,
      curveEnd: xs?.length ? xs[xs.length - 1] : 0,
    };
  }

  /** What is shown at `share` (0..1) of the way. */
  at(share) {
    const { from, to } = this;
    if (!from || share >= 1) return (this.now = to);
    const values = {};
    for (const name of Object.keys(to.values)) values[name] = blend(from.values[name], to.values[name], share);
    const field = to.field && from.field?.n === to.field.n ? blendFields(from.field, to.field, share) : to.field;
    const line = to.line && { x: to.line.x, y: blend(from.line?.y, to.line.y, share) };
    const curveEnd = from.curveEnd < to.curveEnd ? from.curveEnd + (to.curveEnd - from.curveEnd) * share : to.curveEnd;
    return (this.now = { values, field, line, curveEnd });
  }

  /** Where the curves' ends stood when the newest frame came: what lies left of it need not be painted again. */
  get curveStart() {
    return this.from && this.from.curveEnd < this.to.curveEnd ? this.from.curveEnd : this.to.curveEnd;
  }
}
