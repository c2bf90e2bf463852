"""The peers of the benchmark of training: PyTorch, scikit-learn and textbook NumPy, on the workloads of workloads.py.

A peer is made from a workload and its data, and `run(steps)` trains so many steps, or does so many forward passes.
All see their batches in the same way: narrow data were shuffled before and are sliced, wide data are gathered by index.
Nobody computes the loss's value or anything else on the way. A peer that cannot do a workload is None.
"""

import itertools
import warnings

import numpy as np
import torch
from sklearn.neural_network import MLPClassifier
from torch import nn
from torch.nn import functional

from benchmarks.workloads import Workload
from nn_core.activations import ReLU, Tanh
from nn_core.layers import Conv2D, Dense, Dropout, Flatten, MaxPool2D
from nn_core.optimisers import Adam


class Rows:
    """Which rows the next batch has: round and round through one shuffled order."""

    def __init__(self, work: Workload):
        self.order = np.random.default_rng(1).permutation(work.samples)
        self._batch, self._start = work.batch, 0

    def next(self) -> slice:
        """The next batch's part of the order."""
        if self._start + self._batch > len(self.order):
            self._start = 0
        part = slice(self._start, self._start + self._batch)
        self._start = part.stop
        return part


class Ours:
    """nn_core as the live page runs it: `Trainer.run`, and `Trainer.predict` for the map; BLAS has one thread."""

    def __init__(self, work: Workload, x: np.ndarray, targets: np.ndarray):
        self._work, self._x = work, x
        self._trainer = work.trainer(x, targets)

    def ready(self) -> None:
        """To the second step of an epoch: shuffling and measuring, which the peers do not do, stay out of the clock."""
        if not self._work.forward_only:
            self._trainer.run(epochs=1)
            self._trainer.run(steps=1)

    def run(self, steps: int) -> None:
        if self._work.forward_only:
            for _ in range(steps):
                self._trainer.predict(self._x)
        else:
            self._trainer.run(steps=steps)


class PyTorch:
    """PyTorch eager. threads: 1 or 2; update: how the optimiser walks through the parameters; memory: of pictures."""

    def __init__(self, work: Workload, x, targets, threads: int, update: str, channels_last: bool = False):
        torch.manual_seed(0)
        self._work, self._threads = work, threads
        self._x, self._targets = torch.tensor(x), torch.tensor(targets)
        self._model = torch_model(work)
        if x.ndim == 4:
            memory = torch.channels_last if channels_last else torch.contiguous_format
            self._x = self._x.permute(0, 3, 1, 2).contiguous(memory_format=memory)
            self._model = self._model.to(memory_format=memory)
        settings = work.settings
        kind = torch.optim.Adam if isinstance(settings.optimiser, Adam) else torch.optim.SGD
        how = {"plain": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}[update]
        weights = [p for p in self._model.parameters() if p.ndim > 1]
        biases = [p for p in self._model.parameters() if p.ndim == 1]
        groups = [{"params": weights, "weight_decay": settings.l2}, {"params": biases}]
        self._optimiser = kind(groups if settings.l2 else self._model.parameters(), settings.learning_rate, **how)
        self._rows = Rows(work)
        self._order = torch.tensor(self._rows.order)

    def ready(self) -> None:
        """So many threads from now on."""
        torch.set_num_threads(self._threads)

    def run(self, steps: int) -> None:
        if self._work.forward_only:
            with torch.inference_mode():
                for _ in range(steps):
                    self._model(self._x)
            return
        for _ in range(steps):
            rows = self._rows.next()
            if self._work.wide:
                rows = self._order[rows]
            self._optimiser.zero_grad()
            functional.cross_entropy(self._model(self._x[rows]), self._targets[rows]).backward()
            self._optimiser.step()


OTHERS = {
    MaxPool2D: lambda layer: nn.MaxPool2d(layer.size),
    Flatten: lambda _: nn.Flatten(),
    Dropout: lambda layer: nn.Dropout(layer.rate),
}


def torch_model(work: Workload) -> nn.Module:
    """The workload's network as a PyTorch module; its first weights are PyTorch's own."""
    modules, shape = [], work.input_shape
    for layer in work.layers:
        if isinstance(layer, Conv2D):
            modules.append(nn.Conv2d(shape[-1], layer.filters, layer.kernel, padding="same"))
        elif isinstance(layer, Dense):
            modules.append(nn.Linear(shape[-1], layer.units))
        else:
            modules.append(OTHERS[type(layer)](layer))
        bend = {ReLU: nn.ReLU, Tanh: nn.Tanh}.get(type(getattr(layer, "activation", None)))
        modules += [bend()] if bend else []
        shape = layer.output_shape(shape)
    return nn.Sequential(*modules)


