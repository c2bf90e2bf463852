/**
 * The row of panels above: what is on the pad, what the layers make of it, the answer, the confusion matrix, the surest
 * mistakes. Each adds what can be pointed at or clicked to `view.targets`.
 */

import { NEGATIVE, POSITIVE, mix } from "../base/colours.js";
import { rim, roundRect } from "../base/shapes.js";
import { fitted, text, textWidth } from "../base/text.js";
import { fill, signedColour } from "../base/tiles.js";
import { brief } from "./layout.js";

/** A word that can be clicked, right-aligned; `kind` names it for tests. */
function link(ctx, view, words, right, y, act, tip, kind) {
  const { fonts } = view.layout;
  const font = words.length > 3 ? fonts.labelOn : `600 ${fonts.px.title * 1.5}px ${view.theme.font}`; // an arrow
  text(ctx, words, right, y, font, view.theme.accent, "right");
  const width = textWidth(words, font);
  view.targets.push({ x: right - width - 3, y: y - fonts.px.label, width: width + 6, height: 2 * fonts.px.label, act, tip, kind });
}

/** The pad: the drawing as it was made, or the test picture; and what the network sees of it. */
export function paintPad(ctx, view, tiles, strokes) {
  const { layout, header, theme, arrays } = view;
  const { padBox: box, headerY, fonts } = layout;
  const { pad, shape, classes } = header;
  text(ctx, pad.drawing || (pad.can_draw && strokes.length) ? "Draw a digit" : "Test picture", box.x, headerY, fonts.title, theme.text);
  const right = box.x + box.size;
  if (pad.drawing) link(ctx, view, "clear", right, headerY, { kind: "clear" }, "Empties the pad.", "clear");
  else {
    const to = (by) => ({ kind: "picture", index: (pad.index + by + pad.count) % pad.count });
    link(ctx, view, " › ", right + 4, headerY, to(1), "The next test picture.", "next");
    link(ctx, view, " ‹ ", right - 20 * layout.scale, headerY, to(-1), "The test picture before.", "previous");
  }
  roundRect(ctx, box.x, box.y, box.size, box.size, 8);
  ctx.fillStyle = theme.card;
  ctx.fill();
  tiles.load(arrays.pad, shape, "ink", theme);
  const raw = pad.drawing && strokes.length > 0;
  if (raw) {
    paintStrokes(ctx, box, strokes, theme);
    const side = Math.round(box.size * 0.27);
    tiles.draw(ctx, 0, right - side - 6, box.y + box.size - side - 6, side, side, 4);
    rim(ctx, right - side - 6, box.y + box.size - side - 6, side, side, theme.line, 4);
  } else if (!pad.empty) tiles.draw(ctx, 0, box.x, box.y, box.size, box.size, 8);
  if (pad.empty && !strokes.length) text(ctx, "draw here", box.x + box.size / 2, box.y + box.size / 2, fonts.label, theme.muted, "center");
  rim(ctx, box.x, box.y, box.size, box.size, theme.line, 8);
  const size = `${shape[0]} × ${shape[1]}`;
  let words = `as the network sees it, ${size}`;
  if (raw) words = `small: as the network sees it, ${size}`;
  else if (pad.truth !== null) words = `no. ${pad.index.toLocaleString("en")}: ${classes[pad.truth]}${pad.changed ? ", changed" : pad.can_draw ? "; draw over it" : ""}`;
  text(ctx, words, box.x, box.y + box.size + fonts.px.tick * 1.1, fonts.tick, theme.muted);
  view.padTip = words;
}

function paintStrokes(ctx, box, strokes, theme) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.x, box.y, box.size, box.size);
  ctx.clip();
  ctx.strokeStyle = theme.text;
  ctx.lineWidth = box.size * 0.075;
  ctx.lineCap = ctx.lineJoin = "round";
  for (const stroke of strokes) {
    ctx.beginPath();
    stroke.forEach(([x, y], i) => ctx[i ? "lineTo" : "moveTo"](box.x + x * box.size, box.y + y * box.size));
    if (stroke.length === 1) ctx.lineTo(box.x + stroke[0][0] * box.size + 0.1, box.y + stroke[0][1] * box.size);
    ctx.stroke();
  }
  ctx.restore();
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

export function paintUnits(ctx, view, tilesOf) {
  const { layout, header, theme } = view;
  const { units: box, headerY, fonts } = layout;
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
    paintLayer(ctx, view, number, { x: box.x, y, width: box.width, height: room, ...shared }, tilesOf(`beside${i}`));
    y += room + gap;
  });
}

