/**
 * Layout: where everything stands, in CSS pixels from the stage's upper left corner.
 *
 * A pure function of the size, the theme's font and the header; nothing is painted here. At 1020 x 565 the scale is 1:
 * units of 34 px, labels of 11 to 13 px. On larger screens all grows, text more slowly than pictures.
 */

import { barTicks, tickLabels } from "../base/axes.js";
import { shownUnits } from "../base/frame.js";
import { clamp, fontsFor, textWidth } from "../base/text.js";

/**
 * @param {number} width of the stage
 * @param {number} height of the stage
 * @param {object} header of the frame
 * @param {object} theme of theme.js
 * @returns {object} the layout: fonts, pad, features, columns, output, charts, legend, buttons, key
 */
export function layOut(width, height, header, theme) {
  const scale = clamp(Math.min(width / 1020, height / 565), 0.75, 1.6);
  const fonts = fontsFor(scale, theme.font, header.projector);
  const { px } = fonts;
  const pad = Math.round(22 * scale);
  const chartsHeight = Math.round(Math.max(height * 0.28, px.title * 1.9 + px.tick * 3.4 + 66));
  const separator = height - chartsHeight;
  const base = { width, height, scale, fonts, pad, separator, headerY: Math.round(pad + px.title * 0.2) };
  const output = placeOutput(base, header);
  const network = placeNetwork(base, header, output);
  const charts = placeCharts(base, output);
  return { ...base, output, ...network, charts };
}

/** What stands beside the ticks of the vertical axis: numbers, or the names of the classes in their lanes. */
export const yLabels = (plane) => (plane.y_texts.length ? plane.y_texts : tickLabels(plane.y_ticks));

function placeOutput({ width, scale, fonts, pad, separator, headerY }, header) {
  const { px } = fonts;
  const top = Math.round(headerY + px.title * 1.75);
  // Long axis labels get a line of their own: below the ticks, and upright left of them.
  const long = (label) => textWidth(label, fonts.tickOn) > 44 * scale;
  const [longX, longY] = [long(header.plane.x_label), long(header.plane.y_label)];
  const footer = px.tick * (longX ? 2.25 : 1) + 20 * scale;
  const values = header.task === "surface" ? ["\u22120.00", ...tickLabels(barTicks(header.value_range))] : [];
  const bar = values.length ? Math.round(30 * scale + Math.max(...values.map((t) => textWidth(t, fonts.tick)))) : 0;
  const size = Math.round(clamp(separator - top - footer, 120, width * 0.42 - bar));
  const x = Math.round(width - pad * 1.3 - bar - size);
  const labels = yLabels(header.plane);
  const tickWidth = Math.max(longY ? 0 : textWidth(header.plane.y_label, fonts.tickOn), ...labels.map((t) => textWidth(t, fonts.tick)));
  return { x, y: top, size, bar, longX, longY, left: x - tickWidth - 9 * scale - (longY ? px.tick * 1.3 : 0) };
}

