/**
 * The stage of the labs: many runs at once. A progress bar, and panels side by side: a wall of boundaries, a heat map, curves
 * with bands, the best and the worst model, a histogram, a table.
 */

import { linearTicks, niceLimit, short, tickLabels } from "./axes.js";
import { Board } from "./board.js";
import { classColour, divergingTable, mix, rgb } from "./colours.js";
import { fontsFor, textWidth } from "./layout.js";
import { rim, text } from "./panels.js";
import { markerPath, roundRect } from "./shapes.js";

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const LINES = ["#2257d6", "#b8490f", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#999933", "#882255", "#7f7f7f", "#0072b2", "#d55e00"];
const HALF_MARGIN = 4; // as in frame.py
const lineColour = (k, theme) => (theme.dark ? mix(LINES[k % LINES.length], "#ffffff", 0.3) : LINES[k % LINES.length]);

export class LabStage extends Board {
  constructor(parent) {
    super(parent, "The runs of this lab and what came of them");
    this.strip = document.createElement("canvas");
    this.stripCtx = this.strip.getContext("2d", { willReadFrequently: true });
    this.canvas.addEventListener("pointermove", (event) => this.look(event));
    this.canvas.addEventListener("pointerleave", () => this.look(null));
    this.canvas.addEventListener("click", (event) => {
      const found = this.target(event);
      if (found?.act) this.act(found.act);
    });
    this.resize();
  }

  compose() {
    const { header, arrays } = this.frame;
    const { width, height, ratio, theme } = this;
    if (!width) return;
    const scale = clamp(Math.min(width / 1020, height / 600), 0.75, 1.6);
    const layout = { width, height, scale, fonts: fontsFor(scale, theme.font, header.projector), pad: Math.round(18 * scale) };
    this.layout = layout;
    this.view = { layout, header, arrays, theme, ratio, targets: this.view?.targets ?? [] };
    this.loadMaps();
  }

  paint() {
    const { ctx, view, ratio, width, height } = this;
    const { layout, header, theme } = view;
    const { pad, scale } = layout;
    view.targets = [];
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.fillStyle = theme.page;
    ctx.fillRect(0, 0, width, height);
    const bar = Math.round(7 * scale);
    roundRect(ctx, 0, 0, width, bar, bar / 2);
    ctx.fillStyle = mix(theme.page, theme.text, 0.1);
    ctx.fill();
    if (header.progress > 0) {
      roundRect(ctx, 0, 0, Math.max(bar, width * header.progress), bar, bar / 2);
      ctx.fillStyle = theme.accent;
      ctx.fill();
    }
    const top = bar + Math.round(8 * scale);
    roundRect(ctx, 0.5, top + 0.5, width - 1, height - top - 1, 12);
    ctx.fillStyle = theme.card;
    ctx.fill();
    ctx.strokeStyle = theme.line;
    ctx.lineWidth = 1;
    ctx.stroke();
    const box = { x: pad, y: top + pad, width: width - 2 * pad, height: height - top - 2 * pad };
    this.boxes = {};
    if (header.panels.includes("wall")) this.paintGrid(box);
    else if (header.panels.includes("models")) this.paintSeeds(box);
    else if (header.panels.includes("depth")) this.paintDepth(box);
    else if (header.panels.includes("surface")) this.paintSurface(box);
    else this.paintCompare(box);
    if (this.fresh) this.publish(header);
  }

  // --- the three pages ----------------------------------------------------------------------------------------------

  paintGrid(box) {
    const { ctx, view } = this;
    const { layout, theme, header } = view;
    const side = Math.round(Math.min(box.width * 0.27, 300 * layout.scale));
    const wall = { ...box, width: box.width - side - 2 * layout.pad };
    const right = { x: box.x + wall.width + 2 * layout.pad, y: box.y, width: side, height: box.height };
    ctx.fillStyle = theme.line;
    ctx.fillRect(right.x - layout.pad, box.y, 1, box.height);
    this.wall(wall);
    const heat = this.heat({ ...right, height: right.height * 0.48 });
    const y = heat + 26 * layout.scale;
    text(ctx, header.lines_title, right.x, y, layout.fonts.title, theme.text);
    const chart = { x: right.x, y: y + 14 * layout.scale, width: right.width, height: box.y + box.height - y - 14 * layout.scale };
    this.curves(chart);
  }

  paintSeeds(box) {
    const { ctx, view } = this;
    const { layout, theme, header } = view;
    const { fonts, scale } = layout;
    const half = box.width * 0.58;
    const upper = box.height * 0.56;
    text(ctx, header.lines_title, box.x, box.y + fonts.px.title * 0.3, fonts.title, theme.text);
    this.bands({ x: box.x, y: box.y + fonts.px.title * 1.4, width: half, height: upper - fonts.px.title * 1.4 }, "band", "epoch", "loss", false);
    const x = box.x + half + 30 * scale;
    text(ctx, header.converged, x, box.y + fonts.px.title * 0.3, fonts.title, theme.text);
    text(ctx, header.histogram_title, x, box.y + fonts.px.title * 2, fonts.label, theme.muted);
    this.histogram({ x, y: box.y + fonts.px.title * 3, width: box.x + box.width - x, height: upper - fonts.px.title * 3 });
    const lower = box.y + upper + 18 * scale;
    ctx.fillStyle = theme.line;
    ctx.fillRect(box.x, Math.round(lower - 10 * scale), box.width, 1);
    const count = header.models.length;
    const size = Math.min(box.y + box.height - lower - fonts.px.title * 1.8, (box.width - (count - 1) * 40 * scale) / count);
    const pitch = box.width / count;
    header.models.forEach((model, k) => {
      const left = box.x + k * pitch;
      text(ctx, model.title, left, lower + fonts.px.title * 0.4, fonts.title, theme.text);
      this.map(k, left, lower + fonts.px.title * 1.4, size);
      text(ctx, `seed ${model.seed}`, left + size + 10 * scale, lower + fonts.px.title * 1.4 + fonts.px.tick, fonts.tick, theme.muted);
    });
  }

  paintCompare(box) {
    const { ctx, view } = this;
    const { layout, theme, header } = view;
    const { fonts, scale } = layout;
    const gap = 34 * scale;
    const width = (box.width - gap) / 2;
    const rows = header.table.length;
    const tableHeight = Math.min(box.height * 0.45, rows * fonts.px.label * 1.9 + 10);
    const height = box.height - tableHeight - 24 * scale;
    ["lines_title", "lines2_title"].forEach((name, i) => {
      const x = box.x + i * (width + gap);
      text(ctx, header[name], x, box.y + fonts.px.title * 0.3, fonts.title, theme.text);
      const panel = { x, y: box.y + fonts.px.title * 1.5, width, height: height - fonts.px.title * 1.5 };
      this.bands(panel, i ? "score" : "band", header.x_label, i ? "" : "loss", i === 1 && header.percent);
    });
    this.table({ x: box.x, y: box.y + height + 20 * scale, width: box.width, height: tableHeight });
  }

  paintSurface(box) {
    const { ctx, view } = this;
    const { layout, theme, header, arrays } = view;
    const { fonts, scale } = layout;
    const { px } = fonts;
    text(ctx, header.surface_title, box.x, box.y + px.title * 0.3, fonts.title, theme.text);
    const left = box.x + px.tick * 3.6;
    const top = box.y + px.title * 1.5;
    const size = { width: Math.min(box.width * 0.56, (box.height - px.title * 4.5) * 1.25), height: box.height - px.title * 1.5 - px.tick * 3 };
    const right = left + size.width;
    const bottom = top + size.height;
    if (!header.ready) {
      rim(ctx, left + 0.5, top + 0.5, size.width - 1, size.height - 1, theme.line, 8);
      text(ctx, "press Run", (left + right) / 2, (top + bottom) / 2, fonts.label, theme.muted, "center");
    } else {
      const { x_range: [x0, x1], y_range: [y0, y1] } = header;
      const X = (v) => left + ((v - x0) / (x1 - x0)) * size.width;
      const Y = (v) => bottom - ((v - y0) / (y1 - y0)) * size.height;
      ctx.save();
      roundRect(ctx, left, top, size.width, size.height, 8);
      ctx.clip();
      ctx.imageSmoothingEnabled = true;
      ctx.drawImage(this.hills(), left, top, size.width, size.height);
      header.lines.forEach((line, k) => {
        const path = arrays[`path${k}`];
        const trace = () => {
          ctx.beginPath();
          for (let i = 0; i < path.length; i += 2) ctx.lineTo(X(path[i]), Y(path[i + 1]));
          ctx.stroke();
        };
        ctx.lineJoin = "round";
        ctx.strokeStyle = theme.card;
        ctx.lineWidth = 4.5 * scale;
        trace();
        ctx.strokeStyle = lineColour(line.colour, theme);
        ctx.lineWidth = 2.2 * scale;
        trace();
        for (const [i, r] of [[0, 3], [path.length - 2, 5.5]]) {
          ctx.beginPath();
          ctx.arc(X(path[i]), Y(path[i + 1]), r * scale, 0, 2 * Math.PI);
          ctx.fillStyle = i ? lineColour(line.colour, theme) : theme.text;
          ctx.fill();
          ctx.strokeStyle = theme.card;
          ctx.lineWidth = 1.5;
          ctx.stroke();
        }
      });
      ctx.restore();
      rim(ctx, left + 0.5, top + 0.5, size.width - 1, size.height - 1, theme.line, 8);
      const xTicks = linearTicks(x0, x1, 5);
      tickLabels(xTicks).forEach((label, i) => text(ctx, label, X(xTicks[i]), bottom + px.tick, fonts.tick, theme.muted, "center"));
      const yTicks = linearTicks(y0, y1, 5);
      tickLabels(yTicks).forEach((label, i) => text(ctx, label, left - 7 * scale, Y(yTicks[i]), fonts.tick, theme.muted, "right"));
      text(ctx, header.x_label, right, bottom + px.tick * 2.3, fonts.tick, theme.muted, "right");
      text(ctx, `${header.y_label} ↑`, right, box.y + px.title * 0.3, fonts.tick, theme.muted, "right");
      const ends = header.surface_ends;
      view.targets.push({ x: left, y: top, width: size.width, height: size.height, tip: `Loss from ${short(ends[0])} (dark) to ${short(ends[1])} (pale); lines of equal loss. A dot is where all begin, a disc where each has come to.` });
    }
    const chartX = right + 40 * scale;
    text(ctx, header.lines_title, chartX, box.y + px.title * 0.3, fonts.title, theme.text);
    const panel = { x: chartX, y: top, width: box.x + box.width - chartX, height: bottom - top + px.tick * 2.9 };
    this.bands(panel, "band", "updates", "loss", false);
  }

  /** The surface in bands of equal loss, dark where it is low. */
  hills() {
    const { header, arrays, theme } = this.view;
    const key = `${header.run}|${theme.key}`;
    if (this.hillsKey === key) return this.hill;
    this.hillsKey = key;
    this.hill ??= document.createElement("canvas");
    const side = header.surface_side;
    const fine = 6; // pixels of a cell: the lines between bands are smooth
    Object.assign(this.hill, { width: side * fine, height: side * fine });
    const ctx = this.hill.getContext("2d");
    const image = new ImageData(side * fine, side * fine);
    const pixels = new Uint32Array(image.data.buffer);
    const bands = 16;
    const [low, high] = theme.dark ? ["#7aa2ff", "#1b2028"] : ["#2f5fb3", "#f4f7fc"];
    const table = Array.from({ length: bands + 1 }, (_, b) => rgb(mix(low, high, (b / bands) ** 0.8)));
    const at = (r, c) => arrays.surface[Math.min(side - 1, r) * side + Math.min(side - 1, c)];
    const value = (i, j) => {
      const [y, x] = [Math.max(0, i / fine - 0.5), Math.max(0, j / fine - 0.5)];
      const [r, c] = [Math.floor(y), Math.floor(x)];
      const [v, u] = [y - r, x - c];
      return (at(r, c) * (1 - u) + at(r, c + 1) * u) * (1 - v) + (at(r + 1, c) * (1 - u) + at(r + 1, c + 1) * u) * v;
    };
    for (let i = 0; i < side * fine; i++)
      for (let j = 0; j < side * fine; j++) {
        const [red, green, blue] = table[Math.min(bands, Math.floor((value(i, j) / 255) * bands))];
        pixels[i * side * fine + j] = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
      }
    ctx.putImageData(image, 0, 0);
    return this.hill;
  }

  paintDepth(box) {
    const { ctx, view } = this;
    const { layout, theme, header } = view;
    const { fonts, scale } = layout;
    const { px } = fonts;
    const count = header.columns.length;
    const half = box.width * 0.55;
    const upper = box.height * 0.56;
    // What it reaches.
    text(ctx, header.score_title, box.x, box.y + px.title * 0.3, fonts.title, theme.text);
    const left = box.x + textWidth("100 %", fonts.tick) + 10 * scale;
    const [top, bottom, right] = [box.y + px.title * 1.6, box.y + upper - px.tick * 3, box.x + half];
    const lows = header.scores.filter(Boolean).map((score) => score[0]);
    const y0 = header.percent ? Math.max(0, Math.floor(10 * Math.min(0.9, ...lows)) / 10) : Math.min(0, ...lows);
    const Y = (v) => bottom - ((v - y0) / (1 - y0)) * (bottom - top);
    const X = (k) => left + ((k + 0.5) / count) * (right - left);
    [0, 0.25, 0.5, 0.75, 1].forEach((share) => {
      const tick = y0 + share * (1 - y0);
      ctx.fillStyle = theme.line;
      ctx.fillRect(left, Math.round(Y(tick)), right - left, 1);
      text(ctx, header.percent ? `${(100 * tick).toFixed(0)} %` : short(tick), left - 7 * scale, Y(tick), fonts.tick, theme.muted, "right");
    });
    ctx.beginPath();
    header.scores.forEach((score, k) => score && ctx.lineTo(X(k), Y(score[1])));
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = 1.6;
    ctx.stroke();
    header.scores.forEach((score, k) => {
      if (!score) return;
      ctx.beginPath();
      ctx.moveTo(X(k), Y(score[0]));
      ctx.lineTo(X(k), Y(score[2]));
      ctx.strokeStyle = mix(theme.card, theme.accent, 0.45);
      ctx.lineWidth = 7 * scale;
      ctx.stroke();
      ctx.beginPath();
      ctx.arc(X(k), Y(score[1]), 4.5 * scale, 0, 2 * Math.PI);
      ctx.fillStyle = theme.accent;
      ctx.fill();
    });
    const room = (right - left) / count;
    const names = header.columns.map((name, k) => (textWidth(name, fonts.tick) < room - 4 ? name : `${header.depths[k]} layers`));
    names.forEach((name, k) => text(ctx, textWidth(name, fonts.tick) < room - 2 ? name : String(header.depths[k]), X(k), bottom + px.tick, fonts.tick, theme.muted, "center"));
    text(ctx, header.across, right, bottom + px.tick * 2.3, fonts.tick, theme.muted, "right");
    // What it costs.
    const x = box.x + half + 34 * scale;
    text(ctx, "Parameters", x, box.y + px.title * 0.3, fonts.title, theme.text);
    const labels = Math.max(...header.columns.map((name) => textWidth(name, fonts.label))) + 10 * scale;
    const end = box.x + box.width - textWidth("10,000", fonts.label) - 8 * scale;
    const most = Math.max(header.budget, ...header.parameters) * 1.04;
    const pitch = Math.min((bottom - top) / count, px.label * 2.4);
    const from = x + Math.min(labels, 170 * scale);
    header.columns.forEach((name, k) => {
      const y = top + (k + 0.5) * pitch;
      const length = (header.parameters[k] / most) * (end - from);
      text(ctx, textWidth(name, fonts.label) > 165 * scale ? `${name.slice(0, 20)}…` : name, x, y, fonts.label, theme.text);
      roundRect(ctx, from, y - pitch * 0.28, Math.max(2, length), pitch * 0.56, 3);
      ctx.fillStyle = mix(theme.card, theme.accent, 0.6);
      ctx.fill();
      text(ctx, header.parameters[k].toLocaleString("en"), from + length + 6 * scale, y, fonts.label, theme.muted);
    });
    if (header.budget) {
      const at = Math.round(from + (header.budget / most) * (end - from)) + 0.5;
      ctx.setLineDash([5, 4]);
      ctx.strokeStyle = theme.test;
      ctx.lineWidth = 1.4;
      ctx.beginPath();
      ctx.moveTo(at, top - 4);
      ctx.lineTo(at, top + count * pitch + 4);
      ctx.stroke();
      ctx.setLineDash([]);
      text(ctx, `budget ${header.budget.toLocaleString("en")}`, at, top + count * pitch + px.tick * 1.2, fonts.tickOn, theme.test, "center");
    }
    // What it draws.
    const lower = box.y + upper + 16 * scale;
    ctx.fillStyle = theme.line;
    ctx.fillRect(box.x, Math.round(lower - 8 * scale), box.width, 1);
    text(ctx, "What the median run of each draws", box.x, lower + px.title * 0.5, fonts.title, theme.text);
    const mapTop = lower + px.title * 1.5;
    const step = box.width / count;
    const size = Math.min(step - 12 * scale, box.y + box.height - mapTop - px.tick * 1.6);
    for (let k = 0; k < count; k++) {
      const mapX = box.x + k * step;
      this.map(k, mapX, mapTop, size);
      const words = `${names[k]}  ${header.texts[k]}`;
      text(ctx, textWidth(words, fonts.tick) < step ? words : header.texts[k], mapX, mapTop + size + px.tick, fonts.tick, theme.text);
      view.targets.push({ x: mapX, y: mapTop, width: size, height: size, tip: `${header.columns[k]}: ${header.parameters[k].toLocaleString("en")} parameters, ${header.texts[k] || "not begun"}`, act: { kind: "cell", row: 0, column: k }, kind: "cell", number: k });
    }
  }

  // --- panels -------------------------------------------------------------------------------------------------------

  wall(box) {
    const { ctx, view } = this;
    const { layout, theme, header, arrays } = view;
    const { fonts, scale } = layout;
    const [rows, columns] = [header.rows.length, header.columns.length];
    const labels = Math.max(0, ...header.rows.map((name) => textWidth(name, fonts.labelOn)), header.down ? textWidth(header.down, fonts.tickOn) : 0);
    const left = box.x + labels + 12 * scale;
    const head = fonts.px.label * (header.across ? 2.9 : 0.5);
    const pitchX = (box.x + box.width - left) / columns;
    const pitchY = (box.height - head) / rows;
    const size = Math.floor(Math.min(pitchX * 0.62, pitchY - fonts.px.tick * 1.9, 190 * scale));
    const spark = Math.max(0, Math.min(pitchX - size - 16 * scale, size * 1.1));
    if (header.across) text(ctx, header.across, left, box.y + fonts.px.label * 0.5, fonts.labelOn, theme.text);
    if (header.down) text(ctx, header.down, left - 12 * scale, box.y + head - fonts.px.label * 0.8, fonts.tickOn, theme.muted, "right");
    header.columns.forEach((name, c) => text(ctx, name, left + c * pitchX + size / 2, box.y + head - fonts.px.label * 0.8, fonts.labelOn, theme.text, "center"));
    const n = arrays.curve_x.length;
    for (let k = 0; k < rows * columns; k++) {
      const [r, c] = [Math.floor(k / columns), k % columns];
      const [x, y] = [Math.round(left + c * pitchX), Math.round(box.y + head + r * pitchY)];
      if (c === 0) text(ctx, header.rows[r], left - 12 * scale, y + size / 2, fonts.labelOn, theme.text, "right");
      this.map(k, x, y, size, header.lost[k] ? 0.45 : 1);
      if (header.chosen === k) {
        roundRect(ctx, x - 3, y - 3, size + 6, size + 6, 8);
        ctx.strokeStyle = theme.accent;
        ctx.lineWidth = 2.5;
        ctx.stroke();
      }
      const words = header.texts[k];
      text(ctx, words, x + size / 2, y + size + fonts.px.tick * 0.95, header.chosen === k ? fonts.tickOn : fonts.tick, header.lost[k] ? theme.test : theme.text, "center");
      if (spark > 12 && n > 1) this.spark(arrays.curves.subarray(k * n, (k + 1) * n), x + size + 7 * scale, y + size * 0.2, spark, size * 0.6, header.lost[k]);
      const name = [header.down && `${header.down} ${header.rows[r]}`, header.across && `${header.across} ${header.columns[c]}`].filter(Boolean).join(", ");
      view.targets.push({ x, y, width: size + spark, height: size, tip: `${name}: ${words || "not begun"}. Click to see its curve.`, act: { kind: "cell", row: r, column: c }, kind: "cell", number: k });
    }
  }

  spark(values, x, y, width, height, lost) {
    const { ctx, view } = this;
    const known = [...values].filter(Number.isFinite);
    const end = values.findLastIndex(Number.isFinite);
    if (known.length < 2) return;
    const top = Math.min(Math.max(...known), 4 * known[0] + 0.1);
    ctx.beginPath();
    values.forEach((v, i) => {
      if (Number.isFinite(v)) ctx.lineTo(x + (i / end) * width, y + height * (1 - Math.min(v, top) / top));
    });
    ctx.strokeStyle = lost ? view.theme.test : view.theme.accent;
    ctx.lineWidth = 1.2;
    ctx.lineJoin = "round";
    ctx.stroke();
  }

  /** Returns where it ends. */
  heat(box) {
    const { ctx, view } = this;
    const { layout, theme, header } = view;
    const { fonts, scale } = layout;
    const [rows, columns] = [header.rows.length, header.columns.length];
    text(ctx, header.heat_title, box.x, box.y + fonts.px.title * 0.3, fonts.title, theme.text);
    const labels = Math.max(...header.rows.map((name) => textWidth(name, fonts.tick))) + 8 * scale;
    const top = box.y + fonts.px.title * 1.3 + fonts.px.tick * 1.5;
    const pitch = Math.min((box.width - labels) / columns, (box.y + box.height - top) / rows, 44 * scale);
    const known = header.heat.filter((v) => v !== null);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const full = theme.dark ? "#6f96ff" : "#2b4aa8";
    header.columns.forEach((name, c) => {
      const at = box.x + labels + (c + 0.45) * pitch;
      text(ctx, textWidth(name, fonts.tick) > pitch ? name.slice(0, 4) : name, at, top - fonts.px.tick * 0.9, fonts.tick, theme.muted, "center");
    });
    header.rows.forEach((name, r) => text(ctx, name, box.x + labels - 7 * scale, top + (r + 0.45) * pitch, fonts.tick, theme.muted, "right"));
    header.heat.forEach((value, k) => {
      const [x, y] = [box.x + labels + (k % columns) * pitch, top + Math.floor(k / columns) * pitch];
      const size = pitch - 3;
      roundRect(ctx, x, y, size, size, 4);
      const share = value === null ? 0 : high > low ? (value - low) / (high - low) : 1;
      const colour = value === null ? theme.card : mix(mix(theme.card, full, 0.06), full, share);
      ctx.fillStyle = colour;
      ctx.fill();
      if (value === null) rim(ctx, x + 0.5, y + 0.5, size - 1, size - 1, theme.line, 4);
      const words = value === null ? (header.lost[k] ? "×" : "") : (100 * value).toFixed(0);
      const [red, green, blue] = rgb(colour);
      const ink = value === null ? theme.test : red * 0.3 + green * 0.59 + blue * 0.11 > 140 ? "#1a2230" : "#ffffff";
      text(ctx, words, x + size / 2, y + size / 2 + 0.5, size < 24 ? `600 ${Math.max(9, size * 0.45)}px ${theme.font}` : fonts.tickOn, ink, "center");
      view.targets.push({ x, y, width: size, height: size, tip: header.texts[k] || "not begun", act: { kind: "cell", row: Math.floor(k / columns), column: k % columns } });
    });
    return top + rows * pitch;
  }

  /** The test loss of all cells in grey, that of the chosen one in colour. */
  curves(box) {
    const { view } = this;
    const { header, arrays, theme } = view;
    const cells = header.texts.length;
    const n = arrays.curve_x.length;
    const column = header.chosen === null ? null : header.chosen % header.columns.length;
    const series = [];
    for (let k = 0; k < cells; k++) {
      if (k === header.chosen || (!header.lost[k] && (k % header.columns.length === column || cells <= 12))) {
        const chosen = k === header.chosen;
        series.push({ x: arrays.curve_x, mid: arrays.curves.subarray(k * n, (k + 1) * n), colour: chosen ? theme.accent : mix(theme.card, theme.text, 0.3), width: chosen ? 2 : 1, front: chosen });
      }
    }
    series.sort((a, b) => a.front - b.front);
    this.chart(box, series, { xLabel: "epoch", yLabel: column === null ? "test loss" : "test loss; grey: the others of its column" });
  }

  bands(box, prefix, xLabel, yLabel, percent) {
    const { view } = this;
    const { header, arrays, theme } = view;
    const series = header.lines.map((line, k) => ({
      name: line.name,
      x: arrays[`${prefix}${k}_x`],
      mid: arrays[`${prefix}${k}_mid`],
      low: arrays[`${prefix}${k}_low`],
      high: arrays[`${prefix}${k}_high`],
      colour: lineColour(line.colour, theme),
      width: 2,
    }));
    this.chart(box, series, { xLabel, yLabel, percent, legend: true });
  }

  chart(box, series, { xLabel, yLabel, percent = false, legend = false }) {
    const { ctx, view } = this;
    const { layout, theme } = view;
    const { fonts, scale } = layout;
    const { px } = fonts;
    const drawn = series.filter((s) => s.x?.length && s.mid?.length);
    const lowest = percent ? Math.min(0.5, ...drawn.flatMap((s) => [...(s.low ?? s.mid)].filter(Number.isFinite).slice(2))) : 0;
    let y0 = percent ? Math.max(0, Math.floor(lowest * 10) / 10) : 0;
    let y1 = 1;
    if (!percent) {
      const tops = drawn.map((s) => {
        const known = [...(s.high ?? s.mid)].filter(Number.isFinite).sort((a, b) => a - b);
        return known.length ? Math.min(known.at(-1), Math.max(4 * known[0], 3 * known[known.length >> 1])) : 0;
      });
      const lows = drawn.flatMap((s) => [...(s.low ?? s.mid)].filter(Number.isFinite));
      y0 = Math.min(0, ...lows) < 0 ? -niceLimit(-Math.min(...lows)) : 0;
      y1 = niceLimit(Math.max(1e-6, ...tops));
    }
    const x1 = Math.max(1e-9, ...drawn.map((s) => s.x.at(-1)));
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => y0 + share * (y1 - y0));
    const labels = percent ? ticks.map((t) => `${(100 * t).toFixed(0)} %`) : tickLabels(ticks);
    const left = box.x + Math.max(...labels.map((t) => textWidth(t, fonts.tick))) + 9 * scale;
    const [right, top, bottom] = [box.x + box.width - 4, box.y + px.tick * (yLabel || legend ? 1.5 : 0.6), box.y + box.height - px.tick * 2.9];
    const X = (v) => left + (v / x1) * (right - left);
    const Y = (v) => bottom - ((v - y0) / (y1 - y0)) * (bottom - top);
    ctx.lineWidth = 1;
    ticks.forEach((tick, i) => {
      ctx.strokeStyle = theme.line;
      ctx.beginPath();
      ctx.moveTo(left, Math.round(Y(tick)) + 0.5);
      ctx.lineTo(right, Math.round(Y(tick)) + 0.5);
      ctx.stroke();
      text(ctx, labels[i], left - 7 * scale, Y(tick), fonts.tick, theme.muted, "right");
    });
    const xTicks = linearTicks(0, x1, Math.max(2, Math.floor((right - left) / (px.tick * 6))));
    tickLabels(xTicks).forEach((label, i) => text(ctx, label, X(xTicks[i]), bottom + px.tick, fonts.tick, theme.muted, "center"));
    text(ctx, xLabel, right, bottom + px.tick * 2.25, fonts.tick, theme.muted, "right");
    if (yLabel) text(ctx, yLabel, left, box.y + px.tick * 0.3, fonts.tick, theme.muted);
    ctx.save();
    ctx.beginPath();
    ctx.rect(left - 1, top - 2, right - left + 3, bottom - top + 4);
    ctx.clip();
    for (const s of drawn) {
      if (!s.low) continue;
      ctx.beginPath();
      s.x.forEach((v, i) => Number.isFinite(s.high[i]) && ctx.lineTo(X(v), Y(s.high[i])));
      for (let i = s.x.length - 1; i >= 0; i--) if (Number.isFinite(s.low[i])) ctx.lineTo(X(s.x[i]), Y(s.low[i]));
      ctx.fillStyle = s.colour;
      ctx.globalAlpha = 0.16;
      ctx.fill();
      ctx.globalAlpha = 1;
    }
    for (const s of drawn) {
      ctx.beginPath();
      s.x.forEach((v, i) => Number.isFinite(s.mid[i]) && ctx.lineTo(X(v), Y(s.mid[i])));
      ctx.strokeStyle = s.colour;
      ctx.lineWidth = s.width;
      ctx.lineJoin = "round";
      ctx.stroke();
    }
    ctx.restore();
    if (!drawn.length) text(ctx, "press Run", (left + right) / 2, (top + bottom) / 2, fonts.label, theme.muted, "center");
    if (legend) {
      let x = right;
      for (const s of [...series].reverse()) {
        text(ctx, s.name, x, box.y + px.tick * 0.3, fonts.labelOn, s.colour, "right");
        x -= textWidth(s.name, fonts.labelOn) + 16 * scale;
      }
    }
    view.targets.push({ x: left, y: top, width: right - left, height: bottom - top, chart: { series: drawn, X, left, right, x1, percent, xLabel } });
  }

  histogram(box) {
    const { ctx, view } = this;
    const { layout, theme, header, arrays } = view;
    const { px } = layout.fonts;
    const bins = arrays.histogram;
    const most = Math.max(1, ...bins);
    const bottom = box.y + box.height - px.tick * 2.9;
    const pitch = box.width / bins.length;
    bins.forEach((count, i) => {
      const height = (count / most) * (bottom - box.y);
      ctx.fillStyle = mix(theme.card, theme.accent, 0.75);
      ctx.fillRect(box.x + i * pitch, bottom - height, pitch - 2, height);
      if (count) view.targets.push({ x: box.x + i * pitch, y: box.y, width: pitch, height: bottom - box.y, tip: `${count} runs` });
    });
    ctx.fillStyle = theme.line;
    ctx.fillRect(box.x, Math.round(bottom), box.width, 1);
    const [low, high] = header.histogram_ends;
    const print = (v) => (header.percent ? `${Number((100 * v).toFixed(1))} %` : short(v));
    [low, (low + high) / 2, high].forEach((v, i) => text(ctx, print(v), box.x + (i * box.width) / 2, bottom + px.tick, layout.fonts.tick, theme.muted, ["left", "center", "right"][i]));
    text(ctx, "number of runs upwards", box.x + box.width, bottom + px.tick * 2.25, layout.fonts.tick, theme.muted, "right");
  }

  table(box) {
    const { ctx, view } = this;
    const { layout, theme, header } = view;
    const { fonts } = layout;
    const [titles, ...rows] = header.table;
    const pitch = Math.min(box.height / header.table.length, fonts.px.label * 2);
    const width = box.width / titles.length;
    header.table.forEach((row, r) =>
      row.forEach((words, c) => {
        const colour = r === 0 ? theme.muted : c === 0 ? lineColour(header.lines[r - 1].colour, theme) : theme.text;
        text(ctx, words, box.x + c * width, box.y + (r + 0.5) * pitch, r === 0 || c === 0 ? fonts.labelOn : fonts.label, colour);
      })
    );
    ctx.fillStyle = theme.line;
    for (let r = 1; r <= rows.length; r++) ctx.fillRect(box.x, Math.round(box.y + r * pitch), box.width, 1);
  }

  // --- maps ---------------------------------------------------------------------------------------------------------

  /** All maps of the frame in one strip of pixels. */
  loadMaps() {
    const { header, arrays, theme } = this.view;
    const { side } = header;
    if (!side) return;
    const classes = arrays.map_class;
    const all = classes ?? arrays.map_value;
    const count = all.length / (side * side);
    if (this.strip.width !== side * count || this.strip.height !== side) Object.assign(this.strip, { width: side * count, height: side });
    const image = new ImageData(side * count, side);
    const pixels = new Uint32Array(image.data.buffer);
    const diverging = divergingTable(theme.middle);
    const tables = classes && Array.from({ length: 10 }, (_, k) => confidenceTable(header.palette, k, theme));
    for (let k = 0, at = 0; k < count; k++)
      for (let r = 0; r < side; r++)
        for (let c = 0, to = r * side * count + k * side; c < side; c++, at++)
          pixels[to + c] = classes ? tables[classes[at] % 10][arrays.map_margin[at]] : diverging[arrays.map_value[at]];
    this.stripCtx.putImageData(image, 0, 0);
  }

  map(k, x, y, size, alpha = 1) {
    const { ctx, view, strip } = this;
    const { header, arrays, theme, layout } = view;
    const { side } = header;
    ctx.save();
    roundRect(ctx, x, y, size, size, Math.min(7, size * 0.1));
    ctx.clip();
    ctx.globalAlpha = alpha;
    ctx.imageSmoothingEnabled = true;
    ctx.drawImage(strip, k * side, 0, side, side, x, y, size, size);
    const r = Math.max(1.1, Math.min(4.5 * layout.scale, size / 55));
    for (let i = 0; i < arrays.points_class.length; i++) {
      ctx.beginPath();
      markerPath(ctx, arrays.points_class[i], x + arrays.points_xy[2 * i] * size, y + arrays.points_xy[2 * i + 1] * size, r);
      ctx.fillStyle = mix(classColour(header.palette, arrays.points_class[i]), theme.dark ? "#ffffff" : "#000000", theme.dark ? 0.35 : 0.3);
      ctx.fill();
    }
    ctx.restore();
    rim(ctx, x + 0.5, y + 0.5, size - 1, size - 1, theme.line, Math.min(7, size * 0.1));
  }

  // --- pointer ------------------------------------------------------------------------------------------------------

  target(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    this.at = { x, y };
    return this.view?.targets.findLast((t) => x >= t.x && x <= t.x + t.width && y >= t.y && y <= t.y + t.height);
  }

  look(event) {
    const found = event && this.target(event);
    this.canvas.style.cursor = found?.act ? "pointer" : found?.chart ? "crosshair" : "default";
    let words = found?.tip ?? "";
    if (found?.chart) words = readOut(found.chart, this.at.x);
    this.tip.hidden = !words;
    if (!words) return;
    this.tip.textContent = words;
    const { x, y } = this.at;
    const left = x + 14 + this.tip.offsetWidth > this.root.clientWidth ? x - this.tip.offsetWidth - 10 : x + 14;
    this.tip.style.transform = `translate(${Math.max(0, Math.round(left))}px, ${Math.round(y + 16)}px)`;
  }

  describe(header) {
    const said = header.readings.map((reading) => `${reading.label} ${reading.value}`).join("; ");
    const cells = header.texts ? `Cells, row by row: ${header.texts.map((t) => t || "not begun").join(", ")}.` : (header.converged ?? "");
    const table = header.table ? header.table.map((row) => row.join(" ")).join("; ") : "";
    return `${said}. ${cells} ${table} The lab is ${header.state}.`;
  }

  /** Client coordinates of a cell, for tests: ("cell", number). */
  where(kind, number) {
    const box = this.canvas.getBoundingClientRect();
    const found = this.view.targets.find((t) => t.kind === kind && t.number === number);
    return found && { x: box.left + found.x + found.width / 3, y: box.top + found.y + found.height / 2 };
  }
}