/** Columns and pitch of squares for several layers above each other, as large as they fit. */
function sharedSquares(counts, width, height) {
  const fits = [4, 8, 16, 32].map((columns) => {
    const rows = counts.reduce((sum, count) => sum + Math.ceil(count / columns), 0);
    return { columns, pitch: Math.min(width / columns, height / rows) };
  });
  return fits.reduce((best, found) => (found.pitch > best.pitch ? found : best));
}

/** The probabilities of all classes. */
export function paintAnswer(ctx, view) {
  const { layout, header, theme, arrays } = view;
  const { answer: box, headerY, fonts } = layout;
  const { classes, pad } = header;
  text(ctx, "Answer", box.x, headerY, fonts.title, theme.text);
  const chances = arrays.answer;
  const winner = chances.reduce((best, v, k) => (v > chances[best] ? k : best), 0);
  const pitch = Math.min((box.height - 4) / classes.length, fonts.px.label * 2.2);
  const percent = textWidth("100.0 %", fonts.labelOn);
  const left = box.x + box.names + 8 * layout.scale;
  const width = box.x + box.width - percent - 8 * layout.scale - left;
  const bar = Math.min(9 * layout.scale, pitch * 0.55);
  classes.forEach((name, k) => {
    const y = box.y + pitch * (k + 0.5);
    const won = k === winner && !pad.empty;
    const font = won ? fonts.labelOn : fonts.label;
    text(ctx, textWidth(name, font) > box.names + 2 ? brief(name) : name, box.x, y, font, won ? theme.text : theme.muted);
    roundRect(ctx, left, y - bar / 2, width, bar, bar / 2);
    ctx.fillStyle = mix(theme.card, theme.text, 0.12);
    ctx.fill();
    const share = pad.empty ? 0 : chances[k];
    if (share > 0.0005) {
      roundRect(ctx, left, y - bar / 2, Math.max(bar * 0.3, width * share), bar, bar / 2);
      ctx.fillStyle = won ? theme.accent : mix(theme.card, theme.accent, 0.4);
      ctx.fill();
    }
    text(ctx, pad.empty ? "–" : `${(100 * chances[k]).toFixed(1)} %`, box.x + box.width, y, font, won ? theme.text : theme.muted, "right");
  });
  view.targets.push({ ...box, tip: "The probabilities that the network gives to each class, as it is at this moment of training." });
}

/** Rows: the true classes; columns: the answers. */
export function paintConfusion(ctx, view) {
  const { layout, header, theme, arrays } = view;
  const { confusion: box, headerY, fonts } = layout;
  const { classes, test } = header;
  const n = classes.length;
  const counts = arrays.confusion;
  text(ctx, fitted("Confusion, test set", box.width + 22 * layout.scale, fonts.title), box.x, headerY, fonts.title, theme.text);
  const pitch = Math.floor(Math.min((box.width - box.labels) / n, (box.height - fonts.px.tick * 2.6) / n));
  const left = box.x + box.labels;
  const gap = Math.max(1, Math.round(pitch * 0.09));
  const sums = classes.map((_, r) => counts.subarray(r * n, (r + 1) * n).reduce((a, b) => a + b, 0));
  let most = 1;
  for (let i = 0; i < n * n; i++) if (i % (n + 1)) most = Math.max(most, counts[i]);
  const digits = String(most).length;
  const px = Math.min(fonts.px.tick, pitch * 0.56, (1.6 * (pitch - 2)) / digits);
  const font = !header.projector || px >= 18 ? `600 ${px}px ${theme.font}` : null; // nothing is smaller on a projector
  const middle = mix(theme.card, theme.text, 0.04);
  for (let r = 0; r < n; r++)
    for (let c = 0; c < n; c++) {
      const count = counts[r * n + c];
      const [x, y] = [left + c * pitch, box.y + r * pitch];
      const share = r === c ? count / Math.max(1, sums[r]) : count / most;
      roundRect(ctx, x, y, pitch - gap, pitch - gap, Math.min(4, pitch * 0.2));
      ctx.fillStyle = mix(middle, r === c ? POSITIVE : NEGATIVE, (r === c ? 0.75 : 0.85) * share ** 0.8);
      ctx.fill();
      if (font && r !== c && count > 0 && count >= most * 0.45) text(ctx, String(count), x + (pitch - gap) / 2, y + (pitch - gap) / 2 + 0.5, font, share > 0.6 && !theme.dark ? "#1a1205" : theme.text, "center");
      const words = r === c ? `${classes[r]}: ${count} of ${sums[r]} answered right.` : `${count} of ${sums[r]} "${classes[r]}" were answered "${classes[c]}".`;
      view.targets.push({ x, y, width: pitch, height: pitch, tip: words });
    }
  const widest = Math.max(...classes.map((name) => textWidth(brief(name), fonts.tick)));
  const tight = widest > pitch - 2;
  const small = tight && !header.projector ? `${Math.max(8, (fonts.px.tick * (pitch - 2)) / widest)}px ${theme.font}` : fonts.tick;
  classes.forEach((name, k) => {
    text(ctx, brief(name), left - 6 * layout.scale, box.y + (k + 0.5) * pitch - gap / 2, small, theme.muted, "right");
    if (tight && header.projector) return; // the columns have the order of the rows
    text(ctx, brief(name), left + (k + 0.5) * pitch - gap / 2, box.y + n * pitch + fonts.px.tick * 0.65, small, theme.muted, "center");
  });
  const foot = box.y + n * pitch + fonts.px.tick * 1.85;
  const room = box.labels + n * pitch;
  const words = [`↓ true · answered →  (${test.measured.toLocaleString("en")})`, "↓ true · answered →", "answered →"];
  const fits = words.find((one) => textWidth(one, fonts.tick) <= room);
  if (fits) text(ctx, fits, left + n * pitch - gap, foot, fonts.tick, theme.muted, "right");
}

