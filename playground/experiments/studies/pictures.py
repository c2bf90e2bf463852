"""Checks that look into nets trained on pictures: weights (D4), components (D5), monitors (E4), maps (E6).

They need MNIST or CIFAR-10, and train for up to a minute.
"""

import time

import numpy as np

from nn_core.activations import ReLU
from nn_core.initialisers import He
from nn_core.layers import Conv2D, Dense, MaxPool2D
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.monitors import observe
from nn_core.optimisers import Adam
from playground.datasets.pictures import Cifar10, Mnist
from playground.datasets.prepare import Pixels, components_of
from playground.experiments.config import PIXELS, Config
from playground.experiments.experiment import Experiment, build
from playground.experiments.studies.study import Measured, row

PHOTOS = Config(data=Cifar10(samples=10_000), features=PIXELS, pixels=Pixels(mean_image=True),
                hidden=(Dense(50, ReLU()),), initialiser=He(), optimiser=Adam(), learning_rate=0.001, batch_size=200,
                l2=0.003, stop_epochs=10)  # fmt: skip
STACK = (Conv2D(32, 5, activation=ReLU()), MaxPool2D(2), Conv2D(64, 5, activation=ReLU()), MaxPool2D(2),
         Dense(1024, ReLU()))  # fmt: skip
CONV = Config(data=Mnist(samples=10_000), features=PIXELS, pixels=Pixels("standardised"), hidden=STACK,
              optimiser=Adam(), learning_rate=0.001, batch_size=50, dropout=0.5, stop_epochs=1)  # fmt: skip
STEPS = 40  # that are watched
EVERY = 10
DIGIT = 7  # whose maps are drawn
SHOWN = 32  # pictures of each kind that are drawn


def first_weights() -> Measured:
    """D4: how alike the first-layer weights of neighbouring pixels are, before training and after."""
    experiment = build(PHOTOS)
    before = _likeness(_first_pictures(experiment))
    experiment.trainer.run()
    pictures = _first_pictures(experiment)
    after = _likeness(pictures)
    rows = [
        row("neighbouring weights, size of the correlation before", f"{abs(before):.2f}", "-", abs(before) < 0.1),
        row("neighbouring weights, size of the correlation after", f"{after:.2f}", "visible structure", after > 0.3),
    ]
    return Measured(rows, {"first-layer weights": pictures[:SHOWN]})


def explained_variance() -> Measured:
    """D5: the share of the variance that the first principal components hold together."""
    components = components_of(Cifar10(), 0, Pixels())
    together = np.cumsum(components.shares)
    rows = [
        row(f"components for {share:.0%}", str(needed) if needed else f"over {len(together)}", "-", bool(needed))
        for share in (0.8, 0.9, 0.95)
        for needed in [components.needed(share)]
    ]
    return Measured(rows, {"share of the variance": together})


def monitoring() -> Measured:
    """E4: a run that is looked at every few steps, beside the same run that is not."""
    watched, alone = build(CONV), build(CONV)
    x, y = watched.trainer.parts["validation"]
    reports, looking = [], 0.0
    began = time.perf_counter()
    for _ in range(STEPS // EVERY):
        watched.trainer.run(steps=EVERY)
        start = time.perf_counter()
        reports.append(observe(watched.network, SoftmaxCrossEntropy(), watched.trainer.theta, x[:16], y[:16]))
        looking += time.perf_counter() - start
    training = time.perf_counter() - began - looking
    alone.trainer.run(steps=STEPS)
    names = {name for layer in reports[-1].layers for name in layer.quantities}
    quantities = sum(len(layer.quantities) for layer in reports[-1].layers)
    cost = looking / len(reports) / (training / STEPS)
    same = np.array_equal(watched.trainer.theta, alone.trainer.theta)
    wanted = {"W", "b", "z", "a", "p"}
    rows = [
        row("quantities at each look", f"{quantities}: {', '.join(sorted(names))}", "W, b, z, a, p", wanted <= names),
        row("run with looks and run without", "equal to the last bit" if same else "differ", "-", same),
        row("one look, in training steps", f"{cost:.1f}", "-", cost < 20),
    ]
    return Measured(rows)


def activation_maps() -> Measured:
    """E6: the filters of the first convolution and what both convolutions make of one digit."""
    experiment = build(CONV)
    experiment.trainer.run()
    network, data = experiment.network, experiment.data
    which = int(np.flatnonzero(data.album.test_labels == DIGIT)[0])
    params = network.views(experiment.trainer.theta)
    x, caches = network.forward(data.encode(data.album.test[which : which + 1]), params)
    maps, position = {}, 0
    for layer, cache in zip(network.layers, caches, strict=True):
        if isinstance(layer, Conv2D):
            position += 1
            maps[f"maps of convolution {position}"] = np.moveaxis(cache.a[0], -1, 0)  # (height, width, filters)
    rows = [row("the net's answer", str(int(x.argmax())), str(DIGIT), int(x.argmax()) == DIGIT)]
    for name, planes in maps.items():
        dark = int((planes.max(axis=(1, 2)) <= 0).sum())
        size = f"{len(planes)} of {planes.shape[1]}x{planes.shape[2]}, {dark} of them dark"
        rows.append(row(name, size, "-", dark < len(planes)))
    filters = np.moveaxis(params[0]["W"], -1, 0)[..., 0]  # W: (height, width, channels, filters)
    shown = {"filters of convolution 1": filters} | maps
    return Measured(rows, {name: pictures[:SHOWN] for name, pictures in shown.items()})


def _first_pictures(experiment: Experiment) -> np.ndarray:
    """The weights of the first dense layer as pictures, `(units, height, width, channels)`."""
    network = experiment.network
    views = next(views for views in network.views(experiment.trainer.theta) if "W" in views)
    return views["W"].T.reshape(-1, *experiment.data.album.shape)


def _likeness(pictures: np.ndarray) -> float:
    """The correlation of numbers that stand side by side."""
    return float(np.corrcoef(pictures[:, :, 1:].ravel(), pictures[:, :, :-1].ravel())[0, 1])
