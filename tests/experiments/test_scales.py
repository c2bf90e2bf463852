"""Inputs and targets of any size: what is advised, what is trained on, and what is told in the data's own units."""

import numpy as np
import pytest

from nn_core.activations import Tanh
from nn_core.layers import Dense
from nn_core.losses import MeanSquaredError
from nn_core.metrics import r_squared
from nn_core.optimisers import Adam
from nn_core.spec import SpecError
from playground.datasets.base import Drawn, fingerprint, input_names
from playground.datasets.plane import Moons
from playground.datasets.registry import DATASETS
from playground.datasets.values import Line
from playground.experiments.config import Config, Own
from playground.experiments.experiment import build, with_data
from playground.experiments.link import read_link, show_link
from playground.experiments.scales import advice, is_far
from playground.experiments.stacks import Stack
from playground.live.plane.painter import Painter
from playground.live.run import Run
from tests.pages import PAGES, PLANE

BASE = Config(hidden=(Dense(8, Tanh()),), optimiser=Adam(), learning_rate=0.01, batch_size=16, stop_epochs=150)


def drawn(x, y, classes=()) -> Drawn:
    return Drawn(np.array(x, float), np.array(y), tuple(classes), input_names(np.shape(x)[1]))


def houses(scale=100_000.0, rows=200) -> Drawn:
    """Two inputs of about 1, and prices of hundreds of thousands that depend on them."""
    x = np.random.default_rng(0).uniform(-1, 1, (rows, 2))
    return drawn(x, scale * (3 + x[:, :1] + 0.5 * x[:, 1:] ** 2))


def on(own: Drawn, **changes) -> Config:
    return with_data(BASE, Own(fingerprint(own)), own).replace(**changes)


def learned(own: Drawn, **changes):
    experiment = build(on(own, **changes), own)
    experiment.trainer.run()
    return experiment


# --- targets --------------------------------------------------------------------------------------------------------


def test_house_prices_are_learned_and_told_in_their_own_units():
    own = houses()
    experiment = learned(own)
    last = experiment.trainer.history.last
    assert experiment.config.standardise_targets
    assert last["test_metric"] > 0.95
    for name, part in (("train", experiment.data.train), ("test", experiment.data.test)):
        answers = experiment.decode(experiment.trainer.predict(experiment.encode(part.x)))
        assert part.y.min() < answers.mean() < part.y.max()
        assert last[f"{name}_loss"] == pytest.approx(((answers - part.y) ** 2).mean(), rel=1e-5)
        assert last[f"{name}_metric"] == pytest.approx(r_squared(answers, part.y), abs=1e-5)
    assert last["train_loss"] > 1e5  # squares of the price, not of what the network is trained on


def test_without_it_they_are_not_learned():
    assert learned(houses(), standardise_targets=False).trainer.history.last["test_metric"] < 0


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e5, 1e25])
def test_the_run_is_the_same_whatever_the_unit(scale):
    one, other = learned(houses(), stop_epochs=5), learned(houses(scale), stop_epochs=5)
    np.testing.assert_allclose(one.trainer.theta, other.trainer.theta, rtol=0, atol=1e-4)
    losses = [run.trainer.history.last["train_loss"] for run in (one, other)]
    assert losses[1] == pytest.approx(losses[0] * (scale / 1e5) ** 2, rel=1e-3)


def test_values_far_from_0_keep_their_digits():
    x = np.linspace(-1, 1, 80)[:, None]
    experiment = learned(drawn(x, 1_700_000_000 + 10 * x))  # float32 knows such values to within 128
    answers = experiment.decode(experiment.trainer.predict(experiment.encode(experiment.data.test.x)))
    assert np.abs(answers - experiment.data.test.y).max() < 2
    painter = Painter(experiment, "1-2")
    frame = painter.frame({"run": "r", "playing": False})
    assert len(np.unique(frame.arrays["points_xy"][:, 1])) == len(frame.arrays["points_xy"])
    assert np.ptp(frame.arrays["line_y"]) > 10
    assert frame.header["plane"]["y"][0] < frame.arrays["line_y"].min()


