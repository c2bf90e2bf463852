/**
 * The network: features, columns of units, biases, headers and buttons.
 *
 * `paintLabels` paints what seldom changes (it is kept in a layer), `paintNetwork` what moves with every frame.
 */

import { NEGATIVE, POSITIVE, classColour, diverging } from "../base/colours.js";
import { shownUnits } from "../base/frame.js";
import { markerPath, roundRect } from "../base/shapes.js";
import { paintLink, paintLinks } from "./links.js";

/** Titles, feature names, buttons, the legend, "+44 more", arcs of the skips. */
export function paintLabels(ctx, { layout, header, theme }) {
  const { fonts, pad, headerY, features, columns } = layout;
  ctx.textBaseline = "middle";
  ctx.font = fonts.title;
  ctx.fillStyle = theme.text;
  ctx.textAlign = "left";
  ctx.fillText("Features", pad, headerY);
  ctx.textAlign = "right";
  const { ys } = features;
  const every = ys.length > 1 ? Math.ceil(fonts.px.label / (ys[1] - ys[0])) : 1; // names of many inputs would cover each other
  header.features.forEach((feature, i) => {
    if (i % every) return;
    ctx.font = feature.on ? fonts.labelOn : fonts.label;
    ctx.fillStyle = feature.on ? theme.text : theme.muted;
    ctx.fillText(feature.label, features.x - features.size / 2 - 8 * layout.scale, ys[i]);
  });
  ctx.textAlign = "center";
  paintMore(ctx, layout, features, theme);
  header.columns.forEach((column, c) => {
    const { x } = columns[c];
    if (column.kind !== "output") {
      ctx.font = fonts.title;
      ctx.fillStyle = theme.text;
      ctx.fillText(fitTitle(ctx, column.title, layout.oneLine ? 999 : layout.step - 6), x, headerY);
    }
    paintMore(ctx, layout, columns[c], theme);
    if (column.kind === "sum") paintSkip(ctx, layout, column, c, theme);
  });
  layout.buttons.forEach((button) => paintButton(ctx, layout, theme, button, false));
  paintLegend(ctx, layout, theme);
}

/** "+44 more" beneath a column that has no room for all of its units, or the features. */
function paintMore(ctx, { fonts, bottom }, { x, more }, theme) {
  if (!(more > 0)) return;
  ctx.font = fonts.tick;
  ctx.fillStyle = theme.muted;
  ctx.fillText(`+${more} more`, x, bottom - fonts.px.tick * 0.4);
}

/** The longest beginning of a title that fits: "8 tanh", "8". */
function fitTitle(ctx, title, room) {
  const words = title.split(" ");
  while (words.length > 1 && ctx.measureText(words.join(" ")).width > room) words.pop();
  return words.join(" ");
}

