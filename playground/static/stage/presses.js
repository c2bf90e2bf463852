/**
 * Presses of the page's own buttons, noticed in the browser: Pause must be felt at once, and not when the page was run.
 *
 * Streamlit's buttons stand outside of the stage; each has its key as a class. A press is a click on one of them, or its
 * shortcut: that calls Streamlit without a click, and takes the key for its own (`defaultPrevented`).
 */

const KEY = "st-key-";
const SHORTCUTS = { Home: "rewind", w: "weights", W: "weights" };

export class Presses {
  /** @param {(button: string) => void} press hears the key of every button that is pressed */
  constructor(press) {
    this.press = press;
    this.click = this.click.bind(this);
    this.key = this.key.bind(this);
    addEventListener("click", this.click, true);
    addEventListener("keydown", this.key); // comes last, when Streamlit has decided
  }

  click(event) {
    const path = event.composedPath();
    const button = path.find((at) => at instanceof HTMLButtonElement);
    if (!button || button.disabled) return;
    for (const at of path) {
      const key = [...(at.classList ?? [])].find((name) => name.startsWith(KEY));
      if (key) return this.press(key.slice(KEY.length));
    }
  }

  key(event) {
    if (!event.defaultPrevented) return;
    const { key, shiftKey } = event;
    if (key === " ") this.press(document.querySelector(`.${KEY}pause`) ? "pause" : "play");
    else if (key === "ArrowRight") this.press(shiftKey ? "epoch" : "step");
    else if (key in SHORTCUTS) this.press(SHORTCUTS[key]);
  }

  stop() {
    removeEventListener("click", this.click, true);
    removeEventListener("keydown", this.key);
  }
}
