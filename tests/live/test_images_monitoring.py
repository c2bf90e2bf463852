"""The monitor of a picture run: it only reads, costs what it may, and what it draws is what it has seen."""

import numpy as np
import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.initialisers import He
from nn_core.layers import BatchNorm, Conv2D, Dense, MaxPool2D, Residual
from nn_core.monitors import BINS, LayerReport, Monitor, Report, summarise
from nn_core.optimisers import Adam
from playground.datasets.augment import Augment
from playground.datasets.pictures import Digits
from playground.experiments.config import PIXELS, Config
from playground.experiments.experiment import build
from playground.live.images import monitoring
from playground.live.images.monitoring import BAND_POINTS, MOST_LAYERS, QUANTITIES, RIDGES, Watch
from playground.live.images.run import PictureRun

CONFIG = Config(
    data=Digits(samples=240),
    features=PIXELS,
    hidden=(Conv2D(4, 3, activation=ReLU()), MaxPool2D(2), Dense(12, Tanh())),
    initialiser=He(),
    optimiser=Adam(),
    learning_rate=0.003,
    batch_size=20,
    dropout=0.2,
    augment=Augment(1, 10.0),
)
SLOWLY = "1 step a picture"


@pytest.fixture
def eager(monkeypatch):
    """A monitor that looks whenever it is asked."""
    monkeypatch.setattr(monitoring, "LEAST_GAP", 0.0)
    monkeypatch.setattr(monitoring, "SHARE", 1e9)


def played(run, times):
    run.speed = SLOWLY
    run.play()
    for _ in range(times):
        run.train(5)
    return run


def watched(*hidden, steps=9):
    """A watch that has looked at each of so many steps."""
    trainer, watch = build(CONFIG.replace(hidden=hidden)).trainer, Watch()
    for step in range(steps + 1):
        trainer.run(steps=int(step > 0))
        watch.look(trainer, 0.0)
    return watch


def told(*arrays, steps=None):
    """A watch that was told these weights of a single layer, one after the other."""
    watch = Watch()
    for step, values in enumerate(arrays):
        layer = LayerReport("layer", {"W": summarise(np.asarray(values, np.float64))}, None, None, 0.0, 0.0)
        watch.monitor.add(steps[step] if steps else step, Report((layer,), 0.0, 0.0))
    return watch


# --- when it looks --------------------------------------------------------------------------------------------------


def test_it_looks_once_at_the_start():
    run = PictureRun(CONFIG)
    assert run.watch.monitor.steps == [0]
    assert run.watch.cost == "measured while it plays"
    run.rewind()
    assert run.watch.monitor.steps == [0]


@pytest.mark.usefixtures("eager")
def test_switched_off_it_costs_nothing_and_adds_nothing(monkeypatch):
    run = PictureRun(CONFIG)
    run.watching(False)
    monkeypatch.setattr(Monitor, "look", None)  # would fail
    played(run, 5)
    assert run.trainer.step == 5
    assert run.watch.monitor.steps == [0]
    assert run.watch.cost == "off"
    run.rewind()
    assert not run.watch.on
    assert run.watch.monitor.steps == []
    run.apply(CONFIG.replace(seed_split=1))
    assert not run.watch.on
    assert (run.watch.layers(), run.watch.latest) == ([], None)


@pytest.mark.usefixtures("eager")
def test_switched_on_again_it_goes_on():
    run = PictureRun(CONFIG)
    played(run, 2)
    run.watching(False)
    played(run, 2)
    run.watching(True)
    played(run, 2)
    assert run.watch.monitor.steps == [0, 1, 2, 5, 6]
    assert run.watch.latest is run.watch.monitor.reports[-1]


@pytest.mark.usefixtures("eager")
def test_it_never_changes_the_training():
    watching, blind = PictureRun(CONFIG.replace(hidden=(BatchNorm(), *CONFIG.hidden))), None
    blind = PictureRun(watching.config)
    blind.watching(False)
    for run in (watching, blind):
        played(run, 25)
    assert len(watching.watch.monitor.steps) == 26
    assert len(blind.watch.monitor.steps) == 1
    assert watching.experiment.fingerprint == blind.experiment.fingerprint
    assert np.array_equal(watching.trainer.theta, blind.trainer.theta)
    assert watching.trainer.history.last == blind.trainer.history.last


def test_it_waits_until_it_may_look_again():
    trainer, watch = build(CONFIG).trainer, Watch()
    watch.look(trainer, 0.0)
    for _ in range(3):
        trainer.run(steps=1)
        watch._due = float("inf")
        watch.look(trainer, 0.0)
    assert watch.monitor.steps == [0]
    watch._due = 0.0
    watch.look(trainer, 0.0)
    assert watch.monitor.steps == [0, 3]
    watch._due = 0.0
    watch.look(trainer, 0.0)  # there is nothing new to see
    assert watch.monitor.steps == [0, 3]


def test_what_it_cost_is_a_share_of_the_time():
    watch = Watch()
    watch._spent, watch._trained = 0.05, 1.95
    assert watch.cost == "2.5 % of the time"
    watch._trained = 0.4
    assert watch.cost == "measured while it plays"


@pytest.mark.usefixtures("eager")
def test_a_new_run_has_a_new_monitor():
    run = played(PictureRun(CONFIG), 3)
    first = run.watch
    run.apply(CONFIG.replace(learning_rate=0.1))  # lives on
    assert run.watch is first
    run.apply(CONFIG.replace(seed_weights=1))
    assert run.watch is not first
    assert run.watch.monitor.steps == [0]


