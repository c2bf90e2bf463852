/**
 * The stage of the labs: many runs at once. A progress bar, and below it the page of the lab's form.
 */

import { Board } from "../base/board.js";
import { mix } from "../base/colours.js";
import { keeping, paintCard, roundRect } from "../base/shapes.js";
import { placeOn, Pointer } from "../base/targets.js";
import { clamp, fontsFor } from "../base/text.js";
import { paintBars } from "./bars.js";
import { paintCompare } from "./compare.js";
import { paintDepth } from "./depth.js";
import { paintGrid } from "./grid.js";
import { paintSeeds } from "./seeds.js";
import { paintSurface } from "./surface.js";

/**
 * What paints a page, by the panel that no other page has.
 * @type {Object<string, import("../panels/registry.js").Painter>}
 */
const PAGES = { wall: paintGrid, models: paintSeeds, table: paintCompare, bars: paintBars, depth: paintDepth, surface: paintSurface };

export class LabStage extends Board {
  constructor(parent) {
    super(parent, "The runs of this lab and what came of them");
    this.kept = keeping();
    this.pointer = new Pointer(this.parts, { targets: () => this.view?.targets ?? [], click: ({ act }) => act && this.act(act) });
    this.resize();
  }

  compose() {
    const { header, arrays } = this.frame;
    const { width, height, ratio, theme } = this;
    if (!width) return;
    const scale = clamp(Math.min(width / 1020, height / 600), 0.75, 1.6);
    const layout = { width, height, scale, fonts: fontsFor(scale, theme.font, header.projector), pad: Math.round(18 * scale) };
    // What can be clicked stays where it is until the new picture is painted.
    this.view = { layout, header, arrays, theme, ratio, targets: this.view?.targets ?? [] };
  }

  paint() {
    const { ctx, view, ratio, width, height } = this;
    const { layout, header, theme } = view;
    const { pad, scale } = layout;
    view.targets = [];
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const bar = Math.round(7 * scale);
    const top = bar + Math.round(8 * scale);
    paintCard(ctx, theme, width, height, top);
    this.paintProgress(bar);
    const box = { x: pad, y: top + pad, width: width - 2 * pad, height: height - top - 2 * pad };
    PAGES[header.panels.find((panel) => panel in PAGES)](ctx, view, box, this.kept);
    this.pointer.look();
    if (this.fresh) this.publish(header);
  }

  paintProgress(bar) {
    const { ctx, width } = this;
    const { header, theme } = this.view;
    roundRect(ctx, 0, 0, width, bar, bar / 2);
    ctx.fillStyle = mix(theme.page, theme.text, 0.1);
    ctx.fill();
    if (!(header.progress > 0)) return;
    roundRect(ctx, 0, 0, Math.max(bar, width * header.progress), bar, bar / 2);
    ctx.fillStyle = theme.accent;
    ctx.fill();
  }

  describe(header) {
    const said = header.readings.map((reading) => `${reading.label} ${reading.value}`).join("; ");
    const cells = header.texts ? `Cells, row by row: ${header.texts.map((t) => t || "not begun").join(", ")}.` : (header.converged ?? "");
    const bars = header.bars ? header.bars.map((bar) => `${bar.name} ${bar.text || "not begun"}`).join(", ") : "";
    const table = header.table ? header.table.map((row) => row.join(" ")).join("; ") : "";
    return `${said}. ${cells} ${bars} ${table} The lab is ${header.state}.`;
  }

  /** Client coordinates of a cell, for tests: ("cell", number). */
  where(kind, number) {
    const found = this.view.targets.find((t) => t.kind === kind && t.number === number);
    return found && placeOn(this.canvas, found, 1 / 3);
  }
}
