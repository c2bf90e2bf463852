"""A run as a page sees it: it plays like any media player, and whatever cannot be done leaves it as it was."""

import numpy as np
import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.layers import Dense, Residual
from nn_core.optimisers import Adam
from nn_core.spec import SpecError
from playground.datasets.base import DataError, Drawn, fingerprint
from playground.datasets.plane import Blobs, Circles, GaussianMixture, Moons
from playground.experiments.config import Config, Own
from playground.live.plane.changes import toggled, with_layer, with_layers
from playground.live.run import Run

CONFIG = Config(data=Moons(samples=100), hidden=(Dense(4, Tanh()),), batch_size=10)  # 6 steps an epoch
OWN = Drawn(np.arange(40.0).reshape(20, 2), np.array([0, 1] * 10), ("a", "b"), ("u", "v"))


@pytest.fixture
def run():
    return Run(CONFIG)


def weights(run):
    return run.trainer.theta.copy()


def test_it_plays_and_pauses(run):
    assert run.state == "ready"
    run.train(0.01)
    assert run.trainer.step == 0  # it does not play
    run.play()
    assert run.state == "playing"
    run.train(0.01)
    step = run.trainer.step
    assert step > 0
    run.pause()
    assert run.state == "paused"
    run.train(0.01)
    assert run.trainer.step == step
    run.play()
    run.train(0.001)
    assert run.trainer.step > step


def test_steps_pause_first(run):
    run.play()
    run.step_batch()
    assert (run.trainer.step, run.state) == (1, "paused")
    run.play()
    run.step_epoch()
    assert (run.trainer.step, run.trainer.epoch, run.state) == (6, 1, "paused")
    run.step_epoch()
    assert (run.trainer.step, run.trainer.epoch) == (12, 2)


def test_rewind_gives_the_same_weights_and_the_same_run(run):
    start, first = weights(run), run.experiment.fingerprint
    run.step_epoch()
    then = run.experiment.fingerprint
    run.rewind()
    assert np.array_equal(weights(run), start)
    assert run.experiment.fingerprint == first
    assert run.state == "ready"
    run.step_epoch()
    assert run.experiment.fingerprint == then


def test_rewind_in_mid_play_plays_on(run):
    run.play()
    run.train(0.005)
    run.rewind()
    assert (run.trainer.step, run.state) == (0, "playing")


def test_new_weights_are_others_and_can_be_had_again(run):
    start = weights(run)
    run.new_weights()
    assert run.config.seed_weights == 1
    assert not np.array_equal(weights(run), start)
    run.apply(CONFIG)
    assert np.array_equal(weights(run), start)
    run.apply(CONFIG.replace(seed_weights=2**32 - 1))
    run.new_weights()
    assert run.config.seed_weights == 0


def test_a_change_in_mid_run_keeps_steps_and_weights(run):
    run.play()
    run.train(0.005)
    step, now, name = run.trainer.step, weights(run), run.name
    changed = CONFIG.replace(learning_rate=1.0, optimiser=Adam(), hidden=(Dense(4, ReLU()),), dropout=0.2, l2=0.1)
    assert run.apply(changed) is False
    assert (run.trainer.step, run.name, run.state) == (step, name, "playing")
    assert np.array_equal(weights(run), now)
    assert run.changed_at == step
    assert run.apply(changed) is False


def test_a_change_at_the_start_is_no_change_in_mid_run(run):
    run.apply(CONFIG.replace(learning_rate=1.0))
    assert run.changed_at is None


def test_a_change_that_forces_a_restart(run):
    run.step_epoch()
    name = run.name
    assert run.apply(CONFIG.replace(seed_data=3)) is True
    assert (run.trainer.step, run.changed_at) == (0, None)
    assert run.name != name  # nothing glides from the old run to the new one


