/**
 * The outbox: what was done on the stage, until Python says that it has been seen to.
 *
 * Streamlit keeps only the newest message of a component that waits for the server: one that is overtaken by the request for
 * the next frame is lost. So all that is outstanding goes along with every message, and again when no answer comes. Each deed
 * has a number, by which Python does it once.
 */

const AGAIN = 400; // ms without an answer

export class Outbox {
  /** @param {(message: object) => void} send hands a message to Streamlit */
  constructor(send) {
    this.send = send;
    this.stage = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    this.count = 0;
    this.waiting = [];
  }

  /** Something was done: `{kind, ...}`. A drawing holds all strokes, so a newer one replaces one that still waits. */
  put(what) {
    if (what.kind === "ink") this.waiting = this.waiting.filter((deed) => deed.kind !== "ink");
    this.waiting.push({ ...what, number: ++this.count });
    this.flush();
  }

  /** Sends what is outstanding, if anything is. */
  flush() {
    clearTimeout(this.timer);
    if (!this.waiting.length) return;
    this.timer = setTimeout(() => this.flush(), AGAIN);
    this.send({ stage: this.stage, deeds: this.waiting });
  }

  /** Python has seen to all deeds of `stage` up to this number. */
  seen([stage, number]) {
    if (stage !== this.stage) return;
    this.waiting = this.waiting.filter((deed) => deed.number > number);
    if (!this.waiting.length) clearTimeout(this.timer);
  }

  stop() {
    clearTimeout(this.timer);
  }
}
