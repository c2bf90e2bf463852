"""Samples that are made on demand: the same bits as the array they stand for, and others in each step if they vary."""

import dataclasses

import numpy as np
import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.batches import Batches
from nn_core.layers import Conv2D, Dense, Dropout, Flatten, MaxPool2D
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.monitors import Monitor
from nn_core.network import Network
from nn_core.random import stream
from nn_core.settings import Looks
from nn_core.trainer import Trainer
from tests.nn_core.pictures import SETTINGS
from tests.nn_core.runs import assert_same_run, is_one_sentence, same_bits

SHAPE = (9, 8, 2)
STEPS = 13  # 5 steps make an epoch
NETWORKS = {
    "vectors": (Flatten(), Dense(6, Tanh()), Dropout(0.3), Dense(3)),
    "conv net": (Conv2D(3, 3, activation=ReLU()), MaxPool2D(), Flatten(), Dense(3)),
}
SEEDS = {"one": {"weights_seed": 1, "batches_seed": 3}, "stack": {"weights_seed": [1, 2], "batches_seed": [3, 4]}}


class Stored:
    """Pictures kept as bytes and scaled when they are asked for."""

    varies = False

    def __init__(self, pictures: np.ndarray, dtype=np.float32):
        self.pictures, self.dtype = pictures, np.dtype(dtype)
        self.shape = pictures.shape

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, rows):
        return self._scaled(self.pictures[rows])

    def gather(self, rows, out, rng):
        assert rng is None
        assert out.shape == (*rows.shape, *self.shape[1:])
        out[...] = self._scaled(self.pictures[rows])

    def _scaled(self, pictures):
        return (pictures.astype(self.dtype) / 255 - self.dtype.type(0.4)) / self.dtype.type(0.3)


class Varying(Stored):
    """The same with noise that is new in each step, but not where they are looked at; it remembers what it drew."""

    varies = True

    def __init__(self, pictures, dtype=np.float32):
        super().__init__(pictures, dtype)
        self.drawn = []

    def gather(self, rows, out, rng):
        super().gather(rows, out, None)
        noise = rng.standard_normal(out.shape, self.dtype)
        self.drawn.append(float(noise.flat[0]))
        out += noise