def torch_variants(work: Workload) -> dict[str, tuple]:
    """Every way in which PyTorch is tried: threads, update and memory format by name."""
    updates = ("plain",) if work.forward_only else ("plain", "foreach", "fused")
    if len(work.input_shape) == 1:
        return {f"{t} thread{'s' * (t > 1)}, {u}": (t, u) for t in (1, 2) for u in updates}
    return {f"2 threads, {u}, {'NHWC' if last else 'NCHW'}": (2, u, last) for u in updates for last in (False, True)}


class ScikitLearn:
    """scikit-learn's MLPClassifier, one `partial_fit` a batch."""

    def __init__(self, work: Workload, x, targets):
        settings, self._work = work.settings, work
        *hidden, _ = work.layers
        adam = isinstance(settings.optimiser, Adam)
        self._model = MLPClassifier(
            [layer.units for layer in hidden],
            {ReLU: "relu", Tanh: "tanh"}[type(hidden[0].activation)],
            solver="adam" if adam else "sgd",
            alpha=settings.l2 * work.batch,  # it divides by the batch size
            batch_size=work.batch,
            learning_rate_init=settings.learning_rate,
            momentum=0.0,
            random_state=0,
        )
        self._x, self._targets, self._rows = x, targets, Rows(work)
        self._model.partial_fit(x[: work.batch], targets[: work.batch], classes=np.arange(work.classes))

    def run(self, steps: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # diverging is nothing to a clock
            for _ in range(steps):
                if self._work.forward_only:
                    self._model.predict_proba(self._x)
                    continue
                rows = self._rows.next()
                if self._work.wide:
                    rows = self._rows.order[rows]
                self._model.partial_fit(self._x[rows], self._targets[rows])


class Textbook:
    """What a course writes: lists of W and b, a new array for each result, one update after the other; float32."""

    def __init__(self, work: Workload, x, targets):
        self._work, self._x, self._targets, self._rows = work, x, targets, Rows(work)
        generator, sizes = np.random.default_rng(0), [*work.input_shape, *(layer.units for layer in work.layers)]
        self._W = [(0.1 * generator.standard_normal(s)).astype(np.float32) for s in itertools.pairwise(sizes)]
        self._b = [np.zeros((1, units), np.float32) for units in sizes[1:]]
        self._relu = isinstance(work.layers[0].activation, ReLU)
        self._m = [np.zeros_like(p) for p in self._W + self._b]
        self._v = [np.zeros_like(p) for p in self._W + self._b]
        self._t = 0

    def run(self, steps: int) -> None:
        for _ in range(steps):
            if self._work.forward_only:
                self._forward(self._x)
                continue
            rows = self._rows.next()
            if self._work.wide:
                rows = self._rows.order[rows]
            self._step(self._x[rows], self._targets[rows])

    def _forward(self, x):
        activations = [x]
        for number, (W, b) in enumerate(zip(self._W, self._b, strict=True)):
            z = activations[-1] @ W + b
            last = number == len(self._W) - 1
            activations.append(z if last else np.maximum(z, 0) if self._relu else np.tanh(z))
        return activations

    def _step(self, x, targets):
        activations = self._forward(x)
        e = np.exp(activations[-1] - activations[-1].max(axis=1, keepdims=True))
        dz = e / e.sum(axis=1, keepdims=True)
        dz[np.arange(len(x)), targets] -= 1
        dz /= len(x)
        dW, db = [], []
        for number in reversed(range(len(self._W))):
            a = activations[number]
            dW.insert(0, a.T @ dz + self._work.settings.l2 * self._W[number])
            db.insert(0, dz.sum(axis=0, keepdims=True))
            if number:
                dz = (dz @ self._W[number].T) * ((a > 0) if self._relu else 1 - a**2)
        self._t += 1
        rate = self._work.settings.learning_rate
        for i, (p, g) in enumerate(zip(self._W + self._b, dW + db, strict=True)):
            if isinstance(self._work.settings.optimiser, Adam):
                self._m[i] = 0.9 * self._m[i] + 0.1 * g
                self._v[i] = 0.999 * self._v[i] + 0.001 * g**2
                p -= rate * (self._m[i] / (1 - 0.9**self._t)) / (np.sqrt(self._v[i] / (1 - 0.999**self._t)) + 1e-8)
            else:
                p -= rate * g
