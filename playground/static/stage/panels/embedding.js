/**
 * Test pictures as the last hidden layer sees them, in the plane.
 */

import { classColour } from "../base/colours.js";
import { markerPath, rim } from "../base/shapes.js";
import { text, textWidth } from "../base/text.js";

/** @type {import("./registry.js").Painter} */
export function paintEmbedding(ctx, view, box) {
  const { header, layout, theme, arrays } = view;
  const { fonts, scale } = layout;
  const y = box.y + fonts.px.title * 0.4;
  const count = arrays.embedding_class.length;
  text(ctx, "Test pictures as the last hidden layer sees them", box.x, y, fonts.title, theme.text);
  const top = y + fonts.px.title;
  const height = box.y + box.height - top;
  const legend = Math.max(...header.classes.map((name) => textWidth(name, fonts.label))) + 46 * scale;
  const width = box.width - legend;
  rim(ctx, box.x + 0.5, top + 0.5, width, height - 1, theme.line, 8);
  const half = Math.min(width, height * 1.7) / 2;
  const [cx, cy] = [box.x + width / 2, top + height / 2];
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.x, top, width, height);
  ctx.clip();
  for (let i = 0; i < count; i++) {
    const [x, py] = [cx + arrays.embedding_xy[2 * i] * half * 0.94, cy - arrays.embedding_xy[2 * i + 1] * (height / 2) * 0.94];
    const k = arrays.embedding_class[i];
    ctx.beginPath();
    markerPath(ctx, k, x, py, 4.2 * scale);
    ctx.fillStyle = classColour("many", k);
    ctx.fill();
    ctx.strokeStyle = theme.card;
    ctx.lineWidth = 0.7;
    ctx.stroke();
    view.targets.push({ x: x - 5, y: py - 5, width: 10, height: 10, tip: `Test picture ${i}: ${header.classes[k]}. Click to lay it on the pad.`, act: { kind: "picture", index: i } });
  }
  ctx.restore();
  header.classes.forEach((name, k) => {
    const at = top + (k + 0.5) * Math.min(height / header.classes.length, 24 * scale);
    ctx.beginPath();
    markerPath(ctx, k, box.x + width + 24 * scale, at, 5 * scale);
    ctx.fillStyle = classColour("many", k);
    ctx.fill();
    text(ctx, name, box.x + width + 38 * scale, at, fonts.label, theme.text);
  });
  text(ctx, `first ${count} test pictures, its two principal directions`, box.x + width, y, fonts.tick, theme.muted, "right");
}
