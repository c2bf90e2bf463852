/**
 * The pace: asks Python for the next frame when this one has been painted, never sooner, so that a slow browser slows
 * the pictures down and loses nothing.
 *
 * A watchdog asks again when no frame has come for two seconds. In a hidden tab nothing is painted, and it asks once a second.
 */

const WATCHDOG = 2000;
const HIDDEN = 1000;

export class Pace {
  /** @param {(id: number) => void} ask sends the request */
  constructor(ask) {
    this.ask = ask;
    this.lastRequest = -Infinity;
    this.answered = null;
  }

  /** The frame `id` is on the screen (or the tab is hidden): ask for the one after it, if the run plays. */
  painted({ id, playing, pace_ms: pace }) {
    if (!playing) {
      this.stop();
      return;
    }
    if (this.answered === id) return; // the same frame painted again: its request is on the way
    this.answered = id;
    const least = document.hidden ? HIDDEN : pace;
    this.wait(Math.max(0, this.lastRequest + least - performance.now()), id);
  }

  wait(delay, id) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.lastRequest = performance.now();
      this.ask(id);
      this.wait(WATCHDOG, id);
    }, delay);
  }

  stop() {
    clearTimeout(this.timer);
    this.answered = null;
  }
}
