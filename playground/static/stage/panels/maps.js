/**
 * Layer by layer: the filters of the first, and what each makes of the picture on the pad.
 */

import { text, textWidth } from "../base/text.js";
import { fill, Tiles } from "../base/tiles.js";
import { paintLayer } from "./units.js";

/** @type {import("./registry.js").Painter} */
export function paintMaps(ctx, view, box, kept) {
  const { header, layout, theme } = view;
  const { fonts, scale } = layout;
  const count = header.layers.length + 1;
  const gap = 24 * scale;
  const width = Math.min((box.width - (count - 1) * gap) / count, box.height * 1.3);
  const y = box.y + fonts.px.title * 0.4;
  const height = box.height - fonts.px.title * 0.4;
  paintSheet(ctx, view, { x: box.x, y, width, height }, kept);
  header.layers.forEach((layer, i) => {
    const x = box.x + (i + 1) * (width + gap);
    const title = textWidth(layer.title, fonts.title) > width + gap - 6 ? layer.title.split(",")[0] : layer.title;
    const font = textWidth(title, fonts.title) > width + gap - 6 ? fonts.tickOn : fonts.title;
    text(ctx, title, x, y, font, theme.text);
    const top = y + fonts.px.title * 0.95;
    paintLayer(ctx, view, i, { x, y: top, width, height: height - (top - y) }, kept(`maps${i}`, Tiles));
  });
}

/** Small pictures of the first weights in a box, with a title above and a caption below. */
export function paintSheet(ctx, view, box, kept) {
  const { header, layout, theme, arrays } = view;
  const { fonts } = layout;
  const { sheet } = header;
  text(ctx, sheet?.title ?? "First layer", box.x, box.y, fonts.title, theme.text);
  if (!sheet) {
    text(ctx, "Its weights are no pictures: it looks at numbers that were worked out before.", box.x, box.y + fonts.px.title * 2, fonts.label, theme.muted);
    return;
  }
  const tiles = kept("sheet", Tiles).load(arrays.sheet, sheet.shape, "signed", theme);
  const top = box.y + fonts.px.title * 0.95;
  const foot = fonts.px.tick * 1.7;
  const { columns, rows, pitch } = fill(tiles.count, box.width, box.y + box.height - foot - top);
  const gap = Math.min(4, pitch * 0.1);
  for (let k = 0; k < tiles.count; k++) tiles.draw(ctx, k, box.x + (k % columns) * pitch, top + Math.floor(k / columns) * pitch, pitch - gap, pitch - gap, 3);
  view.targets.push({ x: box.x, y: top, width: columns * pitch, height: rows * pitch, tip: "The weights from the picture to each unit of the first layer. Where a unit is blue it wants ink, where it is orange it wants none." });
  text(ctx, sheet.caption, box.x, top + rows * pitch + fonts.px.tick * 0.7, fonts.tick, theme.muted);
}
