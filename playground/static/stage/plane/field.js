/**
 * The field: what the network says over the plane, as numbers on a grid, and its picture.
 *
 * For classes a cell holds the winner and its margin d over the second (difference of logits). Between two cells that
 * disagree the margin falls to zero and rises again, so that pictures and boundary lines are smooth at any size.
 */

import { MARGINS, MARGIN_STEPS, MARGIN_TOP } from "../base/colours.js";

/**
 * @typedef {{n: number, winner: Uint8Array|null, value: Float32Array}} Field value is a margin or 0..255
 *
 * @returns {Field|null} the field of a frame
 */
export function fieldOf(arrays, task) {
  if (task === "classes") {
    const value = new Float32Array(arrays.map_margin.length);
    for (let i = 0; i < value.length; i++) value[i] = MARGINS[arrays.map_margin[i]];
    return { n: Math.sqrt(value.length), winner: arrays.map_class, value };
  }
  if (task === "surface") return { n: Math.sqrt(arrays.map_value.length), winner: null, value: new Float32Array(arrays.map_value) };
  return null;
}

/** The field `share` of the way from `a` to `b`; where the winner changes, the margin passes through zero. */
export function blendFields(a, b, share) {
  if (!a || share >= 1) return b;
  const value = new Float32Array(b.value.length);
  if (!b.winner) {
    for (let i = 0; i < value.length; i++) value[i] = a.value[i] + (b.value[i] - a.value[i]) * share;
    return { n: b.n, winner: null, value };
  }
  const winner = new Uint8Array(value.length);
  for (let i = 0; i < value.length; i++) {
    const from = a.winner[i] === b.winner[i] ? a.value[i] : -a.value[i];
    const margin = from + (b.value[i] - from) * share;
    winner[i] = margin < 0 ? a.winner[i] : b.winner[i];
    value[i] = Math.abs(margin);
  }
  return { n: b.n, winner, value };
}

/** Winner and margin (or value) at the fractional cell (column, row). */
export function sample(field, column, row) {
  const { n, winner, value } = field;
  const c = Math.min(n - 1, Math.max(0, column));
  const r = Math.min(n - 1, Math.max(0, row));
  const c0 = Math.min(n - 2, Math.floor(c));
  const r0 = Math.min(n - 2, Math.floor(r));
  const [u, v] = [c - c0, r - r0];
  const cells = [r0 * n + c0, r0 * n + c0 + 1, (r0 + 1) * n + c0, (r0 + 1) * n + c0 + 1];
  const weights = [(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v];
  if (!winner) return { winner: null, value: cells.reduce((sum, i, k) => sum + weights[k] * value[i], 0) };
  const margin = vote(...cells.map((i) => winner[i]), ...cells.map((i, k) => weights[k] * value[i]));
  return { winner: voted, value: margin };
}

let voted = 0; // the class that won the last vote (a variable, because a vote is held for thousands of pixels)

/**
 * Each of four corners (classes ka..kd) votes for its class with its weighted margin (a..d).
 * @returns {number} the distance between the first and the second class
 */
function vote(ka, kb, kc, kd, a, b, c, d) {
  const ta = a + (kb === ka ? b : 0) + (kc === ka ? c : 0) + (kd === ka ? d : 0);
  const tb = kb === ka ? 0 : b + (kc === kb ? c : 0) + (kd === kb ? d : 0);
  const tc = kc === ka || kc === kb ? 0 : c + (kd === kc ? d : 0);
  const td = kd === ka || kd === kb || kd === kc ? 0 : d;
  let first = ta;
  let second = 0;
  voted = ka;
  if (tb > first) [second, first, voted] = [first, tb, kb];
  else if (tb > second) second = tb;
  if (tc > first) [second, first, voted] = [first, tc, kc];
  else if (tc > second) second = tc;
  if (td > first) [second, first, voted] = [first, td, kd];
  else if (td > second) second = td;
  return first - second;
}

/**
 * Paints a field into 32-bit pixels, `factor` pixels to a cell side.
 * @param {Uint32Array} pixels (n * factor) squared
 * @param {Uint32Array[]|Uint32Array} tables one table for each class, or the diverging one
 */
export function paintField(field, factor, pixels, tables) {
  const { n, winner, value } = field;
  const side = n * factor;
  const last = tables.length - 1;
  for (let py = 0; py < side; py++) {
    const row = Math.min(n - 1, Math.max(0, (py + 0.5) / factor - 0.5));
    const r0 = Math.min(n - 2, row | 0);
    const v = row - r0;
    for (let c0 = -1; c0 < n; c0++) {
      // The pixels whose centres lie between the centres of cells c0 and c0 + 1.
      const from = Math.max(0, Math.ceil((c0 + 0.5) * factor - 0.5));
      const to = Math.min(side, Math.ceil((c0 + 1.5) * factor - 0.5));
      const a = r0 * n + Math.max(0, c0);
      const b = r0 * n + Math.min(n - 1, c0 + 1);
      const left = value[a] * (1 - v);
      const right = value[b] * (1 - v);
      const leftBelow = value[a + n] * v;
      const rightBelow = value[b + n] * v;
      let u = (from + 0.5) / factor - 0.5 - c0;
      let p = py * side + from;
      if (!winner) {
        for (let px = from; px < to; px++, p++, u += 1 / factor) {
          pixels[p] = /** @type {Uint32Array} */ (tables)[((left + leftBelow) * (1 - u) + (right + rightBelow) * u + 0.5) | 0];
        }
        continue;
      }
      const [ka, kb, kc, kd] = [winner[a], winner[b], winner[a + n], winner[b + n]];
      if (ka === kb && ka === kc && ka === kd) {
        const table = tables[Math.min(ka, last)];
        const start = left + leftBelow;
        const slope = right + rightBelow - start;
        for (let px = from; px < to; px++, p++, u += 1 / factor) {
          const margin = start + slope * u;
          pixels[p] = table[margin >= MARGIN_TOP ? MARGIN_TOP * MARGIN_STEPS : (margin * MARGIN_STEPS) | 0];
        }
      } else {
        for (let px = from; px < to; px++, p++, u += 1 / factor) {
          const margin = vote(ka, kb, kc, kd, left * (1 - u), right * u, leftBelow * (1 - u), rightBelow * u);
          pixels[p] = tables[Math.min(voted, last)][margin >= MARGIN_TOP ? MARGIN_TOP * MARGIN_STEPS : (margin * MARGIN_STEPS) | 0];
        }
      }
    }
  }
}
