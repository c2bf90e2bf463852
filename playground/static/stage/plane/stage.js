/**
 * The stage of the plane: the network, the map and the curves on one canvas.
 *
 * What seldom changes is kept in layers: labels, points, and the curves up to their newest ends.
 */

import { Board } from "../base/board.js";
import { chartScale, paintChartAxes, paintChartLines, paintChartReadout, paintChartTexts, saysPressPlay } from "../base/curves.js";
import { checksum } from "../base/frame.js";
import { blit, Layer, paintCard } from "../base/shapes.js";
import { placeOn } from "../base/targets.js";
import { Interaction } from "./interaction.js";
import { layOut } from "./layout.js";
import { Motion } from "./motion.js";
import { paintFeatures, paintLabels, paintNetwork } from "./network.js";
import { FieldPicture, paintFit, paintLarge, paintMap, paintMapFrame, paintOutputLabels, paintStroke } from "./output.js";
import { paintPoints } from "./points.js";
import { placeOf, targetsOf, titleOf } from "./targets.js";
import { Thumbnails } from "./thumbs.js";

export class Stage extends Board {
  constructor(parent) {
    super(parent, "The network, its output and its curves");
    this.layers = { base: new Layer(), points: new Layer(), axes: [new Layer(), new Layer()], curves: new Layer() };
    this.thumbnails = new Thumbnails();
    this.largeThumbnails = new Thumbnails();
    this.picture = new FieldPicture();
    this.motion = new Motion();
    this.interaction = new Interaction(this.parts, {
      view: () => this.view,
      act: (what) => this.act(what),
      repaint: () => this.schedule(),
    });
    this.resize();
  }

  aim(frame) {
    this.motion.aim(frame);
  }

  /** One paragraph that says what the picture shows. */
  describe(header) {
    const on = header.features.filter((f) => f.on).map((f) => f.label);
    const layers = header.columns.map((c) => (c.kind === "output" ? `${c.units} outputs` : c.title));
    const curves = header.curves.map((c) => `${c.title}: ${c.train}, ${c.test}`);
    return (
      `Network diagram with features ${on.join(", ")}; then ${layers.join(", ")}. ` +
      `Map of the output over ${header.plane.x_label} and ${header.plane.y_label}. ${curves.join("; ")}. ` +
      `The run is ${header.state}, epoch ${Number(header.epoch.toFixed(2))}, step ${header.step}. ${header.message}`
    );
  }

  /** Works out layout and keys for the newest frame. */
  compose() {
    const { header, arrays } = this.frame;
    const { width, height, ratio, theme } = this;
    if (!width) return;
    const { features, columns, plane, palette, task, classes, value_range: range, projector } = header;
    const still = JSON.stringify([features, columns, plane, palette, task, classes, range, projector, header.can_add_layer, header.can_remove_layer]);
    const key = `${theme.key}|${this.fontsLoaded}|${width}x${height}@${ratio}|${still}`;
    if (key !== this.layoutKey) {
      this.layoutKey = key;
      this.layout = layOut(width, height, header, theme);
    }
    const { layout } = this;
    /** @type {import("../base/board.js").View} */
    const view = { layout, header, arrays, theme, ratio, targets: [] };
    view.scales = layout.charts.map((box, i) => chartScale(view, box, i));
    view.baseKey = `${key}|${checksum(arrays.feature_thumbs)}`;
    view.pointsKey = `${key}|${["xy", "class", "value", "train"].map((n) => checksum(arrays[`points_${n}`])).join()}`;
    view.targets = targetsOf(view, () => this.motion.now.field);
    this.view = view;
    this.pictured = null;
    if (!this.fresh) return;
    this.interaction.refresh(header);
    this.interaction.pointer.look();
  }

  paint(share) {
    const { ctx, view, ratio, layers, thumbnails, interaction, motion } = this;
    const { layout, header, theme } = view;
    const { width, height } = this;
    const { values, field, line, curveEnd } = motion.at(share);
    const { hover } = interaction.pointer;

    const base = layers.base.get(`${view.baseKey}`, width, height, ratio, (layer) => {
      paintCard(layer, theme, width, height);
      layer.fillStyle = theme.line;
      layer.fillRect(layout.pad, layout.separator, layout.output.x + layout.output.size + layout.output.bar - layout.pad, 1);
      paintLabels(layer, view);
      paintOutputLabels(layer, view);
      paintFeatures(layer, view, thumbnails);
    });
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    blit(ctx, base, 0, 0, ratio);
    paintNetwork(ctx, view, values, thumbnails, hover);
    this.paintOutput(ctx, view, field, line, hover);
    this.paintCurves(ctx, view, curveEnd, hover);
    if (this.fresh) this.publish(header);
  }

  paintOutput(ctx, view, field, line, hover) {
    const { layers, picture, ratio } = this;
    const { layout, header, theme, arrays } = view;
    const large = hover?.kind === "unit" ? arrays[`thumbs${hover.c}`] : hover?.kind === "feature" ? arrays.feature_thumbs : null;
    if (large) {
      const index = hover.kind === "unit" ? hover.j : hover.i;
      this.largeThumbnails.load([large], theme);
      paintLarge(ctx, view, this.largeThumbnails, index);
    } else {
      if (field && this.pictured !== field) picture.load(field, view);
      this.pictured = field;
      paintMap(ctx, view, picture);
    }
    const { x, y, size } = layout.output;
    const points = layers.points.get(`${view.pointsKey}`, size, size, ratio, (layer) => {
      layer.translate(-x, -y);
      paintPoints(layer, view);
    });
    blit(ctx, points, x, y, ratio);
    if (line && !large) paintFit(ctx, view, line);
    paintStroke(ctx, view, this.interaction.stroke);
    paintMapFrame(ctx, view);
    ctx.font = layout.fonts.title;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.fillStyle = theme.text;
    ctx.fillText(large ? titleOf(header, hover) : "Output", x, layout.headerY);
  }

  paintCurves(ctx, view, end, hover) {
    const { layers, ratio, width, height } = this;
    const { layout, header, scales } = view;
    const { separator } = layout;
    const start = this.motion.curveStart;
    const kept = layers.curves.get(`${view.baseKey}|${header.id}`, width, height - separator, ratio, (layer) => {
      layer.translate(0, -separator);
      scales.forEach((scale, i) => {
        const empty = saysPressPlay(view);
        const axesKey = `${this.layoutKey}|${scale.key}|${empty}`;
        const axes = layers.axes[i].get(axesKey, width, height - separator, ratio, (below) => {
          below.translate(0, -separator);
          paintChartAxes(below, view, scale);
        });
        blit(layer, axes, 0, 0, ratio);
        paintChartLines(layer, view, i, scale, 0, start);
        paintChartTexts(layer, view, i, scale);
      });
    });
    blit(ctx, kept, 0, separator, ratio);
    scales.forEach((scale, i) => {
      if (end > start) paintChartLines(ctx, view, i, scale, start, end);
      if (hover?.kind === "chart") paintChartReadout(ctx, view, i, scale, hover.at);
    });
  }

  /** Client coordinates of a thing on the stage, for tests; see placeOf. */
  where(...what) {
    const place = placeOf(this.view, ...what);
    return place && placeOn(this.canvas, { x: place.x, y: place.y });
  }
}
