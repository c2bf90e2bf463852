/**
 * The page of many seeds: the band of their losses, where they end as a histogram, the best, the median and the worst run.
 */

import { short } from "../base/axes.js";
import { mix } from "../base/colours.js";
import { fitted, text, textWidth } from "../base/text.js";
import { paintLanes, paintTitle } from "./charts.js";
import { Maps } from "./maps.js";

/** @type {import("../panels/registry.js").Painter} */
export function paintSeeds(ctx, view, box, kept) {
  const maps = kept("maps", Maps).load(view);
  const { layout, theme, header } = view;
  const { fonts, scale } = layout;
  const { px } = fonts;
  const half = box.width * 0.58;
  const upper = box.height * 0.56;
  paintTitle(ctx, view, header.lines_title, box.x, box.y, half);
  paintLanes(ctx, view, { x: box.x, y: box.y + px.title * 1.4, width: half, height: upper - px.title * 1.4 }, "band", { xLabel: "epoch", yLabel: "loss" });
  const x = box.x + half + 30 * scale;
  paintTitle(ctx, view, header.converged, x, box.y, box.x + box.width - x);
  text(ctx, header.histogram_title, x, box.y + px.title * 2, fonts.label, theme.muted);
  paintHistogram(ctx, view, { x, y: box.y + px.title * 3, width: box.x + box.width - x, height: upper - px.title * 3 });
  const lower = box.y + upper + 18 * scale;
  ctx.fillStyle = theme.line;
  ctx.fillRect(box.x, Math.round(lower - 10 * scale), box.width, 1);
  const count = header.models.length;
  const top = lower + px.title * 1.4;
  const size = Math.min(box.y + box.height - lower - px.title * 1.8, (box.width - (count - 1) * 40 * scale) / count);
  header.models.forEach((model, k) => {
    const left = box.x + k * (box.width / count);
    text(ctx, fitted(model.title, box.width / count - 10, fonts.title), left, lower + px.title * 0.4, fonts.title, theme.text);
    maps.draw(ctx, view, k, left, top, size);
    text(ctx, `seed ${model.seed}`, left + size + 10 * scale, top + px.tick, fonts.tick, theme.muted);
  });
}

function paintHistogram(ctx, view, box) {
  const { layout, theme, header, arrays } = view;
  const { fonts } = layout;
  const { px } = fonts;
  const bins = arrays.histogram;
  const most = Math.max(1, ...bins);
  const bottom = box.y + box.height - px.tick * 2.9;
  const names = textWidth(String(most), fonts.tick) + 9;
  [0, most].forEach((v) => text(ctx, String(v), box.x + names - 7, v ? box.y : bottom, fonts.tick, theme.muted, "right"));
  box = { ...box, x: box.x + names, width: box.width - names };
  const pitch = box.width / bins.length;
  bins.forEach((count, i) => {
    const height = (count / most) * (bottom - box.y);
    ctx.fillStyle = mix(theme.card, theme.accent, 0.75);
    ctx.fillRect(box.x + i * pitch, bottom - height, pitch - 2, height);
    if (count) view.targets.push({ x: box.x + i * pitch, y: box.y, width: pitch, height: bottom - box.y, tip: `${count} ${count === 1 ? "run" : "runs"}` });
  });
  ctx.fillStyle = theme.line;
  ctx.fillRect(box.x, Math.round(bottom), box.width, 1);
  const [low, high] = header.histogram_ends;
  const print = (v) => (header.percent ? `${Number((100 * v).toFixed(1))} %` : short(v));
  [low, (low + high) / 2, high].forEach((v, i) => text(ctx, print(v), box.x + (i * box.width) / 2, bottom + px.tick, fonts.tick, theme.muted, ["left", "center", "right"][i]));
  text(ctx, "number of runs upwards", box.x + box.width, bottom + px.tick * 2.25, fonts.tick, theme.muted, "right");
}
