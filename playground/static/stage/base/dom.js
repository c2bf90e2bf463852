/**
 * The stage's elements: the canvas, and what text and input need beside it (tooltip, number input, banner, status line).
 */

import { CSS } from "./style.js";

/** Makes the stage's elements; they are named in the order in which they stand. label: what the canvas shows. */
export function build(label) {
  /**
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {string} className
   * @param {Object<string, string>} attributes
   * @returns {HTMLElementTagNameMap[T]}
   */
  const make = (tag, className, attributes = {}) => {
    const element = document.createElement(tag);
    element.className = className;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const root = make("div", "stage", { "data-testid": "stage" });
  const style = document.createElement("style");
  style.textContent = CSS;
  const canvas = make("canvas", "", {
    "data-testid": "stage-canvas",
    role: "img",
    "aria-label": label,
    "aria-describedby": "stage-summary",
  });
  const tip = make("div", "tip", { role: "tooltip", hidden: "" });
  const editor = make("input", "editor", { type: "number", step: "any", hidden: "" });
  const banner = make("div", "banner", { hidden: "", "data-testid": "stage-banner" });
  const summary = make("div", "hidden-text", { id: "stage-summary" });
  const line = make("div", "status", { "data-testid": "stage-status", role: "status", "aria-label": "Readings of the run" });
  const note = make("p", "note", { "data-testid": "stage-note" });
  const link = make("div", "link", { hidden: "", role: "status", "data-testid": "stage-link" });
  root.append(style, canvas, tip, editor, banner, link, summary, line, note);
  return { root, canvas, tip, editor, banner, link, summary, line, note };
}

/** The block of the page that an element stands in, with all that stands over it. */
export function blockOf(element) {
  const inside = element.getRootNode().host ?? element;
  return inside.closest("[data-testid=stMainBlockContainer]") ?? inside;
}

/** Distance of an element's top from the top of the page, wherever the page is scrolled to. */
export function topOf(element) {
  let top = element.getBoundingClientRect().top;
  for (let at = element; at; at = at.parentNode ?? at.host) top += at.scrollTop ?? 0;
  return top;
}

/** Whether Streamlit has a connection of its own. */
export function isConnected() {
  return (/** @type {HTMLElement|null} */ (document.querySelector("[data-testid=stApp]"))?.dataset.testConnectionState ?? "CONNECTED") === "CONNECTED";
}
