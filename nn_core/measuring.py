"""Measuring a run: loss and metric of every part of the data, block by block.

A large test set takes longer than one slice of a live run may, so a measurement goes on from block to block, and the
run can be left and taken up in between. The blocks are always the same, so that the numbers are too.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from nn_core.kinds import Loss

BLOCK = 4096  # samples of vectors that are sent through the network at a time
PICTURES = 256  # and of pictures in convolutions, each of which costs some hundred times as much


def told(loss: Loss, unit: np.ndarray | None, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The loss of outputs `(..., samples, outputs)` as a history tells it, one value per model.

    unit `(outputs,)`: where the targets were standardised, what 1 of them is in their own units.
    """
    if unit is None:
        return loss.value(outputs, targets)
    return loss.value(outputs * unit, targets * unit)  # differences count: where 0 lies does not


class Measurement:
    """One look at all parts, with the parameters as they are: `advance` until it is done, then read `row`.

    engine: has `predict`. parts: name -> (x, targets). loss, metric: (outputs, targets) -> one value per model.
    samples: the first so many of each part count; 0 is all.
    """

    def __init__(self, engine: Any, parts: Mapping, loss: Callable, metric: Callable, samples: int = 0):
        self.outputs: dict[str, np.ndarray] = {}  # of each part, `(..., samples, outputs)`
        self.row: dict[str, Any] = {}  # "train_loss", "train_metric", and so on for each part
        self.done = False
        self._way = self._walk(engine, parts, loss, metric, samples)

    def advance(self) -> bool:
        """Work out about one block more; returns whether that was the last."""
        self.done = next(self._way, None) is None
        return self.done

    def finish(self) -> None:
        """Work out all that is left."""
        while not self.advance():
            pass

    def _walk(self, engine: Any, parts: Mapping, loss: Callable, metric: Callable, samples: int) -> Iterator[bool]:
        size = PICTURES if engine.is_costly else BLOCK
        seen = 0  # samples since the caller was last asked
        for name, (x, targets) in parts.items():
            count = min(samples or len(x), len(x))
            blocks = []
            for start in range(0, count, size):
                block = x[start : min(start + size, count)]
                blocks.append(engine.predict(block))
                seen += len(block)
                if seen >= size:
                    yield True
                    seen = 0
            outputs = blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=-2)
            self.outputs[name] = outputs
            self.row[f"{name}_loss"] = loss(outputs, targets[:count])
            self.row[f"{name}_metric"] = metric(outputs, targets[:count])
