/**
 * The pace: asks Python for the next frame when this one has been painted, never sooner, so that a slow browser slows
 * the pictures down and loses nothing.
 *
 * A watchdog asks again when no frame has come for two seconds. In a hidden tab nothing is painted, and it asks once a
 * second. On the way to another page it is silent: a request for a fragment of the page that is being left reaches the
 * server after the request for the new page, and its answer breaks Streamlit's front end ("Bad delta path index").
 */

const WATCHDOG = 2000;
const HIDDEN = 1000;
const LEAVING = 10000; // by then the new page is there, and this stage gone; else the click led nowhere

export class Pace {
  /** @param {(id: number) => void} ask sends the request */
  constructor(ask) {
    this.ask = ask;
    this.lastRequest = -Infinity;
    this.silentUntil = -Infinity;
    this.answered = null;
    this.leaving = this.leaving.bind(this);
    addEventListener("click", this.leaving, true);
    addEventListener("popstate", this.leaving, true);
  }

  /** The frame `id` is on the screen (or the tab is hidden): ask for the one after it, if the run plays. */
  painted({ id, playing, pace_ms: pace }) {
    if (!playing) {
      clearTimeout(this.timer);
      this.answered = null;
      return;
    }
    if (this.answered === id) return; // the same frame painted again: its request is on the way
    this.answered = id;
    const least = document.hidden ? HIDDEN : pace;
    this.wait(this.lastRequest + least - performance.now(), id);
  }

  wait(delay, id) {
    clearTimeout(this.timer);
    const least = Math.max(delay, this.silentUntil - performance.now());
    if (least <= 0) this.request(id); // at once: the server works while the browser brings the picture to the screen
    else this.timer = setTimeout(() => this.request(id), least);
  }

  request(id) {
    this.lastRequest = performance.now();
    this.wait(WATCHDOG, id);
    this.ask(id);
  }

  /** A click on a link to another page of the app, or the browser's Back. */
  leaving(event) {
    if (event.type === "click") {
      const link = event.composedPath().find((at) => at instanceof HTMLAnchorElement);
      const stays = !link || link.target === "_blank" || event.ctrlKey || event.metaKey || event.shiftKey;
      if (stays || link.origin !== location.origin || link.pathname === location.pathname) return;
    }
    this.silentUntil = performance.now() + LEAVING;
    if (this.answered !== null) this.wait(LEAVING, this.answered);
  }

  stop() {
    clearTimeout(this.timer);
    removeEventListener("click", this.leaving, true);
    removeEventListener("popstate", this.leaving, true);
  }
}
