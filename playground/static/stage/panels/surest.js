/**
 * The test pictures that are answered wrong though the network is sure: a click lays one on the pad.
 */

import { rim } from "../base/shapes.js";
import { brief, fitted, text, textWidth } from "../base/text.js";
import { Tiles } from "../base/tiles.js";

/** @type {import("./registry.js").Painter} */
export function paintSurest(ctx, view, box, kept) {
  const { layout, header, theme, arrays } = view;
  const { headerY, fonts } = layout;
  const { test, shape } = header;
  text(ctx, fitted("Surest mistakes", box.width, fonts.title), box.x, headerY, fonts.title, theme.text);
  const tiles = kept("surest", Tiles).load(arrays.surest, shape, "ink", theme);
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

/** One picture with what it is and what was answered. */
export function paintCase(ctx, view, tiles, k, found, x, y, size, below, more = "") {
  const { theme, layout, header } = view;
  const { fonts } = layout;
  tiles.draw(ctx, k, x, y, size, size, 5);
  rim(ctx, x, y, size, size, theme.line);
  const [truth, answer] = [header.classes[found.truth], header.classes[found.answer]].map(brief);
  text(ctx, `${truth} → ${answer}`, x + size / 2, y + size + below, fonts.tickOn, theme.text, "center");
  const tip = `Test picture ${found.index.toLocaleString("en")}: a "${header.classes[found.truth]}" that is answered "${header.classes[found.answer]}", ${found.sure} sure. Click to lay it on the pad.${more}`;
  view.targets.push({ x, y, width: size, height: size + 2 * below, tip, act: { kind: "picture", index: found.index }, kind: "mistake", number: k });
}
