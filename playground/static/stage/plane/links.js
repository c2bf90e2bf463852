/**
 * Links: the weights as curves between the units. Width is the size of the weight, colour its sign.
 *
 * Each link is a stroke of its own: measured in software rendering, one path for all links of a colour is slower.
 */

import { NEGATIVE, POSITIVE } from "../base/colours.js";

const FULL = 5; // |w| that is drawn at full width

/** Ends of the links into column `c`: the right ends of what comes before, the left ends of what stands there. */
export function linkEnds(layout, header, c) {
  const to = layout.columns[c];
  const toEdge = to.bare ? to.marker * 1.7 : to.size / 2 + 1;
  if (c === 0) {
    const { x, size, ys } = layout.features;
    const on = header.features.map((f, i) => (f.on ? ys[i] : null)).filter((y) => y !== null);
    return { x0: x + size / 2 + 1, x1: to.x - toEdge, from: on, to: to.ys };
  }
  const from = layout.columns[c - 1];
  return { x0: from.x + from.size / 2 + 1, x1: to.x - toEdge, from: from.ys, to: to.ys };
}

/** Widest link into column `c`: 10 px between units of 34 px, thinner where the units stand closely. */
function fullWidth(layout, c) {
  const sizes = [c === 0 ? layout.features.size : layout.columns[c - 1].size, layout.columns[c].bare ? layout.unit : layout.columns[c].size];
  return 10 * (layout.unit / 34) * Math.min(1, (Math.min(...sizes) / layout.unit) ** 0.8);
}

export function linkWidth(layout, c, weight) {
  const full = fullWidth(layout, c);
  return Math.max(0.5, full * Math.min(1, Math.abs(weight) / FULL));
}

const opacity = (weight) => 0.1 + 0.62 * Math.min(1, Math.abs(weight) / 1.6) ** 0.8;

/**
 * Strokes all links into column `c`, the strong ones over the weak.
 * @param {Float32Array} weights (from, to), row by row
 * @param {((i: number, j: number) => boolean)|null} only the links that keep their colour; the others fade
 */
export function paintLinks(ctx, layout, header, c, weights, only) {
  const { x0, x1, from, to } = linkEnds(layout, header, c);
  const middle = (x0 + x1) / 2;
  const full = fullWidth(layout, c);
  const order = Uint16Array.from(weights.keys()).sort((a, b) => Math.abs(weights[a]) - Math.abs(weights[b]));
  ctx.lineCap = "butt";
  for (const k of order) {
    const weight = weights[k];
    if (!(Math.abs(weight) > 0.004)) continue; // nearly zero, or not a number
    const y0 = from[Math.floor(k / to.length)];
    const y1 = to[k % to.length];
    ctx.strokeStyle = weight < 0 ? NEGATIVE : POSITIVE;
    ctx.globalAlpha = opacity(weight) * (!only || only(Math.floor(k / to.length), k % to.length) ? 1 : 0.15);
    ctx.lineWidth = Math.max(0.5, full * Math.min(1, Math.abs(weight) / FULL));
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.bezierCurveTo(middle, y0, middle, y1, x1, y1);
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
}

/** Strokes one link in the theme's own ink, over all others. */
export function paintLink(ctx, layout, header, c, i, j, weight, theme) {
  const { x0, x1, from, to } = linkEnds(layout, header, c);
  const middle = (x0 + x1) / 2;
  const width = linkWidth(layout, c, weight);
  ctx.beginPath();
  ctx.moveTo(x0, from[i]);
  ctx.bezierCurveTo(middle, from[i], middle, to[j], x1, to[j]);
  ctx.lineWidth = width + 4;
  ctx.strokeStyle = theme.text;
  ctx.stroke();
  ctx.lineWidth = Math.max(1.5, width);
  ctx.strokeStyle = weight < 0 ? NEGATIVE : POSITIVE;
  ctx.stroke();
}

/** A point on a link at t in 0..1. */
export function pointOnLink({ x0, x1, from, to }, i, j, t) {
  return { x: x0 + (x1 - x0) * (1.5 * t - 1.5 * t * t + t * t * t), y: from[i] + (to[j] - from[i]) * t * t * (3 - 2 * t) };
}

/**
 * The link under a point, or null: the nearest one within `reach` px of its edge.
 * @returns {{kind: "link", c: number, i: number, j: number}|null}
 */
export function linkAt(layout, header, arrays, x, y, reach) {
  for (let c = 0; c < header.columns.length; c++) {
    const weights = arrays[`weights${c}`];
    if (!weights) continue;
    const ends = linkEnds(layout, header, c);
    if (x < ends.x0 || x > ends.x1) continue;
    let [low, high] = [0, 1];
    for (let k = 0; k < 20; k++) {
      const t = (low + high) / 2;
      if (pointOnLink({ ...ends, from: [0], to: [0] }, 0, 0, t).x < x) low = t;
      else high = t;
    }
    const t = low;
    const slopeX = (ends.x1 - ends.x0) * (1.5 - 3 * t + 3 * t * t);
    let best = null;
    ends.from.forEach((y0, i) =>
      ends.to.forEach((y1, j) => {
        const tilt = ((y1 - y0) * 6 * t * (1 - t)) / slopeX;
        const place = pointOnLink(ends, i, j, t);
        const distance = Math.abs(y - place.y) / Math.sqrt(1 + tilt * tilt);
        const edge = distance - linkWidth(layout, c, weights[i * ends.to.length + j]) / 2;
        if (edge <= reach && (!best || edge < best.edge)) best = { kind: "link", edge, c, i, j };
      })
    );
    if (best) return best;
  }
  return null;
}
