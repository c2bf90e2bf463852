/**
 * The confusion matrix of the test set.
 */

import { NEGATIVE, POSITIVE, mix } from "../base/colours.js";
import { roundRect } from "../base/shapes.js";
import { brief, fitted, text, textWidth } from "../base/text.js";

/**
 * Rows: the true classes; columns: the answers.
 * @type {import("./registry.js").Painter}
 */
export function paintConfusion(ctx, view, box) {
  const { layout, header, theme, arrays } = view;
  const { headerY, fonts } = layout;
  const { classes, test } = header;
  const n = classes.length;
  const counts = arrays.confusion;
  text(ctx, fitted("Confusion, test set", box.width + 22 * layout.scale, fonts.title), box.x, headerY, fonts.title, theme.text);
  const pitch = Math.floor(Math.min((box.width - box.labels) / n, (box.height - fonts.px.tick * 2.6) / n));
  const left = box.x + box.labels;
  const gap = Math.max(1, Math.round(pitch * 0.09));
  const sums = classes.map((_, r) => counts.subarray(r * n, (r + 1) * n).reduce((a, b) => a + b, 0));
  let most = 1;
  for (let i = 0; i < n * n; i++) if (i % (n + 1)) most = Math.max(most, counts[i]);
  const digits = String(most).length;
  const px = Math.min(fonts.px.tick, pitch * 0.56, (1.6 * (pitch - 2)) / digits);
  const font = !header.projector || px >= 18 ? `600 ${px}px ${theme.font}` : null; // nothing is smaller on a projector
  const middle = mix(theme.card, theme.text, 0.04);
  for (let r = 0; r < n; r++)
    for (let c = 0; c < n; c++) {
      const count = counts[r * n + c];
      const [x, y] = [left + c * pitch, box.y + r * pitch];
      const share = r === c ? count / Math.max(1, sums[r]) : count / most;
      roundRect(ctx, x, y, pitch - gap, pitch - gap, Math.min(4, pitch * 0.2));
      ctx.fillStyle = mix(middle, r === c ? POSITIVE : NEGATIVE, (r === c ? 0.75 : 0.85) * share ** 0.8);
      ctx.fill();
      if (font && r !== c && count > 0 && count >= most * 0.45) text(ctx, String(count), x + (pitch - gap) / 2, y + (pitch - gap) / 2 + 0.5, font, share > 0.6 && !theme.dark ? "#1a1205" : theme.text, "center");
      const words = r === c ? `${classes[r]}: ${count} of ${sums[r]} answered right.` : `${count} of ${sums[r]} "${classes[r]}" were answered "${classes[c]}".`;
      view.targets.push({ x, y, width: pitch, height: pitch, tip: words });
    }
  const widest = Math.max(...classes.map((name) => textWidth(brief(name), fonts.tick)));
  const tight = widest > pitch - 2;
  const small = tight && !header.projector ? `${Math.max(8, (fonts.px.tick * (pitch - 2)) / widest)}px ${theme.font}` : fonts.tick;
  classes.forEach((name, k) => {
    text(ctx, brief(name), left - 6 * layout.scale, box.y + (k + 0.5) * pitch - gap / 2, small, theme.muted, "right");
    if (tight && header.projector) return; // the columns have the order of the rows
    text(ctx, brief(name), left + (k + 0.5) * pitch - gap / 2, box.y + n * pitch + fonts.px.tick * 0.65, small, theme.muted, "center");
  });
  const foot = box.y + n * pitch + fonts.px.tick * 1.85;
  const room = box.labels + n * pitch;
  const words = [`↓ true · answered →  (${test.measured.toLocaleString("en")})`, "↓ true · answered →", "answered →"];
  const fits = words.find((one) => textWidth(one, fonts.tick) <= room);
  if (fits) text(ctx, fits, left + n * pitch - gap, foot, fonts.tick, theme.muted, "right");
}
