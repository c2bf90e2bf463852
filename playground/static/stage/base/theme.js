/**
 * The theme: what Streamlit says in its CSS variables, made into the colours and the font that the stage paints with.
 *
 * Light or dark is read off the background's luminance, so that any theme of the app works.
 */

import { luminance, mix } from "./colours.js";

const SYSTEM_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif';
const NAMES = ["background-color", "text-color", "primary-color", "border-color", "font"];
const probe = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));

/** Any CSS colour as "#rrggbb"; a transparent one is laid over `under`. */
function solid(value, under) {
  probe.fillStyle = under;
  probe.fillStyle = value; // an unreadable value leaves `under` in place
  const parsed = String(probe.fillStyle);
  if (parsed[0] === "#") return parsed;
  const [r, g, b, a] = (parsed.match(/[\d.]+/g) ?? []).map(Number);
  return mix(under, "#" + [r, g, b].map((v) => Math.round(v).toString(16).padStart(2, "0")).join(""), a);
}

/**
 * @typedef {ReturnType<typeof made>} Theme colours as "#rrggbb", `font` (family list), `dark`, and `key`, which changes when
 *   anything does
 *
 * @param {Element} element an element inside the component
 * @returns {Theme}
 */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const [background, text, primary, border, font] = NAMES.map((name) => style.getPropertyValue(`--st-${name}`).trim());
  return build(background || "#ffffff", text || "#1c2430", primary || "#2156d9", border, font);
}

const cache = new Map();

function build(background, text, primary, border, font) {
  const key = [background, text, primary, border, font].join("|");
  if (!cache.has(key)) cache.set(key, made(key, background, text, primary, border, font));
  return cache.get(key);
}

function made(key, background, text, primary, border, font) {
  const page = solid(background, "#ffffff");
  const ink = solid(text, "#1c2430");
  const dark = luminance(page) < 0.4;
  return {
    key,
    dark,
    font: font && font !== "unset" ? `${font}, ${SYSTEM_FONT}` : SYSTEM_FONT,
    page,
    card: dark ? mix(page, "#ffffff", 0.027) : page,
    text: ink,
    muted: mix(ink, page, dark ? 0.32 : 0.34),
    line: border && border !== "unset" ? solid(border, page) : mix(page, ink, 0.14),
    accent: solid(primary, "#2156d9"),
    test: dark ? "#ff9d73" : "#b8490f",
    validation: dark ? "#4fc3a1" : "#00805f",
    pale: dark ? "#1b2028" : "#ffffff",
    middle: dark ? "#23272f" : "#f2f3f5",
    frame: mix(ink, page, dark ? 0.3 : 0.22),
    boundary: dark ? "#eceff3" : "#ffffff",
    outline: dark ? "#12161c" : "#ffffff",
    mapLow: dark ? 0.24 : 0.2, // how much of the class's colour is left at the boundary, and where the network is sure
    mapHigh: 0.8,
    warm: dark ? "#4a2a14" : "#fdeadb",
    warmText: dark ? "#ffc9a3" : "#8a3606",
  };
}
