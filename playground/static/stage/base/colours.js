/**
 * Colours: the diverging orange-grey-blue scale, the class palettes, and tables that turn numbers into pixels.
 *
 * Classes follow Okabe and Ito (2008), which people with any kind of colour blindness can tell apart; a class has a
 * marker shape besides (shapes.js). Tables hold 32-bit little-endian RGBA, the order of ImageData.
 */

export const NEGATIVE = "#e8871e";
export const POSITIVE = "#1f77b4";
const TWO = [NEGATIVE, POSITIVE];
const MANY = ["#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#8c6bb1", "#999933", "#882255", "#7f7f7f"];

/** @returns {string[]} one colour for each class */
export const palette = (name) => (name === "two" ? TWO : MANY);
export const classColour = (name, index) => palette(name)[index % palette(name).length];

/** @param {string} hex "#rrggbb" @returns {number[]} red, green, blue */
export function rgb(hex) {
  const value = parseInt(hex.slice(1, 7), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

const hex2 = (value) => Math.round(value).toString(16).padStart(2, "0");

/** The colour `share` of the way from `a` to `b`. */
export function mix(a, b, share) {
  const [p, q] = [rgb(a), rgb(b)];
  return "#" + p.map((value, i) => hex2(value + (q[i] - value) * share)).join("");
}

/** Relative luminance, 0 black to 1 white (WCAG 2). */
export function luminance(hex) {
  const [r, g, b] = rgb(hex).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Red, green and blue as a pixel. */
export const packed = (r, g, b) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

/** -1..1 as a colour: orange, the theme's middle, blue. */
export function diverging(value, middle) {
  const size = Math.min(1, Math.abs(value));
  return mix(middle, value < 0 ? NEGATIVE : POSITIVE, 0.94 * size ** 0.9);
}

/** Pixels of the diverging scale for bytes 1..255 that stand for -1..1 (128 is 0). */
export function divergingTable(middle) {
  return Uint32Array.from({ length: 256 }, (_, i) => packed(...rgb(diverging((i - 128) / 127, middle))));
}

export const MARGIN_STEPS = 128; // entries of a class table for a margin of 1
export const MARGIN_TOP = 8; // tanh(8 / 2) is .9993: all above looks the same

/** The margin that each byte stands for; the largest has none above it. */
export const MARGINS = Float32Array.from({ length: 256 }, (_, u) => (4 * u * u) / Math.max(250, 255 * 255 - u * u));

/** Pixel of a class by its margin d: pale at the boundary, full where the network is sure (tanh(d / 2)). */
export function marginPixel(colour, margin, theme) {
  return packed(...rgb(mix(theme.pale, colour, theme.mapLow + (theme.mapHigh - theme.mapLow) * Math.tanh(margin / 2))));
}

/**
 * Pixels of each class by its margin.
 * @returns {Uint32Array[]} one table for each class, MARGIN_STEPS * MARGIN_TOP + 1 entries
 */
export function classTables(paletteName, count, theme) {
  return Array.from({ length: count }, (_, k) => {
    const colour = classColour(paletteName, k);
    return Uint32Array.from({ length: MARGIN_STEPS * MARGIN_TOP + 1 }, (_, i) => marginPixel(colour, i / MARGIN_STEPS, theme));
  });
}