/** One picture with what it is and what was answered. */
export function paintCase(ctx, view, tiles, k, found, x, y, size, below) {
  const { theme, layout, header } = view;
  const { fonts } = layout;
  tiles.draw(ctx, k, x, y, size, size, 5);
  rim(ctx, x, y, size, size, theme.line);
  const [truth, answer] = [header.classes[found.truth], header.classes[found.answer]].map(brief);
  text(ctx, `${truth} → ${answer}`, x + size / 2, y + size + below, fonts.tickOn, theme.text, "center");
  const tip = `Test picture ${found.index.toLocaleString("en")}: a "${header.classes[found.truth]}" that is answered "${header.classes[found.answer]}", ${found.sure} sure. Click to lay it on the pad.`;
  view.targets.push({ x, y, width: size, height: size + 2 * below, tip, act: { kind: "picture", index: found.index }, kind: "mistake", number: k });
}

export function paintSurest(ctx, view, tiles) {
  const { layout, header, theme, arrays } = view;
  const { surest: box, headerY, fonts } = layout;
  const { test, shape } = header;
  text(ctx, fitted("Surest mistakes", box.width, fonts.title), box.x, headerY, fonts.title, theme.text);
  tiles.load(arrays.surest, shape, "ink", theme);
  const below = fonts.px.tick * 0.95;
  const foot = fonts.px.tick * 3.4;
  const rows = 2;
  const pitchY = (box.height - foot) / rows;
  const size = Math.floor(Math.min(pitchY - 2.2 * below, (box.width - 3 * 6) / 4, 64 * layout.scale));
  const widest = Math.max(...header.classes.map((name) => textWidth(brief(name), fonts.tickOn)));
  const label = 2 * widest + textWidth(" → ", fonts.tickOn) + 8 * layout.scale; // words need more room than digits
  const columns = Math.max(2, Math.min(4, Math.floor((box.width + 8) / Math.max(size + 4, label))));
  const aside = Math.max(0, (label - size) / 2 - 4 * layout.scale);
  const pitchX = Math.min(Math.max(size + 14 * layout.scale, label), (box.width - size - 2 * aside) / (columns - 1));
  const left = box.x + aside;
  test.surest.slice(0, rows * columns).forEach((found, k) => {
    const [x, y] = [left + (k % columns) * pitchX, box.y + Math.floor(k / columns) * pitchY];
    paintCase(ctx, view, tiles, k, found, Math.round(x), Math.round(y), size, below);
  });
  const y = box.y + box.height - foot + fonts.px.tick * 0.7;
  if (!test.surest.length) text(ctx, "none so far", box.x, box.y + 20, fonts.label, theme.muted);
  else text(ctx, "true → answered", box.x, y, fonts.tick, theme.muted);
  if (test.wrong > test.surest.length) {
    const words = `show all ${test.wrong.toLocaleString("en")}`;
    text(ctx, words, box.x, y + fonts.px.label * 1.6, fonts.labelOn, theme.accent);
    view.targets.push({ x: box.x, y: y + fonts.px.label * 0.6, width: textWidth(words, fonts.labelOn), height: 2 * fonts.px.label, act: { kind: "view", view: "mistakes" }, tip: "Opens the gallery below.", kind: "all" });
  }
}