@pytest.mark.parametrize(
    ("config", "error"),
    [
        (CONFIG.replace(features=("x3",)), SpecError),
        (CONFIG.replace(data=Own("abcd")), DataError),
        (CONFIG.replace(data=Blobs(samples=20, classes=5), validation_share=0.4, test_share=0.5), DataError),
    ],
)
def test_what_cannot_be_built_leaves_the_run_as_it_was(run, config, error):
    run.step_epoch()
    then = run.experiment.fingerprint
    with pytest.raises(error):
        run.apply(config)
    assert (run.experiment.fingerprint, run.trainer.step, run.config) == (then, 6, CONFIG)
    run.frame()


def test_own_data_stay_with_the_run(run):
    own = CONFIG.replace(data=Own(fingerprint(OWN)))
    assert run.apply(own, OWN) is True
    run.step_epoch()
    assert run.apply(own.replace(learning_rate=1.0)) is False
    assert run.apply(own.replace(seed_split=1)) is True
    assert run.experiment.data.inputs == ("u", "v")
    run.apply(CONFIG)
    assert run.own is None


def test_a_finished_run_starts_again_when_it_is_played(run):
    run.apply(CONFIG.replace(stop_epochs=2))
    run.play()
    run.train(10)
    assert (run.state, run.playing, run.trainer.epoch) == ("finished", False, 2)
    run.play()
    assert (run.state, run.trainer.step) == ("playing", 0)


def test_a_lifted_rule_lets_a_finished_run_go_on(run):
    run.apply(CONFIG.replace(stop_epochs=2))
    run.play()
    run.train(10)
    run.apply(CONFIG.replace(stop_epochs=4))
    run.play()
    assert (run.state, run.trainer.epoch) == ("playing", 2)
    run.train(10)
    assert (run.state, run.trainer.epoch) == ("finished", 4)


def test_a_diverged_run_says_so_and_can_be_rewound(run):
    run.apply(CONFIG.replace(learning_rate=1e6))
    run.play()
    run.train(5)
    assert (run.state, run.playing) == ("diverged", False)
    assert run.trainer.message.startswith("Diverged at step ")
    assert run.trainer.message.endswith(".")
    run.rewind()
    assert run.state == "ready"
    assert run.trainer.message == ""


def test_speeds(run):
    for speed, steps in (("1 step a picture", 1), ("10 steps a picture", 10)):
        run.rewind()
        run.speed = speed
        run.play()
        for _ in range(3):
            run.train(5)
        assert run.trainer.step == 3 * steps
    run.rewind()
    run.speed = "1 epoch a picture"
    run.train(5)
    assert run.trainer.epoch == 1
    assert run.steps_per_second >= 0


def test_weights_can_be_set(run):
    run.set_number(0, 2, 1, 0.75)
    run.set_number(1, 0, None, -3)
    params = run.experiment.network.views(run.trainer.theta)
    assert params[0]["W"][1, 2] == 0.75
    assert params[2]["b"][0] == -3
    assert run.changed_at == 0
    assert "*" in str(run.frame())
    run.rewind()
    assert run.changed_at is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e7])
def test_weights_that_are_no_sensible_number(run, value):
    before = weights(run)
    with pytest.raises(ValueError, match=r"^A weight must be a number from -1,000,000 to 1,000,000\.$"):
        run.set_number(0, 0, 0, value)
    assert np.array_equal(weights(run), before)


@pytest.mark.parametrize(
    ("action", "changes"),
    [
        ({"kind": "feature", "key": "x1x2"}, {"features": ("x1", "x2", "x1x2")}),
        ({"kind": "feature", "key": "x2"}, {"features": ("x1",)}),
        ({"kind": "units", "layer": 0, "by": 1}, {"hidden": (Dense(5, Tanh()),)}),
        ({"kind": "units", "layer": 0, "by": -1}, {"hidden": (Dense(3, Tanh()),)}),
        ({"kind": "layer", "by": 1}, {"hidden": (Dense(4, Tanh()),) * 2}),
        ({"kind": "layer", "by": -1}, {"hidden": ()}),
    ],
    ids=str,
)
def test_clicks_on_the_canvas(run, action, changes):
    run.act(action)
    assert run.config == CONFIG.replace(**changes)


