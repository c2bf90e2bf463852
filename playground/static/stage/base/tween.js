/**
 * Between two frames: numbers that glide to their new values, and how often that is painted.
 */

/** The array `share` (0..1) of the way to `to`; nothing glides between arrays of different length. */
export function blend(from, to, share) {
  if (!from || from.length !== to.length) return to;
  const mixed = new to.constructor(to.length);
  for (let i = 0; i < to.length; i++) mixed[i] = from[i] + (to[i] - from[i]) * share;
  return mixed;
}

/**
 * Decides how often to paint between two frames: often where painting is cheap, once a frame where it is dear
 * (software rendering on a busy machine), so that movement never slows the training it shows.
 */
export class Tempo {
  constructor() {
    this.cost = 6; // ms that one painting keeps the main thread, a running mean
    this.interval = 60; // ms between two frames, a running mean
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  painted(ms) {
    this.cost += (Math.min(ms, 100) - this.cost) * 0.15;
  }

  arrived(now) {
    if (this.last !== undefined && now - this.last < 1000) this.interval += (now - this.last - this.interval) * 0.2;
    this.last = now;
  }

  /** ms that a movement lasts; 0 to jump. */
  get duration() {
    return this.calm.matches || this.gap > 0.55 * this.interval ? 0 : Math.min(250, Math.max(40, this.interval));
  }

  /** Least ms between two paintings of one movement: they take a third of the time at most. */
  get gap() {
    return this.cost * 3;
  }
}
