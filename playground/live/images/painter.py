"""Frames of the picture pages: the same envelope as on the other pages, with other contents (docs/frame.md)."""

from collections.abc import Mapping

import numpy as np

from nn_core.history import Snapshot
from playground.datasets.prepare import components_of
from playground.experiments.experiment import Experiment
from playground.live import curves
from playground.live.frame import Frame
from playground.live.images import inside
from playground.live.images.monitoring import QUANTITIES, Watch
from playground.live.images.pad import Pad
from playground.live.images.results import Results, softmax
from playground.live.seldom import Seldom

PARTS = ("train", "validation", "test")
VIEWS = {
    "overview": ("Overview", "First weights, histograms of the weights, and the curves."),
    "maps": ("Layer by layer", "What each layer makes of the picture on the pad, with the filters of the first."),
    "mistakes": ("Mistakes", "Test pictures that are answered wrong, the surest first."),
    "classes": ("Class by class", "Precision and recall of each class."),
    "embedding": ("Embedding", "Test pictures as the last hidden layer sees them, in its two principal directions."),
    "histograms": ("Histograms", "Weights, biases, pre-activations and activations of each layer, over time."),
    "bands": ("Bands", "Smallest, largest, mean and deviation of the same numbers, over time."),
    "components": ("Components", "Principal components of the training pictures, and how much they hold."),
}
SUREST = 8  # mistakes beside the confusion matrix
GALLERY = 60
FIRST_TILES = {"overview": 32, "maps": 64}
FACES = 40  # principal components that are drawn
ENOUGH = 0.95  # of the variance
BYTES_A_FRAME = 60_000  # of first weights; fewer are drawn where the pictures are large
TILE_SIDE = 14  # maps beside the pad are drawn so small


