/**
 * What the network answers to the picture on the pad.
 */

import { mix } from "../base/colours.js";
import { roundRect } from "../base/shapes.js";
import { brief, text, textWidth } from "../base/text.js";

/**
 * The probabilities of all classes.
 * @type {import("./registry.js").Painter}
 */
export function paintAnswer(ctx, view, box) {
  const { layout, header, theme, arrays } = view;
  const { headerY, fonts } = layout;
  const { classes, pad } = header;
  text(ctx, "Answer", box.x, headerY, fonts.title, theme.text);
  const chances = arrays.answer;
  const winner = chances.reduce((best, v, k) => (v > chances[best] ? k : best), 0);
  const pitch = Math.min((box.height - 4) / classes.length, fonts.px.label * 2.2);
  const percent = textWidth("100.0 %", fonts.labelOn);
  const left = box.x + box.names + 8 * layout.scale;
  const width = box.x + box.width - percent - 8 * layout.scale - left;
  const bar = Math.min(9 * layout.scale, pitch * 0.55);
  classes.forEach((name, k) => {
    const y = box.y + pitch * (k + 0.5);
    const won = k === winner && !pad.empty;
    const font = won ? fonts.labelOn : fonts.label;
    text(ctx, textWidth(name, font) > box.names + 2 ? brief(name) : name, box.x, y, font, won ? theme.text : theme.muted);
    roundRect(ctx, left, y - bar / 2, width, bar, bar / 2);
    ctx.fillStyle = mix(theme.card, theme.text, 0.12);
    ctx.fill();
    const share = pad.empty ? 0 : chances[k];
    if (share > 0.0005) {
      roundRect(ctx, left, y - bar / 2, Math.max(bar * 0.3, width * share), bar, bar / 2);
      ctx.fillStyle = won ? theme.accent : mix(theme.card, theme.accent, 0.4);
      ctx.fill();
    }
    text(ctx, pad.empty ? "–" : `${(100 * chances[k]).toFixed(1)} %`, box.x + box.width, y, font, won ? theme.text : theme.muted, "right");
  });
  view.targets.push({ ...box, tip: "The probabilities that the network gives to each class, as it is at this moment of training." });
}
