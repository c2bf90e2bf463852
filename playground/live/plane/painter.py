"""What the stage of the plane shows (docs/frame.md).

`Painter` holds what stays the same from frame to frame of one experiment (the grid in the network's features, the
points, the columns of the diagram); `Painter.frame` adds what moves.
"""

from collections.abc import Mapping

import numpy as np

from nn_core.history import Snapshot
from nn_core.trainer import predictor
from playground.experiments.experiment import Experiment
from playground.experiments.features import available, drawn
from playground.live import curves
from playground.live.frame import Frame
from playground.live.plane import diagram, plane
from playground.live.seldom import Seldom

MAP_SIDE = 100
THUMB_SIDE = 25
LINE_POINTS = 200
MOST_POINTS = {"train": 360, "test": 140}  # drawn of a large set; the parts were shuffled when they were split
PARTS = ("train", "test")  # that have curves
HALF_MARGIN = 4.0  # the difference of logits at which half of the scale is used up; its root is sent


class Painter:
    """Makes the frames of one experiment, seen in one plane."""

    def __init__(self, experiment: Experiment, view: str):
        self.experiment = experiment
        data = experiment.data
        inputs = len(data.inputs)
        self.plane = plane.look(data, view)
        self.columns = diagram.columns(experiment.config, experiment.network)
        thumbs = self.plane.grid(THUMB_SIDE)
        self.thumb_features = experiment.encode(thumbs)
        self.is_curve = data.task == "values" and inputs == 1
        self.map_features = experiment.encode(
            self.plane.line(LINE_POINTS) if self.is_curve else self.plane.grid(MAP_SIDE)
        )
        self._theta = np.empty_like(experiment.trainer.theta)  # of the snapshot that is painted
        self._predictor = predictor(experiment.network, experiment.config.loss, self._theta)
        self._fixed_header, self._fixed_arrays = self._fixed(thumbs)
        self._seldom = Seldom()

    def frame(self, moving: Mapping, log: bool = False, seen: Snapshot | None = None) -> Frame:
        """One frame; `moving` is the part of the header that the caller knows (id, playing, state, readings, ...).

        log: whether the losses are drawn on a logarithmic scale. seen: the moment of the run that is painted, else now.
        """
        config, seen = self.experiment.config, seen or self.experiment.trainer.snapshot()
        self._theta[...] = seen.theta
        header = {
            **self._fixed_header,
            "columns": diagram.as_header(self.columns, config),
            "can_add_layer": diagram.can_add_layer(config),
            "can_remove_layer": bool(config.hidden),
            "curves": curves.titles(seen.history, config, PARTS, log),
            **moving,
        }
        with np.errstate(all="ignore"):  # a run on its way to divergence is drawn as well
            lines = self._seldom.get(
                "curves",
                moving["run"],
                moving["playing"],
                lambda: curves.arrays(seen.history, PARTS),
            )
            arrays = {**self._fixed_arrays, **self._network(), **self._map(), **lines}
        return Frame(header, arrays)

    # --- what stays -------------------------------------------------------------------------------------------------

    def _fixed(self, thumbs):
        experiment, view = self.experiment, self.plane
        data, config = experiment.data, experiment.config
        classes = data.task == "classes"
        offered = available(len(data.inputs))
        features = {key: offered[key] for key in drawn(offered, config.features, plane.MOST_FEATURES)}
        seen = experiment.standardiser.apply(thumbs) if experiment.standardiser else thumbs
        values = np.concatenate([data.train.y, data.test.y])
        low, high = float(values.min()), float(values.max())
        if not self.is_curve:  # colour tells the value: that between the two is 0, or the mean of standardised targets
            middle = float(experiment.target_scaling.mean[0]) if experiment.target_scaling else 0.0
            reach = max(middle - low, high - middle)
            low, high = middle - reach, middle + reach
        header = {
            "task": "classes" if classes else "curve" if self.is_curve else "surface",
            "classes": list(data.classes),
            "palette": "two" if len(data.classes) == 2 or not classes else "many",
            "plane": {
                "x": view.x_range,
                "y": view.y_range,
                "x_label": view.x_label,
                "y_label": view.y_label,
                "x_ticks": plane.ticks(*view.x_range),
                "y_ticks": list(range(len(view.lanes))) if view.lanes else plane.ticks(*view.y_range),
                "y_texts": list(view.lanes),
            },
            "value_range": None if classes else [low, high],
            "features": [
                {"key": key, "label": feature.label, "on": key in config.features, "help": feature.help}
                for key, feature in features.items()
            ],
            "features_more": len(offered) - len(features),
            "curve_x_label": "epoch",
        }
        arrays = {"feature_thumbs": _signed(np.stack([feature.compute(seen) for feature in features.values()]))}
        return header, arrays | self._points()

    def _points(self):
        parts = {"train": self.experiment.data.train, "test": self.experiment.data.test}
        x = np.concatenate([part.x[: MOST_POINTS[name]] for name, part in parts.items()])
        y = np.concatenate([part.y[: MOST_POINTS[name]] for name, part in parts.items()])
        is_train = np.arange(len(x)) < min(len(parts["train"]), MOST_POINTS["train"])
        arrays = {"points_xy": self.plane.points(x, y), "points_train": is_train.astype(np.uint8)}
        if self.experiment.data.task == "classes":
            return arrays | {"points_class": y.astype(np.uint8)}
        return arrays | {"points_value": y[:, 0]}

    # --- what moves -------------------------------------------------------------------------------------------------

    def _map(self):
        outputs = self.experiment.decode(np.nan_to_num(self._predictor.predict(self.map_features)))
        if self.is_curve:
            line = self.plane.line(LINE_POINTS)
            return {"line_x": self.plane.project(line)[:, 0], "line_y": outputs[:, 0].astype(np.float64)}
        if self.experiment.data.task == "values":
            low, high = self._fixed_header["value_range"]
            share = (outputs[:, 0] - low) / ((high - low) or 1)
            return {"map_value": _bytes(255 * share).reshape(MAP_SIDE, MAP_SIDE)}
        logits = np.ascontiguousarray(outputs.T)  # (classes, cells): what goes along the short axis is slow otherwise
        winner = logits.argmax(axis=0)
        best = logits.max(axis=0)
        logits[winner, np.arange(len(winner))] = -np.inf
        margin = np.minimum(best - logits.max(axis=0), 1e6)
        return {
            "map_class": winner.astype(np.uint8).reshape(MAP_SIDE, MAP_SIDE),
            "map_margin": _bytes(255 * np.sqrt(margin / (margin + HALF_MARGIN))).reshape(MAP_SIDE, MAP_SIDE),
        }

    def _network(self):
        """Weights, biases and thumbnails of each column."""
        network = self.experiment.network
        params = network.views(self._theta)
        outputs = []  # of each layer
        _, caches = network.forward(self.thumb_features, params, outputs=outputs)
        arrays = {}
        before = plane.MOST_FEATURES  # the units shown of the column before; here of the features that are on
        for number, column in enumerate(self.columns):
            p, shown = params[column.layer], column.shown
            weights = p[column.weights]
            arrays[f"weights{number}"] = weights[:before, : len(shown)]
            if column.bias:
                arrays[f"bias{number}"] = p[column.bias][: len(shown)]
            if column.kind == "output" and self.experiment.data.task == "classes":
                continue
            if column.kind == "output":
                low, high = self._fixed_header["value_range"]
                values = (self.experiment.decode(outputs[-1]) - low) / ((high - low) or 1) * 2 - 1
            elif column.kind == "sum":
                values = outputs[column.layer]  # what a residual block puts out
            else:
                values = caches[column.layer].a
            arrays[f"thumbs{number}"] = _signed(values[:, : len(shown)].T)
            before = len(shown)
        return arrays


def _signed(values: np.ndarray) -> np.ndarray:
    """-1..1 as 1..255, clamped: `(units, side * side)` -> u8 `(units, side, side)`."""
    return _bytes(128 + 127 * np.clip(np.nan_to_num(values), -1, 1)).reshape(-1, THUMB_SIDE, THUMB_SIDE)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