/** What stands under the pointer of a chart, line by line. */
function readOut({ series, left, right, x1, percent, xLabel }, x) {
  const at = ((x - left) / (right - left)) * x1;
  const lines = [];
  let shown = null;
  for (const s of series) {
    if (s.front === false) continue;
    let k = 0;
    while (k < s.x.length - 1 && Math.abs(s.x[k + 1] - at) <= Math.abs(s.x[k] - at)) k++;
    shown ??= `${xLabel} ${Number(s.x[k].toPrecision(4))}`;
    const v = s.mid[k];
    lines.push(`${s.name ?? "test loss"} ${percent ? `${(100 * v).toFixed(1)} %` : short(v)}`);
  }
  return shown ? [shown, ...lines].join("\n") : "";
}

const tables = new Map();

/** Pixels of a class for the 256 bytes of a margin: pale at the boundary, full where the network is sure. */
function confidenceTable(paletteName, k, theme) {
  const key = `${theme.key}|${paletteName}|${k}`;
  if (!tables.has(key)) {
    const colour = classColour(paletteName, k);
    tables.set(
      key,
      Uint32Array.from({ length: 256 }, (_, i) => {
        const root = (i / 255) ** 2;
        const margin = root >= 1 ? 1e6 : (HALF_MARGIN * root) / (1 - root);
        const [r, g, b] = rgb(mix(theme.pale, colour, theme.mapLow + (theme.mapHigh - theme.mapLow) * Math.tanh(margin / 2)));
        return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
      })
    );
  }
  return tables.get(key);
}
