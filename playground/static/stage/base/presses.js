/**
 * Presses of the page's own buttons, noticed in the browser: Pause must be felt at once, and not when the page was run.
 *
 * Streamlit's buttons stand outside of the stage; each has its key as a class. A press is a click on one of them, or its
 * shortcut: that calls Streamlit without a click, and takes the key for its own (`defaultPrevented`).
 *
 * A click goes to Streamlit when the picture that answers it is on the screen: its front end is busy for a twentieth of a
 * second with each, in which that picture would wait.
 */

const LATEST = 250; // ms that a click is kept from Streamlit at the most
const KEY = "st-key-";
const SHORTCUTS = { Home: "rewind", w: "weights", W: "weights" };

export class Presses {
  /**
   * @param {(button: string) => number} press hears the key of every button that is pressed; gives the deed's number, or 0
   * @param {() => boolean} plays whether the run plays, once all that was pressed is done
   */
  constructor(press, plays) {
    this.press = press;
    this.plays = plays;
    this.click = this.click.bind(this);
    this.key = this.key.bind(this);
    addEventListener("click", this.click, true);
    addEventListener("keydown", this.key); // comes last, when Streamlit has decided
  }

  click(event) {
    const path = event.composedPath();
    const button = path.find((at) => at instanceof HTMLButtonElement);
    if (!button || button.disabled || !event.isTrusted) return;
    for (const at of path) {
      const key = [...(at.classList ?? [])].find((name) => name.startsWith(KEY));
      if (!key) continue;
      const number = this.press(key.slice(KEY.length));
      if (!number) return;
      event.stopPropagation();
      this.handOver();
      this.kept = { button, number };
      this.timer = setTimeout(() => this.handOver(), LATEST);
      return;
    }
  }

  /** Deeds up to this number are answered, and that is on the screen. */
  answered(number) {
    if (this.kept && number >= this.kept.number) this.handOver();
  }

  /** Streamlit gets the click that was kept from it. */
  handOver() {
    clearTimeout(this.timer);
    const { kept } = this;
    this.kept = null;
    if (kept?.button.isConnected) setTimeout(() => kept.button.click());
  }

  key(event) {
    if (!event.defaultPrevented) return;
    const { key, shiftKey } = event;
    if (key === " ") this.press(this.plays() ? "pause" : "play"); // the page may still show the button of a moment ago
    else if (key === "ArrowRight") this.press(shiftKey ? "epoch" : "step");
    else if (key in SHORTCUTS) this.press(SHORTCUTS[key]);
  }

  stop() {
    this.handOver();
    removeEventListener("click", this.click, true);
    removeEventListener("keydown", this.key);
  }
}
