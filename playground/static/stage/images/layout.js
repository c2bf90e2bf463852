/**
 * Layout of a picture page, in CSS pixels from the stage's upper left corner: a row of panels (pad, activations, answer,
 * confusion, surest mistakes), the tabs of the views, and the room that the chosen view has below.
 *
 * A pure function of the size, the theme's font and the header; nothing is painted here. At 1020 x 610 the scale is 1.
 */

import { brief, clamp, fontsFor, textWidth } from "../base/text.js";

export function layOutPictures(width, height, header, theme) {
  const scale = clamp(Math.min(width / 1020, height / 610), 0.75, 1.6);
  const fonts = fontsFor(scale, theme.font, header.projector);
  const { px } = fonts;
  const pad = Math.round(22 * scale);
  const headerY = Math.round(pad + px.title * 0.2);
  const tabsHeight = Math.round(px.label * 2.3);
  const top = Math.round(headerY + px.title * 1.15);
  const rowBottom = Math.round(clamp(height * 0.405, top + 130, 420));
  const separator = rowBottom + Math.round(tabsHeight / 2) + 4;
  const base = { width, height, scale, fonts, pad, headerY, top, separator };
  const lower = { x: pad, y: separator + Math.round(tabsHeight / 2) + Math.round(8 * scale), width: width - 2 * pad };
  lower.height = height - lower.y - Math.round(10 * scale);
  return { ...base, ...placeRow(base, rowBottom, header), tabs: { y: separator, height: tabsHeight }, lower };
}

/** The five panels from left to right. */
function placeRow({ width, scale, fonts, pad, top }, bottom, header) {
  const { px } = fonts;
  const size = Math.round(bottom - top - px.tick * 1.9);
  const gap = Math.round(30 * scale);
  const rest = width - 2 * pad - size - 4 * gap;
  const names = Math.max(...header.classes.map((name) => textWidth(name, fonts.labelOn)));
  const answerWidth = Math.min(rest * 0.36, names + 8 * scale + 150 * scale);
  const labels = Math.max(...header.classes.map((name) => textWidth(brief(name), fonts.tick))) + 6 * scale;
  const confusionWidth = Math.min(rest * 0.33, size - px.tick * 0.6 + labels);
  const unitsWidth = Math.min((rest - answerWidth - confusionWidth) * 0.44, size * 0.8);
  let x = pad;
  const next = (wide) => {
    const at = { x, y: top, width: Math.round(wide), height: bottom - top };
    x += Math.round(wide) + gap;
    return at;
  };
  const padBox = { ...next(size), size };
  const units = next(unitsWidth);
  const answer = next(answerWidth);
  const confusion = { ...next(confusionWidth), labels };
  const surest = next(width - pad - x);
  return { padBox, units, answer: { ...answer, names: Math.min(names, answerWidth * 0.4) }, confusion, surest };
}