/** A dashed arc from the column that x comes from to the sum, over the units between them. */
function paintSkip(ctx, layout, column, c, theme) {
  const from = column.skip < 0 ? layout.features : layout.columns[column.skip];
  const to = layout.columns[c];
  const start = { x: from.x + from.size * 0.4, y: Math.min(...from.ys) - from.size / 2 - 4 };
  const end = { x: to.x, y: Math.min(...to.ys) - to.size / 2 - 4 };
  const top = layout.top - 9 * layout.scale;
  ctx.save();
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = 1.4;
  ctx.setLineDash([5, 4]);
  ctx.beginPath();
  ctx.moveTo(start.x, start.y);
  ctx.bezierCurveTo(start.x + 6, top, start.x + 14, top, start.x + 26, top);
  ctx.lineTo(end.x - 26, top);
  ctx.bezierCurveTo(end.x - 10, top, end.x, top + 2, end.x, end.y - 6);
  ctx.stroke();
  ctx.setLineDash([]);
  const r = 7 * Math.max(0.9, layout.scale);
  ctx.fillStyle = theme.card;
  ctx.beginPath();
  ctx.arc(end.x, end.y - r + 2, r, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
  ctx.beginPath();
  ctx.moveTo(end.x - r * 0.5, end.y - r + 2);
  ctx.lineTo(end.x + r * 0.5, end.y - r + 2);
  ctx.moveTo(end.x, end.y - r * 1.5 + 2);
  ctx.lineTo(end.x, end.y - r * 0.5 + 2);
  ctx.strokeStyle = theme.text;
  ctx.stroke();
  ctx.restore();
}

export function paintButton(ctx, layout, theme, button, hover) {
  const { x, y, w, h, off, label } = button;
  ctx.save();
  ctx.globalAlpha = off ? 0.4 : 1;
  roundRect(ctx, x - w / 2 + 0.5, y - h / 2 + 0.5, w - 1, h - 1, h / 2);
  ctx.fillStyle = theme.card;
  ctx.fill();
  ctx.lineWidth = hover && !off ? 1.6 : 1;
  ctx.strokeStyle = hover && !off ? theme.accent : theme.line;
  ctx.stroke();
  ctx.strokeStyle = ctx.fillStyle = hover && !off ? theme.accent : theme.muted;
  if (label) {
    ctx.font = layout.fonts.tickOn;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(label, x, y + 0.5);
  } else {
    const arm = h * 0.21;
    ctx.lineWidth = Math.max(1.4, h * 0.07);
    ctx.beginPath();
    ctx.moveTo(x - arm, y);
    ctx.lineTo(x + arm, y);
    if (button.by > 0) {
      ctx.moveTo(x, y - arm);
      ctx.lineTo(x, y + arm);
    }
    ctx.stroke();
  }
  ctx.restore();
}

function paintLegend(ctx, { fonts, pad, legendY, scale }, theme) {
  ctx.font = fonts.tick;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.muted;
  let x = pad;
  const write = (text, gap) => {
    ctx.fillText(text, x, legendY);
    x += ctx.measureText(text).width + gap;
  };
  write("Unit, weight", 12 * scale);
  write("\u22121", 5 * scale);
  const width = 90 * scale;
  const gradient = ctx.createLinearGradient(x, 0, x + width, 0);
  for (let i = 0; i <= 8; i++) gradient.addColorStop(i / 8, diverging(i / 4 - 1, theme.middle));
  ctx.fillStyle = gradient;
  roundRect(ctx, x, legendY - 4 * scale, width, 8 * scale, 4 * scale);
  ctx.fill();
  x += width + 5 * scale;
  ctx.fillStyle = theme.muted;
  write("1", 0);
}

/** Features that are off, and on: they change with the data alone. */
export function paintFeatures(ctx, { layout, header, theme, arrays, ratio }, thumbnails) {
  const { x, ys, size } = layout.features;
  if (!arrays.feature_thumbs) return;
  thumbnails.load([arrays.feature_thumbs], theme);
  header.features.forEach((feature, i) => {
    ctx.globalAlpha = feature.on ? 1 : 0.28;
    thumbnails.draw(ctx, i, x, ys[i], size);
    ctx.globalAlpha = 1;
    thumbnails.frame(ctx, x, ys[i], size, ratio, theme, feature.on ? "on" : "off");
  });
}

/** Links, units and biases, with what the pointer is on. `values` holds the arrays as they glide between two frames. */
export function paintNetwork(ctx, view, values, thumbnails, hover) {
  const { layout, header, theme, ratio } = view;
  const { columns } = layout;
  for (let c = 0; c < columns.length; c++) {
    const weights = values[`weights${c}`];
    if (weights) paintLinks(ctx, layout, header, c, weights, keeper(hover, c, view));
  }
  if (hover?.kind === "link") {
    const weight = values[`weights${hover.c}`][hover.i * columns[hover.c].ys.length + hover.j];
    paintLink(ctx, layout, header, hover.c, hover.i, hover.j, weight, theme);
  }
  thumbnails.load(columns.map((_, c) => values[`thumbs${c}`]).filter(Boolean), theme);
  let k = 0;
  columns.forEach((column, c) => {
    const { x, ys, size, bare } = column;
    if (bare) paintMarkers(ctx, view, column, shownUnits(header.columns[c]));
    if (values[`thumbs${c}`]) {
      ys.forEach((y, j) => {
        const under = hover?.kind === "unit" && hover.c === c && hover.j === j;
        thumbnails.draw(ctx, k++, x, y, size);
        thumbnails.frame(ctx, x, y, size, ratio, theme, under ? "hover" : "on");
      });
    }
    const bias = values[`bias${c}`];
    if (!bias) return;
    const corner = biasCorner(column);
    const r = biasRadius(layout, column);
    ys.forEach((y, j) => {
      const under = hover?.kind === "bias" && hover.c === c && hover.j === j;
      ctx.beginPath();
      ctx.arc(x - corner, y + corner, under ? r * 1.5 : r, 0, 2 * Math.PI);
      ctx.fillStyle = bias[j] < 0 ? NEGATIVE : POSITIVE;
      ctx.fill();
      ctx.lineWidth = 1.2;
      ctx.strokeStyle = under ? theme.text : theme.card;
      ctx.stroke();
    });
  });
  if (hover?.kind === "feature") thumbnails.frame(ctx, layout.features.x, layout.features.ys[hover.i], layout.features.size, ratio, theme, "hover");
  if (hover?.kind === "button") paintButton(ctx, layout, theme, hover.button, true);
}

/** How far the bias stands to the left of, and below, the middle of its unit. */
export const biasCorner = (column) => (column.bare ? column.marker * 1.05 : column.size / 2 - 1);

const biasRadius = (layout, column) => (column.bare ? 3.3 : Math.min(4.2, Math.max(2.4, column.size * 0.124))) * Math.max(1, layout.scale * 0.9);

function paintMarkers(ctx, { header, theme }, { x, ys, marker }, shown) {
  ys.forEach((y, j) => {
    ctx.beginPath();
    markerPath(ctx, shown[j], x, y, marker);
    ctx.fillStyle = classColour(header.palette, shown[j]);
    ctx.fill();
    ctx.lineWidth = 1;
    ctx.strokeStyle = theme.card;
    ctx.stroke();
  });
}

/** Which links stay clear while a unit or a feature is under the pointer. */
function keeper(hover, c, { header }) {
  if (hover?.kind === "unit") {
    if (c === hover.c) return (_, j) => j === hover.j;
    if (c === hover.c + 1) return (i) => i === hover.j;
    return () => false;
  }
  if (hover?.kind === "feature" && header.features[hover.i].on) {
    const index = header.features.slice(0, hover.i).filter((f) => f.on).length;
    return c === 0 ? (i) => i === index : () => false;
  }
  return null;
}
