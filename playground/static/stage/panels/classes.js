/**
 * Precision, recall and F1 of each class.
 */

import { mix } from "../base/colours.js";
import { roundRect } from "../base/shapes.js";
import { text, textWidth } from "../base/text.js";

const MEASURES = [
  ["Precision", "Of all pictures that are answered with this class: the share that belongs to it."],
  ["Recall", "Of all pictures of this class: the share that is answered right."],
  ["F1", "The harmonic mean of precision and recall."],
];


/** @type {import("./registry.js").Painter} */
export function paintClasses(ctx, view, box) {
  const { header, layout, theme, arrays } = view;
  const { fonts, scale } = layout;
  const names = header.classes;
  const y = box.y + fonts.px.title * 0.4;
  const left = box.x + Math.max(textWidth("Class", fonts.title), ...names.map((name) => textWidth(name, fonts.labelOn))) + 24 * scale;
  const gap = 44 * scale;
  const width = (box.x + box.width - left - 2 * gap) / 3;
  const percent = textWidth("100.0 %", fonts.labelOn) + 8 * scale;
  const top = y + fonts.px.title;
  const pitch = Math.min((box.y + box.height - top) / names.length, 34 * scale);
  text(ctx, "Class", box.x, y, fonts.title, theme.text);
  MEASURES.forEach(([name, tip], m) => {
    const x = left + m * (width + gap);
    text(ctx, name, x, y, fonts.title, theme.text);
    view.targets.push({ x, y: y - 8, width: textWidth(name, fonts.title), height: 18, tip });
    names.forEach((_, k) => {
      const value = arrays.per_class[3 * k + m];
      const at = top + pitch * (k + 0.5);
      const bar = Math.min(12 * scale, pitch * 0.5);
      roundRect(ctx, x, at - bar / 2, width - percent, bar, bar / 2);
      ctx.fillStyle = mix(theme.card, theme.text, 0.1);
      ctx.fill();
      if (value > 0.002) {
        roundRect(ctx, x, at - bar / 2, (width - percent) * value, bar, bar / 2);
        ctx.fillStyle = m === 2 ? theme.accent : mix(theme.card, theme.accent, 0.55);
        ctx.fill();
      }
      text(ctx, `${(100 * value).toFixed(1)} %`, x + width, at, fonts.label, theme.text, "right");
    });
  });
  names.forEach((name, k) => text(ctx, name, box.x, top + pitch * (k + 0.5), fonts.labelOn, theme.text));
}
