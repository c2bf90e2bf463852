/**
 * Text on the canvas: the fonts of a stage, how wide words are, and words at a place.
 */

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const measurer = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));

/**
 * Fonts as CSS text and their sizes in px; on a projector nothing is below 18.
 * @param {number} scale
 * @param {string} family
 * @param {boolean} projector
 */
export function fontsFor(scale, family, projector) {
  const grow = clamp(1 + (scale - 1) * 0.55, 0.95, 1.4);
  const size = (px) => (projector ? Math.max(18, Math.round(px * 1.5)) : Math.round(px * grow * 2) / 2);
  const px = { title: size(14), label: size(12.5), tick: size(11.5) };
  return {
    px,
    title: `600 ${px.title}px ${family}`,
    label: `${px.label}px ${family}`,
    labelOn: `600 ${px.label}px ${family}`,
    tick: `${px.tick}px ${family}`,
    tickOn: `600 ${px.tick}px ${family}`,
  };
}

/**
 * Width of `text` in `font`, in px.
 * @param {string} text
 * @param {string} font
 */
export function textWidth(text, font) {
  measurer.font = font;
  return measurer.measureText(text).width;
}

/** Words, cut where they are too long for their place. */
export function fitted(words, width, font) {
  let cut = words;
  while (textWidth(cut, font) > width && cut.length > 4) cut = `${cut.slice(0, -2).trimEnd()}…`;
  return cut;
}

/** What stands for a name where room is short. */
export const brief = (name) => (name.length > 3 ? name.slice(0, 3) : name);

/** Words at a place; y is the middle of the line. */
export function text(ctx, words, x, y, font, colour, align = "left") {
  ctx.font = font;
  ctx.fillStyle = colour;
  ctx.textAlign = align;
  ctx.textBaseline = "middle";
  ctx.fillText(words, x, y);
}