# --- layers ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("eager")
def test_layers_with_weights_are_watched():
    watch = watched(BatchNorm(), Conv2D(4, 3), MaxPool2D(2), Residual(5))
    numbers = [number for number, _ in watch.layers()]
    assert numbers == [0, 1, 4, 6]  # neither pool, Flatten nor Dropout
    assert [name for _, name in watch.layers()] == ["BatchNorm", "Conv2D", "Residual", "Dense"]
    for number in numbers:
        for quantity in QUANTITIES:
            ridges, bands = watch.ridges(number, quantity), watch.bands(number, quantity)
            assert (ridges is None) == (bands is None) == (number == 0 and quantity == "z")


@pytest.mark.usefixtures("eager")
def test_of_many_layers_the_first_and_the_last_are_watched():
    watch = watched(*[Dense(3)] * 11, steps=0)
    found = [number for number, _ in watch.layers()]
    assert len(found) == MOST_LAYERS
    assert found == [1, 3, 5, 7, 9, 23]  # after the Flatten, a Dropout behind each


# --- ridges ---------------------------------------------------------------------------------------------------------


def test_ridges_on_a_common_bound_conserve_their_mass():
    rng = np.random.default_rng(0)
    watch = told(*(rng.normal(0, spread, 4000) for spread in (0.01, 0.05, 0.3, 1.0, 9.0)))
    bound, heights = watch.ridges(0, "W")
    assert bound == max(report.layers[0].quantities["W"].bound for report in watch.monitor.reports)
    assert heights.shape == (5, BINS)
    assert heights.dtype == np.float32
    assert heights.max() == 1
    np.testing.assert_allclose(heights.sum(axis=1), heights.sum(axis=1)[0], rtol=1e-5)
    assert np.all(heights >= 0)


def test_a_narrow_histogram_is_a_wide_one_of_fewer_bins():
    values = np.random.default_rng(1).uniform(-1, 1, 5000)
    values[0] = 1.0  # its bound is 1
    bound, heights = told(values, [4.0]).ridges(0, "W")
    assert bound == 4
    expected = np.histogram(values, bins=BINS, range=(-4, 4))[0]
    np.testing.assert_allclose(heights[0] / heights[0].sum(), expected / 5000, atol=2e-3)
    assert heights[1].argmax() == BINS - 1


@pytest.mark.parametrize("largest", [1e-30, 1e-9, 1.0, 1e30])
def test_bounds_that_are_far_apart(largest):
    bound, heights = told([largest, -largest / 2], [1.0]).ridges(0, "W")
    assert bound >= max(1.0, largest)
    assert np.all(np.isfinite(heights))
    np.testing.assert_allclose(heights.sum(axis=1), heights.sum(axis=1)[0], rtol=1e-5)


def test_ridges_of_what_is_lost_or_constant():
    _, heights = told([np.nan, np.inf], [0.0, 0.0], [1.0]).ridges(0, "W")
    assert np.all(np.isfinite(heights))
    assert heights[0].sum() == 0
    assert heights[1].sum() == pytest.approx(heights[2].sum())


def test_few_ridges_of_many_evenly_chosen():
    watch = told(*(np.full(3, 2.0 ** -(step % 3)) for step in range(100)))
    assert watch.ridges(0, "W")[1].shape == (RIDGES, BINS)
    assert told([1.0]).ridges(0, "W")[1].shape == (1, BINS)
    assert told([1.0]).ridges(0, "b") is None


@pytest.mark.usefixtures("eager")
def test_the_last_ridge_is_the_histogram_of_the_weights_as_they_are():
    trainer, watch = build(CONFIG).trainer, Watch()
    for _ in range(4):
        trainer.run(steps=1)
        watch.look(trainer, 0.0)
    weights = trainer.network.views(trainer.theta)[0]["W"]
    bound, heights = watch.ridges(0, "W")
    expected = np.histogram(weights, bins=BINS, range=(-bound, bound))[0]
    np.testing.assert_allclose(heights[-1] / heights[-1].sum(), expected / weights.size, atol=1e-6)


# --- bands ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("eager")
def test_bands_are_in_order():
    watch = watched(Conv2D(4, 3, activation=ReLU()), MaxPool2D(2), Residual(5))
    for number, _ in watch.layers():
        for quantity in QUANTITIES:
            step, least, low, mean, high, most = watch.bands(number, quantity)
            assert step.tolist() == list(range(10))
            for lower, upper in ((least, mean), (mean, most), (low, mean), (mean, high)):
                assert np.all(lower <= upper)


def test_bands_hold_the_moments():
    bands = told([1.0, 2.0, 6.0], [-1.0, -1.0], [0.0], steps=[0, 5, 70]).bands(0, "W")
    assert bands.dtype == np.float32
    std = np.std([1.0, 2.0, 6.0])
    assert bands.T.tolist() == [
        pytest.approx([0, 1, 3 - std, 3, 3 + std, 6]),
        [5, -1, -1, -1, -1, -1],
        [70, 0, 0, 0, 0, 0],
    ]
    assert told([1.0]).bands(0, "z") is None


def test_bands_of_what_is_lost_are_numbers():
    assert np.all(np.isfinite(told([np.nan], [1.0], [np.inf, 2.0]).bands(0, "W")))


def test_few_points_of_many():
    bands = told(*([float(step)] for step in range(200))).bands(0, "W")
    assert bands.shape == (6, BAND_POINTS)
    assert (bands[0, 0], bands[0, -1]) == (0, 199)
    assert np.all(np.diff(bands[0]) > 0)
    np.testing.assert_array_equal(bands[3], bands[0])