def drawn_pictures(samples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    classes = generator.integers(0, 3, samples)
    pictures = generator.integers(0, 150, (samples, *SHAPE), np.uint8)
    pictures[np.arange(samples), 3 * classes] += 100  # a bright row tells the class
    return pictures, classes


def started(kind, layers="vectors", seeds="one", **kwargs) -> Trainer:
    """A trainer on samples of a kind, or on the array that they stand for (kind None)."""
    parts = {}
    for name, samples, seed in (("train", 37, 0), ("test", 20, 1)):
        pictures, classes = drawn_pictures(samples, seed)
        made = (kind or Stored)(pictures)
        parts[name] = (made if kind else made[:], classes)
    seeds = seeds if isinstance(seeds, dict) else SEEDS[seeds]
    network = Network(NETWORKS[layers], SHAPE)
    return Trainer(network, parts, SoftmaxCrossEntropy(), **({"settings": SETTINGS} | seeds | kwargs))


# --- the array that they stand for ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("layers", NETWORKS)
@pytest.mark.parametrize("batch_size", [0, 1, 8])
def test_they_train_as_the_array_would(layers, seeds, batch_size):
    kwargs = {"settings": dataclasses.replace(SETTINGS, batch_size=batch_size), "looks": Looks(0, 3, 7)}
    stored, array = started(Stored, layers, seeds, **kwargs), started(None, layers, seeds, **kwargs)
    for run in (stored, array):
        run.run(steps=STEPS)
    assert_same_run(stored, array)
    assert all(same_bits(outputs, array.outputs[name]) for name, outputs in stored.outputs.items())
    assert not same_bits(stored.theta, started(Stored, layers, seeds).theta)


def test_they_learn():
    run = started(Stored, settings=dataclasses.replace(SETTINGS, l1=0.0, l2=0.0))
    run.run(epochs=30)
    assert run.history.last["train_loss"] < 0.5 * run.history.series["train_loss"][0]


def test_narrow_samples_are_made_batch_by_batch_too():
    pictures = drawn_pictures(20)[0][:, :1, :2]  # four numbers each: an array of these would be shuffled once an epoch
    stored = Stored(pictures)
    made, array = (Batches(x, np.arange(20), 5) for x in (stored, stored[:]))
    for start in (0, 8, 16):
        (x, targets, size), (expected, *rest) = made.take(1, start, 8), array.take(1, start, 8)
        assert same_bits(x, expected)
        assert (targets.tolist(), size) == (rest[0].tolist(), rest[1])


@pytest.mark.parametrize("seeds", SEEDS)
def test_slices_and_resuming(seeds):
    whole, cut, other = (started(Stored, "conv net", seeds) for _ in range(3))
    whole.run(steps=STEPS)
    while cut.step < 7:
        cut.run(seconds=0)
    other.restore(cut.save())
    for run in (cut, other):
        run.run(steps=STEPS - 7)
        assert_same_run(run, whole)


# --- those that vary ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("layers", NETWORKS)
def test_those_that_vary_depend_on_seed_and_step_alone(layers, seeds):
    whole, cut, other = (started(Varying, layers, seeds) for _ in range(3))
    whole.run(steps=STEPS)
    while cut.step < 7:
        cut.run(seconds=0)
    other.run(steps=2)
    other.restore(cut.save())
    for run in (cut, other):
        run.run(steps=STEPS - 7)
        assert_same_run(run, whole)
    whole.rewind()
    whole.run(steps=STEPS)
    assert_same_run(whole, cut)
    assert not same_bits(whole.theta, _after(Stored, layers, seeds).theta)


@pytest.mark.parametrize("kind", [Stored, Varying])
@pytest.mark.parametrize("seeds", SEEDS)
def test_a_peek_shows_those_of_the_next_step_and_changes_nothing(seeds, kind):
    peeked, alone = started(kind, "conv net", seeds), started(kind, "conv net", seeds)
    for _ in range(STEPS):
        seen, again = peeked.peek().x, peeked.peek().x
        assert same_bits(seen, again)
        peeked.run(steps=1)
    alone.run(steps=STEPS)
    assert_same_run(peeked, alone)


def test_the_generator_is_that_of_seed_and_step():
    run = started(Varying)
    run.run(steps=STEPS)
    drawn = run.parts["train"][0].drawn
    expected = [
        float(stream(3, "samples", step).standard_normal((8, *SHAPE), np.float32).flat[0]) for step in range(STEPS)
    ]
    assert drawn == expected
    assert len(set(drawn)) == STEPS
    assert run.parts["test"][0].drawn == []


def test_other_seeds_draw_other_samples():
    one, other = started(Varying), started(Varying, seeds={"weights_seed": 1, "batches_seed": 4})
    for run in (one, other):
        run.run(steps=STEPS)
    assert not set(one.parts["train"][0].drawn) & set(other.parts["train"][0].drawn)
    assert not same_bits(one.theta, other.theta)


@pytest.mark.parametrize("kind", [Stored, Varying])
@pytest.mark.parametrize("layers", NETWORKS)
def test_members_of_a_stack_train_as_they_would_alone(layers, kind):
    stack = _after(kind, layers, "stack")
    for k in (0, 1):
        alone = _after(kind, layers, {"weights_seed": k + 1, "batches_seed": k + 3})
        assert same_bits(stack.theta[k], alone.theta)
        assert stack.history.last["test_loss"][k] == pytest.approx(alone.history.last["test_loss"], rel=1e-6)


def test_models_that_share_their_batches_share_their_samples():
    stack = _after(Varying, seeds={"weights_seed": [1, 2], "batches_seed": 3})
    assert same_bits(stack.theta[0], _after(Varying).theta)
    drawn = stack.parts["train"][0].drawn
    assert drawn[::2] == drawn[1::2]


def test_measuring_sees_them_as_they_are():
    run = started(Varying)
    run.run(epochs=2)
    x, targets = run.parts["train"]
    outputs = run.predict(x[:])
    assert same_bits(run.outputs["train"], outputs)
    assert run.history.last["train_loss"] == run.loss.value(outputs, targets)


# --- around them ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layers", NETWORKS)
@pytest.mark.parametrize("batch_size", [0, 8])
def test_a_monitor_looks_at_them(layers, batch_size):
    settings = dataclasses.replace(SETTINGS, batch_size=batch_size)
    found = []
    for kind in (Stored, Varying, None):
        run, monitor = started(kind, layers, settings=settings), Monitor()
        found.append(monitor.look(run).to_plain())
        assert monitor.steps == [0]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("part", ["train", "test"])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: Stored(p[:, 1:]), r"has samples of shape \(8, 8, 2\); the network takes \(9, 8, 2\)."),
        (lambda p: Stored(p, np.float64), "is float64, the network float32; use one dtype for both."),
        (lambda p: Stored(p[:-1]), "has 36 samples but 37 targets."),
        (lambda p: Stored(p[:0]), "is empty; a run needs at least one sample in each part."),
    ],
    ids=["shape", "dtype", "count", "empty"],
)
def test_samples_that_do_not_fit(part, change, sentence):
    pictures, classes = drawn_pictures(37)
    parts = {name: (Stored(pictures), classes) for name in ("train", "test")}
    parts[part] = (change(pictures), classes)
    with pytest.raises(ValueError, match=f"^The {part} part {sentence}$") as caught:
        Trainer(Network(NETWORKS["vectors"], SHAPE), parts, SoftmaxCrossEntropy())
    assert is_one_sentence(str(caught.value))


def _after(kind, layers="vectors", seeds="one"):
    run = started(kind, layers, seeds)
    run.run(steps=STEPS)
    return run