class PicturePainter:
    """Makes the frames of one experiment on pictures."""

    def __init__(self, experiment: Experiment):
        self.experiment = experiment
        data = experiment.data
        test = data.test.x[: inside.EMBEDDED]
        self._embedding = inside.Embedding(experiment.network, experiment.config.loss, test)
        self._seldom = Seldom()
        self._measured = self._results = None  # the outputs that the results were made of, and these
        self._views = {
            "overview": self._overview,
            "maps": self._maps,
            "mistakes": self._mistakes,
            "classes": self._classes,
            "embedding": self._embedded,
            "histograms": lambda header, watch: self._grid(header, watch, "ridge"),
            "bands": lambda header, watch: self._grid(header, watch, "band"),
            "components": self._components,
        }

    def frame(
        self,
        moving: Mapping,
        pad: Pad,
        watch: Watch,
        view: str,
        log: bool = False,
        error: bool = False,
        seen: Snapshot | None = None,
    ) -> Frame:
        """One frame; `moving` and `seen` as for plane.painter.Painter, the rest is what the run remembers."""
        experiment, data = self.experiment, self.experiment.data
        self._seen = seen = seen or experiment.trainer.snapshot()
        self._shown = self._results_of(seen.outputs["test"])
        header = {
            "kind": "pictures",
            "classes": list(data.classes),
            "shape": list(data.album.shape),
            "view": view,
            "views": [{"key": key, "label": label, "help": text} for key, (label, text) in VIEWS.items()],
            "curve_x_label": "epoch",
            "curves": curves.titles(seen.history, experiment.config, PARTS, log, error, settled=True),
            "monitor": watch.cost,
            **moving,
        }
        with np.errstate(all="ignore"):  # a run on its way to divergence is drawn as well
            arrays = self._pad(header, pad) | self._test(header)
            arrays |= self._seldom_made(header, "curves", lambda: curves.arrays(seen.history, PARTS, error))
            arrays |= self._views[view](header, watch)
        return Frame(header, arrays)

    @property
    def results(self) -> Results:
        """What became of the test part when it was last measured."""
        return self._results_of(self.experiment.trainer.outputs["test"])

    def _results_of(self, measured):
        if measured is not self._measured:
            self._measured, self._results = measured, Results.of(measured, self.experiment.data.test.y)
        return self._results

    def _seldom_made(self, header, name, make):
        return self._seldom.get(name, header["run"], header["playing"], make)

    # --- the row above: pad, activations, answer, confusion, surest mistakes ----------------------------------------

    def _pad(self, header, pad):
        experiment, data = self.experiment, self.experiment.data
        picture = pad.picture(data)
        empty = pad.is_drawing and not picture.any()
        logits, found = inside.activations(experiment.network, self._seen.theta, experiment.encode(picture[None]))
        header["pad"] = {
            "drawing": pad.is_drawing,
            "points": sum(map(len, pad.strokes)) if pad.is_drawing else 0,
            "empty": empty,
            "can_draw": data.can_be_drawn,
            "index": None if pad.is_drawing else pad.index,
            "truth": None if pad.is_drawing else int(data.test.y[pad.index]),
            "changed": not pad.is_drawing and pad.change != Pad().change,
            "count": len(data.album.test),
        }
        header["layers"] = [{"title": layer.title, "maps": layer.are_maps} for layer in found]
        self._activations = found
        arrays = {"pad": _grey(picture, data.album.highest), "answer": softmax(logits[None])[0].astype(np.float32)}
        beside = [0, len(found) - 1] if len(found) > 1 else list(range(len(found)))
        header["beside"] = beside
        for number in beside:
            arrays[f"layer{number}"] = _small(found[number].values) if found[number].are_maps else found[number].values
        return arrays

    def _test(self, header):
        data, results = self.experiment.data, self._shown
        surest = results.mistakes[:SUREST]
        header["test"] = {
            "measured": len(results.answers),
            "wrong": len(results.mistakes),
            "surest": self._described(surest),
        }
        return {
            "confusion": results.counts.astype(np.uint16),
            "surest": _grey(data.album.test[surest], data.album.highest),
        }

    def _described(self, rows):
        results, labels = self._shown, self.experiment.data.test.y
        return [
            {"index": int(i), "truth": int(labels[i]), "answer": int(results.answers[i]),
             "sure": f"{100 * results.probabilities[i, results.answers[i]]:.0f} %"}
            for i in rows
        ]  # fmt: skip

    # --- the views below --------------------------------------------------------------------------------------------

    def _overview(self, header, watch):
        arrays = self._sheet(header, FIRST_TILES["overview"])
        header["ridges"] = []
        for number, (layer, _) in enumerate(watch.layers()[:3]):
            found = watch.ridges(layer, "W")
            weights = self.experiment.network.places[layer]
            shape = next(parameter.shape for _, parameter in weights.values())
            header["ridges"].append({"title": " × ".join(f"{size:,}" for size in shape), "bound": found[0]})
            arrays[f"ridge{number}"] = found[1]
        return arrays

    def _maps(self, header, watch):
        arrays = self._sheet(header, FIRST_TILES["maps"])
        for number, layer in enumerate(self._activations):
            arrays[f"layer{number}"] = layer.values[:64] if layer.are_maps else layer.values
        return arrays

    def _mistakes(self, header, watch):
        album, rows = self.experiment.data.album, self._shown.mistakes[:GALLERY]
        header["gallery"] = self._described(rows)
        chances = self._shown.probabilities[rows].astype(np.float32)
        return {"gallery": _grey(album.test[rows], album.highest), "chances": chances}

    def _classes(self, header, watch):
        return {"per_class": self._shown.per_class().astype(np.float32)}

    def _embedded(self, header, watch):
        labels = self.experiment.data.test.y
        xy = self._embedding.update(self._seen.theta, self._seen.step)
        return {"embedding_xy": xy, "embedding_class": labels[: len(xy)].astype(np.uint8)}

    def _grid(self, header, watch, what):
        layers, arrays = watch.layers(), {}
        header["grid"] = {"what": what, "layers": [name for _, name in layers], "rows": list(QUANTITIES.values())}
        header["bounds"] = {}
        for r, quantity in enumerate(QUANTITIES):
            for c, (layer, _) in enumerate(layers):
                found = watch.ridges(layer, quantity) if what == "ridge" else watch.bands(layer, quantity)
                if found is None:
                    continue
                arrays[f"cell{r}_{c}"] = found[1] if what == "ridge" else found
                if what == "ridge":
                    header["bounds"][f"{r}_{c}"] = found[0]
        return arrays

    def _components(self, header, watch):
        experiment, config = self.experiment, self.experiment.config
        found = components_of(config.data, config.seed_split, config.pixels)
        header["components"] = {"enough": found.needed(ENOUGH), "share": ENOUGH, "used": config.pixels.components}
        together = np.concatenate([[0], np.cumsum(found.shares)]).astype(np.float32)
        faces = found.basis[:FACES].reshape(-1, *experiment.data.album.shape)
        return {"variance": together, "faces": inside.as_tiles(faces)}

    def _sheet(self, header, most):
        header["sheet"], arrays = self._seldom_made(header, f"sheet of {most}", lambda: self._first_weights(most))
        return arrays

    def _first_weights(self, most):
        experiment, data = self.experiment, self.experiment.data
        most = max(8, min(most, BYTES_A_FRAME // int(np.prod(data.album.shape))))
        sheet = inside.first_weights(experiment.network, self._seen.theta, data.components, data.album.shape, most)
        if sheet is None:
            return None, {}
        shown = len(sheet.tiles)
        some = f"first {shown} of {sheet.total:,}" if shown < sheet.total else f"all {shown}"
        said = {
            "title": sheet.title,
            "caption": f"{sheet.caption}{some}{'; orange −, blue +' if sheet.signed else '; as colours'}",
            "shape": list(sheet.tiles.shape[1:]),
        }
        return said, {"sheet": sheet.tiles}


def _grey(pictures: np.ndarray, highest: int) -> np.ndarray:
    """Pictures as bytes up to 255."""
    return pictures if highest == 255 else (pictures.astype(np.uint16) * 255 // highest).astype(np.uint8)


def _small(maps: np.ndarray) -> np.ndarray:
    """Maps `(count, height, width, 1)`, the first 32, every n-th pixel, so that no side is longer than TILE_SIDE."""
    step = -(-max(maps.shape[1:3]) // TILE_SIDE)
    return np.ascontiguousarray(maps[:32, ::step, ::step])