def test_a_weight_is_edited_on_the_canvas(run):
    run.act({"kind": "weight", "column": 1, "from": 3, "to": 1, "value": 0.5})
    run.act({"kind": "bias", "column": 0, "to": 2, "value": -0.5})
    params = run.experiment.network.views(run.trainer.theta)
    assert params[2]["W"][3, 1] == 0.5
    assert params[0]["b"][2] == -0.5


@pytest.mark.parametrize(
    "action",
    [
        {},
        {"kind": "explode"},
        {"kind": "feature"},
        {"kind": "feature", "key": "x9"},
        {"kind": "feature", "key": ["x1"]},
        {"kind": "units", "layer": 7, "by": 1},
        {"kind": "units", "layer": "0", "by": 1},
        {"kind": "units", "layer": 0, "by": "1"},
        {"kind": "units", "layer": 0, "by": 100},
        {"kind": "units", "layer": 0, "by": -4},
        {"kind": "units", "layer": 0, "by": 0.5},
        {"kind": "layer", "by": 9},
        {"kind": "layer", "by": "9"},
        {"kind": "layer", "by": 10**18},  # a tuple of so many layers would fill the memory
        {"kind": "layer", "by": -(10**18)},
        {"kind": "layer", "by": 0},
        {"kind": "units", "layer": -1, "by": 1},
        {"kind": "units", "layer": 10**18, "by": 1},
        {"kind": "weight", "column": 0, "from": 0, "to": [[]], "value": 1},
        {"kind": "weight", "column": 0, "from": None, "to": 0, "value": 1},
        {"kind": "weight", "column": -1, "from": 0, "to": 0, "value": 1},
        {"kind": "weight", "column": 0, "from": 10**18, "to": 0, "value": 1},
        {"kind": "bias", "column": [0], "to": 0, "value": 1},
        {"kind": "weight", "column": 9, "from": 0, "to": 0, "value": 1},
        {"kind": "weight", "column": 0, "from": 0, "to": 0, "value": "much"},
        {"kind": "weight", "column": 0, "from": 0, "to": 0, "value": None},
        {"kind": "bias", "column": 0, "to": -1, "value": 1},
        {"kind": "paint", "points": [[0, 0]], "class": 0},
    ],
    ids=str,
)
def test_clicks_that_make_no_sense_have_one_sentence(run, action):
    before = weights(run)
    with pytest.raises(ValueError, match=r"\S\.$") as caught:
        run.act(action)
    assert "\n" not in str(caught.value)
    assert run.config == CONFIG
    assert np.array_equal(weights(run), before)


def test_the_last_feature_stays_on(run):
    with pytest.raises(ValueError, match="At least one feature must stay on"):
        toggled(("x1",), "x1", run.experiment)
    assert toggled(("x2",), "x1", run.experiment) == ("x1", "x2")


def test_layers_are_changed_at_the_end():
    two = CONFIG.replace(hidden=(Dense(4, Tanh()), Residual(3, ReLU())))
    assert with_layers(two, 3).hidden == (*two.hidden, Residual(3, ReLU()))
    assert with_layers(two, 1).hidden == two.hidden[:1]
    assert with_layers(two, -1).hidden == ()
    assert with_layers(two.replace(hidden=()), 1).hidden == (Dense(8),)
    assert with_layer(two, 1, kind=Dense, units=7).hidden[1] == Dense(7, ReLU())


def test_the_view_follows_the_data(run):
    run.apply(CONFIG.replace(data=GaussianMixture(), features=("x1", "x2", "x3")))
    assert run.view == "1-2"
    run.look("2-3")
    run.apply(run.config.replace(seed_data=1))
    assert run.view == "2-3"
    run.apply(CONFIG.replace(data=Circles()))
    assert run.view == "1-2"
    assert Run(CONFIG.replace(data=GaussianMixture())).view == "pca"
