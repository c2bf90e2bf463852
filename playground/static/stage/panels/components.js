/**
 * Principal components of the training pictures, and how much they hold.
 */

import { linearTicks, tickLabels } from "../base/axes.js";
import { chartIn, paintLevels, paintLine, paintTicksBelow, paintTicksLeft } from "../base/chart.js";
import { text } from "../base/text.js";
import { fill, Tiles } from "../base/tiles.js";

/** @type {import("./registry.js").Painter} */
export function paintComponents(ctx, view, box, kept) {
  const { header, layout, theme, arrays } = view;
  const { fonts, scale } = layout;
  const y = box.y + fonts.px.title * 0.4;
  const half = box.width * 0.46;
  text(ctx, "Variance that the first components hold", box.x, y, fonts.title, theme.text);
  const top = y + fonts.px.title * 1.1;
  paintVariance(ctx, view, { x: box.x, y: top, width: half, height: box.y + box.height - top }, arrays.variance, header.components);
  const left = box.x + half + 34 * scale;
  const tiles = kept("faces", Tiles).load(arrays.faces, header.shape, "signed", theme);
  text(ctx, `The first ${tiles.count} components as pictures`, left, y, fonts.title, theme.text);
  const width = box.x + box.width - left;
  const { columns, pitch } = fill(tiles.count, width, box.y + box.height - top);
  const gap = Math.min(5, pitch * 0.1);
  for (let k = 0; k < tiles.count; k++) tiles.draw(ctx, k, left + (k % columns) * pitch, top + Math.floor(k / columns) * pitch, pitch - gap, pitch - gap, 3);
}

/** A line over equal steps with axes: the variance that so many components hold. */
function paintVariance(ctx, view, box, values, { enough, share, used }) {
  const { layout, theme } = view;
  const { fonts } = layout;
  const { px } = fonts;
  const left = box.x + px.tick * 4;
  const [right, top, bottom] = [box.x + box.width, box.y, box.y + box.height - px.tick * 2.8];
  const last = values.length - 1;
  const chart = chartIn({ left, right, top, bottom }, { x1: last, y0: 0, y1: 1 });
  const { x, y } = chart;
  const shares = [0, 0.25, 0.5, 0.75, 1];
  paintLevels(ctx, view, chart, shares);
  paintTicksLeft(ctx, view, chart, shares, shares.map((tick) => `${100 * tick} %`), { gap: 6 });
  const ticks = linearTicks(0, last, 6);
  paintTicksBelow(ctx, view, chart, ticks, tickLabels(ticks));
  text(ctx, "components", right, bottom + px.tick * 2.2, fonts.tick, theme.muted, "right");
  paintLine(ctx, chart, { x: values.map((_, n) => n), y: values, colour: theme.accent, width: 2, join: "miter" });
  const mark = (n, text, colour, dy) => {
    ctx.setLineDash([4, 3]);
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.2;
    ctx.beginPath();
    ctx.moveTo(x(n), bottom);
    ctx.lineTo(x(n), y(values[n]));
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.arc(x(n), y(values[n]), 4, 0, 2 * Math.PI);
    ctx.fillStyle = colour;
    ctx.fill();
    ctx.font = fonts.labelOn;
    const room = x(n) + 10 + ctx.measureText(text).width < right;
    ctx.textAlign = room ? "left" : "right";
    ctx.fillText(text, x(n) + (room ? 10 : -10), y(values[n]) + dy);
  };
  if (used) mark(used, `trains on ${used}: ${(100 * values[used]).toFixed(0)} %`, theme.text, px.label * 2.6);
  if (enough) mark(enough, `${enough} components hold ${Math.round(100 * share)} %`, theme.test, px.label * 1.3);
}
