/**
 * Presses of the page's own buttons, noticed in the browser: Pause must be felt at once, and not when the page was run.
 *
 * Streamlit's buttons stand outside of the stage; each has its key as a class. A press, by mouse, finger, keyboard or the
 * button's shortcut, is a click on it.
 */

const KEY = "st-key-";

export class Presses {
  /** @param {(button: string) => boolean} press hears the key of every button that is pressed */
  constructor(press) {
    this.press = press;
    this.click = this.click.bind(this);
    document.addEventListener("click", this.click, true);
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

  stop() {
    document.removeEventListener("click", this.click, true);
  }
}