def test_its_link_a_stack_and_a_sweep_make_the_same_run():
    own = houses()
    config = on(own, stop_epochs=3)
    assert show_link(config)["standardise_targets"] == "on"
    read, problems = read_link(show_link(config), Config())
    assert (read, problems) == (config, [])
    alone = build(config, own)
    alone.trainer.run()
    stack = Stack([config, config.replace(seed_weights=1)], own)
    stack.advance()
    result = stack.results()[0]
    assert result.fingerprint == alone.fingerprint
    assert result.final == {name: float(value) for name, value in alone.trainer.history.last.items()}
    assert not result.diverged


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_a_run_that_runs_away_is_seen_in_any_unit(scale):
    experiment = build(on(houses(scale), learning_rate=1e6), houses(scale))
    assert experiment.trainer.run(epochs=50).state == "diverged"
    stack = Stack([on(houses(scale), stop_epochs=3)], houses(scale))
    stack.advance()
    assert not stack.results()[0].diverged


def test_other_data_put_it_on_and_off():
    own = houses()
    brought = on(own)
    assert brought.standardise_targets
    assert not with_data(brought, Line()).standardise_targets
    assert not with_data(brought, Moons()).standardise_targets
    off = brought.replace(standardise_targets=False)
    assert not with_data(off, off.data, own).standardise_targets  # as a link with the same data is opened
    chosen = Config(data=Line(), features=("x1",), loss=MeanSquaredError(), standardise_targets=True)
    assert with_data(chosen, Line(slope=2.0)).standardise_targets
    points = drawn(np.eye(4, 2), [0, 1, 0, 1], ("a", "b"))
    assert not with_data(BASE, Own(fingerprint(points)), points).standardise_targets


def test_it_changes_nothing_where_classes_are_told_apart():
    plain, other = build(Config()), build(Config(standardise_targets=True))
    assert plain.trainer.run(epochs=2).theta.tobytes() == other.trainer.run(epochs=2).theta.tobytes()
    assert other.target_scaling is None


def test_a_surface_is_drawn_around_the_mean_of_its_values():
    own = houses()
    experiment = learned(own)
    frame = Painter(experiment, "1-2").frame({"run": "r", "playing": False})
    low, high = frame.header["value_range"]
    assert (low + high) / 2 == pytest.approx(experiment.data.train.y.mean())
    assert low <= own.y.min() < own.y.max() <= high
    answers = experiment.decode(
        experiment.trainer.predict(experiment.encode(Painter(experiment, "1-2").plane.grid(100)))
    )
    shown = low + frame.arrays["map_value"].ravel() / 255 * (high - low)
    np.testing.assert_allclose(shown, np.clip(answers[:, 0], low, high), atol=(high - low) / 255)


# --- inputs ---------------------------------------------------------------------------------------------------------


def instants() -> Drawn:
    """36 instants of a minute in Unix time: class by which half of the minute."""
    x = 1_700_000_000 + np.arange(36.0)[:, None]
    return drawn(x, (x[:, 0] >= 1_700_000_018).astype(int), ("first", "second"))


def test_unix_time_is_scaled_before_it_becomes_float32():
    own = instants()
    plain, scaled = (build(on(own, standardise=switch), own) for switch in (False, True))
    assert len(np.unique(plain.trainer.parts["train"][0])) == 1  # float32 tells them apart no more
    assert len(np.unique(scaled.trainer.parts["train"][0])) == len(scaled.data.train)
    scaled.trainer.run(epochs=100)
    assert (
        scaled.trainer.history.last["train_metric"] > 0.9 > plain.trainer.run(epochs=100).history.last["train_metric"]
    )
    for experiment in (plain, scaled):
        xy = Painter(experiment, "1-2").frame({"run": "r", "playing": False}).arrays["points_xy"]
        assert xy.dtype == np.float64
        assert len(np.unique(xy[:, 0])) == len(xy) == len(experiment.data.train) + len(experiment.data.test)


def test_ordinary_inputs_are_scaled_as_ever():
    experiment = build(Config(standardise=True))
    x, mean, std = experiment.data.train.x, experiment.data.train.x.mean(axis=0), experiment.data.train.x.std(axis=0)
    assert experiment.trainer.parts["train"][0].tobytes() == ((x - mean) / std).astype(np.float32).tobytes()


