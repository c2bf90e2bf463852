/**
 * The gallery of mistakes on the test set, the surest first.
 */

import { text } from "../base/text.js";
import { Tiles } from "../base/tiles.js";
import { paintCase } from "./surest.js";

/** @type {import("./registry.js").Painter} */
export function paintMistakes(ctx, view, box, kept) {
  const { header, layout, theme, arrays } = view;
  const { fonts, scale } = layout;
  const { gallery, test } = header;
  const y = box.y + fonts.px.title * 0.4;
  const shown = gallery.length < test.wrong ? `, the surest ${gallery.length} of ${test.wrong.toLocaleString("en")}` : "";
  text(ctx, `Mistakes on the test set${shown}`, box.x, y, fonts.title, theme.text);
  text(ctx, "true → answered; click one to lay it on the pad", box.x + box.width, y, fonts.tick, theme.muted, "right");
  const tiles = kept("gallery", Tiles).load(arrays.gallery, header.shape, "ink", theme);
  const top = y + fonts.px.title * 1.1;
  const below = fonts.px.tick * 0.85;
  const bottom = box.y + box.height;
  const columns = Math.ceil(60 / Math.max(2, Math.round((bottom - top) / (62 * scale))));
  const pitchX = box.width / columns;
  const rows = Math.ceil(60 / columns);
  const pitchY = (bottom - top) / rows;
  const size = Math.floor(Math.min(pitchX - 8, pitchY - 2.3 * below));
  gallery.forEach((found, k) => {
    const chances = arrays.chances.subarray(k * header.classes.length, (k + 1) * header.classes.length);
    const best = [...chances.keys()].sort((a, b) => chances[b] - chances[a]).slice(0, 3);
    const more = best.map((c) => `${header.classes[c]} ${(100 * chances[c]).toFixed(1)} %`).join(", ");
    const [x, y] = [Math.round(box.x + (k % columns) * pitchX), Math.round(top + Math.floor(k / columns) * pitchY)];
    paintCase(ctx, view, tiles, k, found, x, y, size, below, `\n${more}`);
  });
}
