/**
 * The stage of the picture pages: a row of panels, the tabs, and the view that is chosen below.
 */

import { Board } from "../base/board.js";
import { keeping, paintCard } from "../base/shapes.js";
import { Tabs } from "../base/tabs.js";
import { placeOn, Pointer } from "../base/targets.js";
import { Pad } from "../panels/pad.js";
import { PANELS } from "../panels/registry.js";
import { layOutPictures } from "./layout.js";

const ROW = { pad: "padBox", units: "units", answer: "answer", confusion: "confusion", surest: "surest" }; // panel: its box

export class PictureStage extends Board {
  constructor(parent) {
    super(parent, "The picture on the pad, the network's answer, and how its training goes");
    this.kept = keeping();
    /** @type {any} */
    this.layout = null;
    this.tabs = new Tabs(this.canvas, (what) => this.act(what));
    this.pad = new Pad(this.parts, { view: () => this.view, act: (what) => this.act(what), repaint: () => this.schedule() });
    this.pointer = new Pointer(this.parts, {
      targets: () => this.view?.targets ?? [],
      click: ({ act }) => act && this.click(act),
      moved: () => this.schedule(),
    });
    this.resize();
  }

  click(act) {
    if (act.kind === "clear") return this.pad.clear();
    if (act.kind === "picture") this.pad.giveUp();
    return this.act(act);
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
    this.pad.refresh(this.view);
    this.tabs.show(header, this.layout);
  }

  paint() {
    const { ctx, view, ratio, width, height, kept } = this;
    const { layout, header, theme } = view;
    Object.assign(view, { targets: [], strokes: this.pad.strokes, pointer: this.pointer });
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintCard(ctx, theme, width, height);
    for (const [name, box] of Object.entries(ROW)) PANELS[name](ctx, view, layout[box], kept);
    ctx.fillStyle = theme.line;
    const left = layout.pad + this.tabs.root.offsetWidth;
    ctx.fillRect(left, layout.separator, width - layout.pad - left, 1);
    PANELS[header.view](ctx, view, layout.lower, kept);
    this.pointer.look();
    if (this.fresh) this.publish(header);
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
    if (kind === "pad") {
      const { x, y, size } = this.view.layout.padBox;
      return placeOn(this.canvas, { x: x + which[0] * size, y: y + which[1] * size });
    }
    const found = this.view.targets.find((t) => t.kind === kind && (which[0] === undefined || t.number === which[0]));
    return found && placeOn(this.canvas, found);
  }
}