HUGE = drawn(np.outer(np.arange(1, 13), [1e19, 1.0]), np.arange(12) % 2, ("a", "b"))  # up to 1.2e20


@pytest.mark.parametrize("key", ["x1^2", "x1x2"])
def test_a_feature_beyond_float32_is_a_sentence(key):
    own = HUGE if key == "x1^2" else drawn(HUGE.x * [1, 1e20], HUGE.y, HUGE.classes)
    sentence = (
        f"features: {key} grows beyond what float32 can hold on these data; standardise the inputs, or leave {key} out."
    )
    with pytest.raises(SpecError) as told:
        build(on(own, features=("x1", key)), own)
    assert str(told.value) == sentence
    run = Run(on(own), own)  # a click on the feature: nothing changes
    with pytest.raises(SpecError) as told:
        run.act({"kind": "feature", "key": key})
    assert str(told.value) == sentence
    assert run.config == on(own)
    scaled = build(on(own, features=("x1", key), standardise=True), own)
    assert np.isfinite(scaled.trainer.parts["train"][0]).all()
    build(on(own, features=("x1", key)), own, np.float64)  # which can hold it


def test_what_overflows_beside_the_data_is_drawn_all_the_same():
    own = drawn(np.outer(np.linspace(-1, 1, 40), [1.8e19, 1.0]), np.arange(40) % 2, ("a", "b"))  # 1.8e19² is 3.2e38
    experiment = build(on(own, features=("x1^2", "x2")), own)
    assert np.isfinite(Painter(experiment, "1-2").map_features).all()


# --- one input and classes ------------------------------------------------------------------------------------------


def test_one_input_and_classes_are_drawn_in_lanes_with_their_names():
    x = np.arange(40.0)[:, None] / 20
    own = drawn(x, np.arange(40) % 3, ("a", "b", "a class with a very long name"))
    frame = Painter(build(on(own), own), "1-2").frame({"run": "r", "playing": False})
    plane = frame.header["plane"]
    assert (plane["y"], plane["y_label"], plane["y_ticks"]) == ((-0.5, 2.5), "class", [0, 1, 2])
    assert plane["y_texts"] == ["a", "b", "a class with a…"]
    heights, classes = frame.arrays["points_xy"][:, 1], frame.arrays["points_class"]
    assert (np.rint(heights) == classes).all()
    assert len(np.unique(heights)) > 0.9 * len(heights)  # they do not hide each other


# --- what is advised ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "far"),
    [
        ([0, 1], False),
        ([-3, 3], False),
        ([1e6, 1e6], False),  # all the same: no scale would help
        ([0, 100], True),
        ([1_700_000_000, 1_700_000_001], True),
        ([0, 0.01], True),
        ([1, 1.01], True),
    ],
)
def test_what_is_far_from_1(values, far):
    assert is_far(np.array(values, float)[:, None]).tolist() == [far]


def test_the_page_proposes_what_the_data_need():
    found = advice(build(on(instants()), instants()))
    assert found.field == "standardise"
    assert found.sentence == "x₁ runs from 1,700,000,000 to 1,700,000,034, far from 1: standardise the inputs."
    assert advice(build(on(instants(), standardise=True), instants())) is None
    assert "standardised targets; loss, R² and pictures" in advice(build(on(houses()), houses())).sentence
    found = advice(build(on(houses(), standardise_targets=False), houses()))
    assert found.field == "standardise_targets"
    assert found.sentence.startswith("The targets run from 2")
    wide = drawn(np.random.default_rng(0).uniform(0, 100, (40, 5)), np.arange(40) % 2, ("a", "b"))
    assert "(4 more are alike)" in advice(build(on(wide), wide)).sentence
    assert "(1 more is alike)" in advice(build(on(wide, features=("x1", "x4")), wide)).sentence
    narrowed = on(wide, features=("x2",))
    assert advice(build(narrowed, wide)).sentence.startswith("x₂ runs from")


def test_the_projects_own_data_need_nothing():
    configs = [recipe.config for view in PLANE for recipe in PAGES[view].recipes]
    configs += [with_data(Config(), kind()) for kind in DATASETS.values()]
    assert [config for config in configs if advice(build(config))] == []
