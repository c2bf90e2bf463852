/**
 * The page of lanes: their losses and their scores side by side, and a table of what came of each.
 */

import { fitted, text } from "../base/text.js";
import { lineColour, paintLanes, paintTitle } from "./charts.js";

/** @type {import("../panels/registry.js").Painter} */
export function paintCompare(ctx, view, box) {
  const { layout, header } = view;
  const { fonts, scale } = layout;
  const gap = 34 * scale;
  const width = (box.width - gap) / 2;
  const tableHeight = Math.min(box.height * 0.45, header.table.length * fonts.px.label * 1.9 + 10);
  const height = box.height - tableHeight - 24 * scale;
  const head = fonts.px.title * 1.5;
  const charts = [
    [header.lines_title, "band", { yLabel: "loss" }],
    [header.lines2_title, "score", { percent: header.percent }],
  ];
  charts.forEach(([title, prefix, labels], i) => {
    const x = box.x + i * (width + gap);
    paintTitle(ctx, view, title, x, box.y, width);
    paintLanes(ctx, view, { x, y: box.y + head, width, height: height - head }, prefix, { xLabel: header.x_label, ...labels });
  });
  paintTable(ctx, view, { x: box.x, y: box.y + height + 20 * scale, width: box.width, height: tableHeight });
}

/** The first row holds the titles, the first column the names in the colours of their lines. */
function paintTable(ctx, { layout, theme, header }, box) {
  const { fonts } = layout;
  const { table, lines } = header;
  const pitch = Math.min(box.height / table.length, fonts.px.label * 2);
  const width = box.width / table[0].length;
  table.forEach((row, r) =>
    row.forEach((words, c) => {
      const colour = r === 0 ? theme.muted : c === 0 ? lineColour(lines[r - 1].colour, theme) : theme.text;
      const font = r === 0 || c === 0 ? fonts.labelOn : fonts.label;
      text(ctx, fitted(words, width - 8, font), box.x + c * width, box.y + (r + 0.5) * pitch, font, colour);
    })
  );
  ctx.fillStyle = theme.line;
  for (let r = 1; r < table.length; r++) ctx.fillRect(box.x, Math.round(box.y + r * pitch), box.width, 1);
}
