/**
 * What the layers make of the picture on the pad: squares for units, small pictures for maps.
 */

import { roundRect } from "../base/shapes.js";
import { text, textWidth } from "../base/text.js";
import { fill, signedColour, Tiles } from "../base/tiles.js";

/** @type {import("./registry.js").Painter} */
export function paintUnits(ctx, view, box, kept) {
  const { layout, header, theme } = view;
  const { headerY, fonts } = layout;
  const { beside, layers } = header;
  if (!beside.length) {
    text(ctx, "No hidden layer", box.x, headerY, fonts.title, theme.text);
    return;
  }
  const gap = beside.length > 1 ? fonts.px.title * 2 : 0;
  const free = box.height - gap * (beside.length - 1) - fonts.px.tick * 0.4;
  const counts = beside.map((number) => header.arrays[`layer${number}`][1][0]);
  const plain = beside.every((number, i) => !layers[number].maps && counts[i] <= 256);
  const shared = plain ? sharedSquares(counts, box.width, free) : null; // squares of one size for all layers
  let y = box.y;
  beside.forEach((number, i) => {
    const room = shared ? Math.ceil(counts[i] / shared.columns) * shared.pitch : free / beside.length;
    const title = layers[number].title;
    const words = textWidth(title, fonts.title) > box.width + 24 * layout.scale ? title.replace(/ .*$/, " " + title.split(" ").at(-1)) : title;
    text(ctx, words, box.x, i ? y - fonts.px.title * 0.95 : headerY, fonts.title, theme.text);
    paintLayer(ctx, view, number, { x: box.x, y, width: box.width, height: room, ...shared }, kept(`beside${i}`, Tiles));
    y += room + gap;
  });
}

/** Squares for units, or small pictures for maps. */
export function paintLayer(ctx, view, number, box, tiles) {
  const { header, arrays, theme } = view;
  const bytes = arrays[`layer${number}`];
  if (!bytes) return;
  const { maps } = header.layers[number];
  const [count, ...shape] = header.arrays[`layer${number}`][1];
  const { columns, pitch } = box.pitch ? box : fill(count, box.width, box.height, (maps ? 90 : 40) * view.layout.scale);
  const gap = pitch > 9 ? Math.min(3, pitch * 0.16) : pitch > 4 ? 1 : 0;
  if (maps) tiles.load(bytes, shape, "signed", theme);
  for (let k = 0; k < count; k++) {
    const [x, y] = [box.x + (k % columns) * pitch, box.y + Math.floor(k / columns) * pitch];
    const size = pitch - gap;
    if (maps) tiles.draw(ctx, k, x, y, size, size, Math.min(4, size * 0.15));
    else {
      ctx.fillStyle = signedColour(theme, bytes[k]);
      if (size > 6) {
        roundRect(ctx, x, y, size, size, Math.min(4, size * 0.25));
        ctx.fill();
      } else ctx.fillRect(x, y, size, size);
    }
  }
  view.targets.push({ ...box, height: Math.ceil(count / columns) * pitch, tip: `${header.layers[number].title}: what the layer makes of the picture on the pad. Blue is positive, orange negative, each layer by its own largest number.` });
}

/** Columns and pitch of squares for several layers above each other, as large as they fit. */
function sharedSquares(counts, width, height) {
  const fits = [4, 8, 16, 32].map((columns) => {
    const rows = counts.reduce((sum, count) => sum + Math.ceil(count / columns), 0);
    return { columns, pitch: Math.min(width / columns, height / rows) };
  });
  return fits.reduce((best, found) => (found.pitch > best.pitch ? found : best));
}