function placeNetwork({ scale, fonts, pad, separator, headerY }, header, output) {
  const { px } = fonts;
  const unit = 2 * Math.round(17 * scale); // even, as all sizes of units: edges then fall on whole pixels
  const labelWidth = Math.max(...header.features.map((f) => textWidth(f.label, fonts.labelOn)), 10);
  const featureX = Math.round(Math.max(pad * 0.6 + labelWidth + 9 * scale, pad + 10)) + unit / 2;
  const end = header.task === "classes" ? 15 * scale : unit / 2 + 6 * scale; // half of what stands in the last column, and air
  const markerX = Math.round(output.left - end);
  const count = header.columns.length;
  const step = (markerX - featureX) / count;
  const widest = Math.max(0, ...header.columns.slice(0, -1).map((c) => textWidth(c.title, fonts.title)));
  const roomy = Math.round(Math.max(19 * scale, px.title * 1.25));
  const oneLine = widest + 2 * roomy + 14 * scale < step - 6;
  const button = Math.min(roomy, step / 2 - 1.5);
  const arcs = header.columns.some((c) => c.kind === "sum");
  const top = Math.round(oneLine ? headerY + (arcs ? 38 : 32) * scale : headerY + button + px.title + (arcs ? 20 : 12) * scale);
  const legendY = Math.round(separator - Math.max(16 * scale, px.tick * 1.1));
  const bottom = Math.round(legendY - Math.max(12 * scale, px.tick * 0.95));

  const place = (n, reserved, thumb) => {
    const area = bottom - reserved - top;
    const pitch = Math.min(area / Math.max(1, n), 2.6 * unit);
    const gap = pitch > 24 ? 4.5 * scale : Math.max(1.5, pitch * 0.14);
    const size = 2 * Math.floor(clamp(pitch - gap, 4, Math.min(unit, thumb)) / 2);
    return { size, ys: Array.from({ length: n }, (_, i) => Math.round(top + area / 2 + (i - (n - 1) / 2) * pitch)) };
  };
  const features = { x: featureX, more: header.features_more, ...place(header.features.length, header.features_more ? px.tick * 1.5 : 0, unit) };
  const columns = header.columns.map((column, c) => {
    const more = column.units - shownUnits(column).length;
    const placed = place(shownUnits(column).length, more > 0 ? px.tick * 1.5 : 0, step * 0.52);
    const bare = column.kind === "output" && header.task === "classes";
    return { x: Math.round(featureX + (c + 1) * step), ...placed, more, bare, marker: 6.6 * scale };
  });
  return { unit, features, columns, top, bottom, step, button, oneLine, legendY, buttons: placeButtons() };

  function placeButtons() {
    const buttons = [];
    header.columns.forEach((column, c) => {
      if (column.layer === null || column.layer === undefined) return;
      const half = oneLine ? textWidth(column.title, fonts.title) / 2 + button / 2 + 6 * scale : Math.min(button * 0.62, (step - button) / 2);
      const y = oneLine ? headerY : headerY + px.title * 0.5 + button * 0.62;
      for (const by of [-1, 1]) {
        const off = by < 0 ? column.min : column.max;
        buttons.push({ kind: "units", layer: column.layer, by, off, round: true, x: columns[c].x + by * half, y, w: button, h: button });
      }
    });
    const w = Math.round(textWidth("+ layer", fonts.tickOn) + 16 * scale);
    const h = Math.round(px.tick * 1.75);
    const right = markerX + end - 3 * scale;
    buttons.push({ kind: "layer", by: 1, off: !header.can_add_layer, label: "+ layer", x: right - w / 2, y: legendY, w, h });
    buttons.push({ kind: "layer", by: -1, off: !header.can_remove_layer, label: "\u2212 layer", x: right - w * 1.5 - 6 * scale, y: legendY, w, h });
    return buttons;
  }
}

function placeCharts({ height, scale, fonts, pad, separator }, output) {
  const { px } = fonts;
  const right = output.x + output.size + output.bar;
  const titleY = Math.round(separator + px.title * 0.5 + 13 * scale);
  const top = Math.round(titleY + px.title * 0.5 + px.tick * 0.5 + 5 * scale);
  const bottom = Math.round(height - px.tick * 2.6 - 13 * scale);
  const gap = 32 * scale;
  const left = pad;
  const chartWidth = (right - left - gap) / 2;
  return [0, 1].map((i) => ({ left: left + i * (chartWidth + gap), right: left + i * (chartWidth + gap) + chartWidth, titleY, top, bottom }));
}

/** From plane coordinates to the stage and back. */
export function planeScale(output, plane) {
  const [x0, x1] = plane.x;
  const [y0, y1] = plane.y;
  return {
    x: (v) => output.x + ((v - x0) / (x1 - x0)) * output.size,
    y: (v) => output.y + ((y1 - v) / (y1 - y0)) * output.size,
    invert: (px, py) => [x0 + ((px - output.x) / output.size) * (x1 - x0), y1 - ((py - output.y) / output.size) * (y1 - y0)],
  };
}
