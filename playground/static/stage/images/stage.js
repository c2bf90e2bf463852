/**
 * The stage of the picture pages: a row of panels, the tabs, and the view that is chosen below.
 */

import { Board } from "../base/board.js";
import { chartScale, paintChartAxes, paintChartLines, paintChartTexts, paintReadout, saysPressPlay } from "../base/chart.js";
import { paintCard } from "../base/shapes.js";
import { Tiles } from "../base/tiles.js";
import { layOutPictures } from "./layout.js";
import { LOWER } from "./lower.js";
import { Pad } from "./pad.js";
import { paintAnswer, paintConfusion, paintPad, paintSurest, paintUnits } from "./panels.js";

export class PictureStage extends Board {
  constructor(parent) {
    super(parent, "The picture on the pad, the network's answer, and how its training goes");
    this.sets = new Map();
    this.tilesOf = (name) => {
      if (!this.sets.has(name)) this.sets.set(name, new Tiles());
      return this.sets.get(name);
    };
    this.pad = new Pad(this.parts, { view: () => this.view, act: (what) => this.act(what), repaint: () => this.schedule() });
    this.resize();
  }

  compose() {
    const { header, arrays } = this.frame;
    const { width, height, ratio, theme } = this;
    if (!width) return;
    const { classes, projector, shape } = header;
    const key = [theme.key, this.fontsLoaded, width, height, ratio, JSON.stringify([classes, projector, shape])].join("|");
    if (key !== this.layoutKey) {
      this.layoutKey = key;
      this.layout = layOutPictures(width, height, header, theme);
    }
    // What can be clicked stays where it is until the new picture is painted.
    this.view = { layout: this.layout, header, arrays, theme, ratio, targets: this.view?.targets ?? [] };
    if (header.view === "overview") this.view.scales = [0, 1].map((i) => chartScale(this.view, i));
    this.pad.refresh(this.view);
  }

  paint() {
    const { ctx, view, ratio, width, height, tilesOf } = this;
    const { layout, header, theme } = view;
    view.targets = [];
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintCard(ctx, theme, width, height);
    paintPad(ctx, view, tilesOf("pad"), this.pad.strokes);
    paintUnits(ctx, view, tilesOf);
    paintAnswer(ctx, view);
    paintConfusion(ctx, view);
    paintSurest(ctx, view, tilesOf("surest"));
    ctx.fillStyle = theme.line;
    const left = layout.pad + this.pad.tabs.offsetWidth;
    ctx.fillRect(left, layout.separator, width - layout.pad - left, 1);
    LOWER[header.view](ctx, view, tilesOf);
    if (view.scales) this.paintCurves();
    this.pad.hint();
    if (this.fresh) this.publish(header);
  }

  paintCurves() {
    const { ctx, view } = this;
    view.scales.forEach((scale, i) => {
      paintChartAxes(ctx, view, scale);
      paintChartLines(ctx, view, i, scale, 0, Infinity);
      paintChartTexts(ctx, view, i, scale);
      view.targets.push({ x: scale.left, y: scale.top - 4, width: scale.right - scale.left, height: scale.bottom - scale.top + 16, chart: i });
      view.targets.push({ x: scale.left - 40, y: scale.titleY - 9, width: 130, height: 18, tip: view.header.curves[i].help });
      const { hover } = this.pad;
      if (hover?.found?.chart === i && !saysPressPlay(view)) paintReadout(ctx, view, i, scale, scale.invert(hover.x));
    });
  }

  describe(header) {
    const { pad, classes, curves, test } = header;
    const { answer } = this.view.arrays;
    const best = answer.reduce((at, v, k) => (v > answer[at] ? k : at), 0);
    const lines = curves.map((c) => `${c.title}: ${c.train}, ${c.validation}, ${c.test}`).join("; ");
    const on = pad.drawing ? (pad.empty ? "an empty pad" : "a drawing") : `test picture ${pad.index}, ${classes[pad.truth]}`;
    const said = pad.empty ? "" : `, which the network takes for ${classes[best]}, ${(100 * answer[best]).toFixed(1)} % sure`;
    return (
      `On the pad lies ${on}${said}. ${test.wrong} of ${test.measured} test pictures are answered wrong. ${lines}. ` +
      `The run is ${header.state}, epoch ${Number(header.epoch.toFixed(2))}, step ${header.step}. ${header.message}`
    );
  }

  /** Client coordinates to click on, for tests: ("clear"), ("next"), ("previous"), ("all"), ("mistake", number), ("pad", x, y). */
  where(kind, ...which) {
    const box = this.canvas.getBoundingClientRect();
    if (kind === "pad") {
      const { padBox } = this.view.layout;
      return { x: box.left + padBox.x + which[0] * padBox.size, y: box.top + padBox.y + which[1] * padBox.size };
    }
    const found = this.view.targets.find((t) => t.kind === kind && (which[0] === undefined || t.number === which[0]));
    return found && { x: box.left + found.x + found.width / 2, y: box.top + found.y + found.height / 2 };
  }
}
