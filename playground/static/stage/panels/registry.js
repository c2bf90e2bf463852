/**
 * The panels, by name: those in the upper row of a picture page, and those that its tabs open (`header.view`).
 *
 * A panel is one file and its line here. Its function paints into a box of the canvas, and adds to `view.targets` what can
 * be pointed at or clicked. `kept("name", Kind)` is the panel's own `new Kind()`, the same with every picture.
 */

import { paintAnswer } from "./answer.js";
import { paintClasses } from "./classes.js";
import { paintComponents } from "./components.js";
import { paintConfusion } from "./confusion.js";
import { paintEmbedding } from "./embedding.js";
import { paintMaps } from "./maps.js";
import { paintMistakes } from "./mistakes.js";
import { paintMonitor } from "./monitor.js";
import { paintOverview } from "./overview.js";
import { paintPad } from "./pad.js";
import { paintSurest } from "./surest.js";
import { paintUnits } from "./units.js";

/**
 * @typedef {import("../base/board.js").View} View
 * @typedef {{x: number, y: number, width: number, height: number} & Object<string, any>} Box
 * @typedef {(name: string, Kind: any) => any} Kept
 * @typedef {(ctx: CanvasRenderingContext2D, view: View, box: Box, kept: Kept) => void} Painter
 */

/** @type {Object<string, Painter>} */
export const PANELS = {
  pad: paintPad,
  units: paintUnits,
  answer: paintAnswer,
  confusion: paintConfusion,
  surest: paintSurest,
  overview: paintOverview,
  maps: paintMaps,
  mistakes: paintMistakes,
  classes: paintClasses,
  embedding: paintEmbedding,
  histograms: paintMonitor,
  bands: paintMonitor,
  components: paintComponents,
};
