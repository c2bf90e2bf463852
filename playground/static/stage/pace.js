/**
 * The pace: asks Python for frames as fast as the browser keeps up with them, and never faster than `pace_ms`.
 *
 * A request is due when the newest frame has come and the one before it is painted, so a slow browser slows the pictures
 * down and loses nothing. While the server has little to do it allows requests `ahead` of the frames that have come: then
 * it trains while a picture is on its way through the browser. Requests are numbered, and each frame says which was the
 * last that the server had `asked` of it; requests that Streamlit has rolled into one are thus not waited for.
 *
 * A watchdog asks again when no frame has come for two seconds. A hidden tab paints nothing and asks once a second.
 *
 * While a person uses a control the stage is silent, until the whole page has been run and has brought a frame: a request
 * that waits behind the run of a click starts so soon after it that Streamlit drops the frame of the click, and takes the
 * stage off the page for a moment. On the way to another page it is silent as well: the answer to a fragment of a page that
 * has been left breaks Streamlit's front end ("Bad delta path index").
 */

const WATCHDOG = 2000;
const HIDDEN = 1000;
const USING = { quick: 400, busy: 1500 }; // by then the click has been answered, or was none that Python hears of
const LATE = 10; // a timer that is so little late has kept its time
const LEAVING = 10000; // by then the new page is there, and this stage gone; else the click led nowhere
const CONTROLS = "button, input, textarea, select, label, [role=option], [role=tab], [role=radio], [role=checkbox]";

export class Pace {
  /** @param {(number: number) => void} ask sends the request */
  constructor(ask) {
    this.ask = ask;
    this.sent = 0; // number of the newest request
    this.lastRequest = -Infinity;
    this.silentUntil = this.leftUntil = -Infinity;
    this.playing = false;
    this.allowed = this.least = 0;
    this.leaving = this.leaving.bind(this);
    this.using = this.using.bind(this);
    for (const [type, listener] of this.listeners()) addEventListener(type, listener, true);
  }

  listeners() {
    return [["click", this.leaving], ["popstate", this.leaving], ["pointerdown", this.using], ["keydown", this.using]];
  }

  /** The browser keeps up with this frame: ask for the next, if the run plays or has just ended and the page is due. */
  next({ playing, due, pace_ms: pace, asked, ahead, whole }) {
    this.playing = playing || due;
    this.busy = !ahead;
    if (whole) this.silentUntil = this.leftUntil;
    if (!this.playing) {
      clearTimeout(this.timer);
      return;
    }
    this.sent = Math.max(this.sent, asked); // an earlier stage of this page may have counted further
    this.least = document.hidden ? HIDDEN : pace;
    this.allowed = asked + 1 + (document.hidden ? 0 : ahead);
    this.plan();
  }

  /** Sets the timer for the next request, or for the watchdog where the server still owes an answer. */
  plan() {
    clearTimeout(this.timer);
    const now = performance.now();
    this.due = this.lastRequest + (this.sent < this.allowed ? this.least : WATCHDOG);
    const delay = Math.max(this.due, this.silentUntil) - now;
    if (delay <= 0) this.request();
    else this.timer = setTimeout(() => this.request(), delay);
  }

  request() {
    const now = performance.now();
    this.lastRequest = now - this.due < LATE ? this.due : now; // the rhythm does not slow down with each late timer
    this.sent++;
    this.plan();
    this.ask(this.sent);
  }

  /** A click on a link to another page of the app, or the browser's Back. */
  leaving(event) {
    if (event.type === "click") {
      const link = event.composedPath().find((at) => at instanceof HTMLAnchorElement);
      const stays = !link || link.target === "_blank" || event.ctrlKey || event.metaKey || event.shiftKey;
      if (stays || link.origin !== location.origin || link.pathname === location.pathname) return;
    }
    this.leftUntil = performance.now() + LEAVING;
    this.keepSilent(LEAVING);
  }

  /** A press on a control of the page, or on a key. */
  using(event) {
    if (!this.playing) return;
    const pressed = event.composedPath()[0];
    if (event.type === "keydown" || pressed.closest?.(CONTROLS)) this.keepSilent(this.busy ? USING.busy : USING.quick);
  }

  keepSilent(time) {
    this.silentUntil = Math.max(this.leftUntil, performance.now() + time);
    if (this.playing) this.plan();
  }

  stop() {
    clearTimeout(this.timer);
    for (const [type, listener] of this.listeners()) removeEventListener(type, listener, true);
  }
}
