"""Measuring block by block: however it is cut, the same numbers; and when a run is looked at, by how many samples."""

import dataclasses
import itertools

import numpy as np
import pytest

from nn_core import measuring
from nn_core.activations import ReLU
from nn_core.layers import Dense, Dropout
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.optimisers import SGD
from nn_core.settings import Looks, Settings, StopRules
from nn_core.trainer import Trainer
from tests.nn_core import pictures
from tests.nn_core.runs import LAYERS, SETTINGS, assert_same_run, is_one_sentence, parts, same_bits, trainer

STEPS = 43  # 5 steps make an epoch: eight epochs and three steps
OFTEN = Looks(samples=33, per_epoch=3, between=18)
RUNS = {
    "one": (trainer, {}),
    "stack": (trainer, {"weights_seed": [1, 2], "batches_seed": [3, 4]}),
    "one, often": (trainer, {"looks": OFTEN}),
    "stack, often": (trainer, {"weights_seed": [1, 2], "looks": OFTEN}),
    "pictures": (pictures.trainer, {}),
    "stack of pictures": (pictures.trainer, {"weights_seed": [1, 2]}),
}
RELU = (Dense(8, ReLU()), Dense(8, ReLU()), Dense(3))


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    """The 87 samples of a run are measured in five blocks, the 57 pictures in seven."""
    monkeypatch.setattr(measuring, "BLOCK", 16)
    monkeypatch.setattr(measuring, "PICTURES", 8)


def started(name: str):
    make, kwargs = RUNS[name]
    return make(**kwargs)


def whole(name: str):
    run = started(name)
    run.run(steps=STEPS)
    return run


def is_measuring(run) -> bool:
    """Whether the end of an epoch has been reached, but not yet measured."""
    return run.row == 0 and run.history.last_epoch < run.epoch


def in_mid_measuring(run, epoch: int = 2):
    """The run, left after the first blocks of the measurement at the end of an epoch."""
    while run.epoch < epoch:
        run.run(seconds=0)
    run.run(seconds=0)
    assert is_measuring(run)
    assert run.epoch == epoch
    return run


def assert_same(a, b):
    """The same run, and the same outputs too."""
    assert_same_run(a, b)
    assert a.history.last_epoch == b.history.last_epoch
    assert a.outputs.keys() == b.outputs.keys() == a.parts.keys()
    for name, outputs in a.outputs.items():
        assert same_bits(outputs, b.outputs[name]), name


def measures(run, samples: int) -> dict:
    """What a look at the first so many samples of each part finds."""
    row = {}
    for name, (x, targets) in run.parts.items():
        outputs = np.concatenate(
            [
                run.predict(x[i : i + measuring.BLOCK][: samples - i])
                for i in range(0, min(samples, len(x)), measuring.BLOCK)
            ],
            axis=-2,
        )
        row[f"{name}_loss"] = run.loss.value(outputs, targets[:samples])
        row[f"{name}_metric"] = run.metric(outputs, targets[:samples])
    return row


def assert_same_row(a: dict, b: dict):
    assert a.keys() == b.keys()
    assert all(same_bits(value, b[name]) for name, value in a.items())


# --- however it is cut ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RUNS)
def test_steps_of_one(name):
    cut = started(name)
    for _ in range(STEPS):
        cut.run(steps=1)
        assert not is_measuring(cut)
    assert_same(cut, whole(name))


@pytest.mark.parametrize("name", RUNS)
def test_slices_of_no_time(name):
    cut, slices, found_measuring = started(name), 0, 0
    while cut.step < STEPS:
        cut.run(seconds=0)
        slices += 1
        found_measuring += is_measuring(cut)
    assert found_measuring
    assert slices > STEPS
    cut.run(steps=0)
    assert_same(cut, whole(name))


@pytest.mark.parametrize(("name", "blocks"), [("one", 5), ("stack", 5), ("pictures", 7), ("stack of pictures", 7)])
def test_a_slice_takes_one_block(name, blocks):
    # Vectors: 16, 16, 5 + 16, 4 + 16 and 14 samples; pictures: 8, 8, 8, 8, 5 + 8, 8 and 4. A step brings the first.
    cut, slices = started(name), STEPS + 8 * (blocks - 1)
    for _ in range(slices - 1):
        cut.run(seconds=0)
    assert cut.step == STEPS - 1
    cut.run(seconds=0)
    assert_same(cut, whole(name))


@pytest.mark.parametrize("name", RUNS)
def test_saved_in_mid_measuring_and_restored_in_another_trainer(name):
    first, second = in_mid_measuring(started(name)), started(name)
    saved = first.save()
    second.run(steps=4)
    second.restore(saved)
    assert_same(second, first)
    for run in (first, second):
        assert run.history.last_epoch == 2  # what was begun has been finished
        run.run(steps=STEPS - run.step)
        assert_same(run, whole(name))
    in_mid_measuring(first, 10)
    first.restore(saved)  # what is under way is forgotten
    assert (first.step, first.history.last_epoch) == (10, 2)
    first.run(steps=STEPS - 10)
    assert_same(first, whole(name))


def test_a_saved_runs_outputs_stay_as_they_were():
    run = started("one")
    run.run(epochs=2)
    saved = run.save()
    kept = {name: outputs.copy() for name, outputs in saved["outputs"].items()}
    run.run(epochs=2)
    assert all(same_bits(saved["outputs"][name], outputs) for name, outputs in kept.items())
    assert not np.array_equal(run.outputs["test"], kept["test"])


@pytest.mark.parametrize("name", RUNS)
def test_an_epoch_includes_its_measures(name):
    run = started(name)
    run.run(epochs=1)
    assert (run.epoch, run.history.last_epoch, run.history.epochs[-1]) == (1, 1, 1)
    in_mid_measuring(run, 3)
    run.run(epochs=1)
    assert (run.epoch, run.row, run.history.last_epoch) == (4, 0, 4)
    assert [epoch for epoch in run.history.epochs if epoch == int(epoch)] == [0, 1, 2, 3, 4]


def test_no_steps_finish_what_was_begun():
    run = in_mid_measuring(started("one"))
    assert run.run(steps=0).step == 10
    assert run.history.last_epoch == 2
    assert_same_row(run.history.last, measures(run, 37))


def test_real_blocks():
    large, kwargs = 2 * 4096 + 100, {"settings": dataclasses.replace(SETTINGS, batch_size=0)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "BLOCK", 4096)
        cut, once = (trainer(samples=large, **kwargs) for _ in range(2))
        once.run(steps=2)
        for step in (1, 1, 1, 2, 2, 2):  # three blocks for each step
            assert cut.run(seconds=0).step == step
        assert_same(cut, once)
        assert cut.outputs["train"].shape == (large, 3)


def test_the_numbers_are_those_of_one_look():
    run = started("one")
    run.run(epochs=2)
    for name, (x, targets) in run.parts.items():
        outputs = run.network.predict(x, run.theta)
        np.testing.assert_allclose(run.outputs[name], outputs, rtol=0, atol=1e-6)
        assert run.history.last[f"{name}_loss"] == pytest.approx(run.loss.value(outputs, targets), rel=1e-5)
        assert run.history.last[f"{name}_metric"] == np.mean(outputs.argmax(axis=1) == targets)


# --- when, and by how many samples ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("batch_size", "rows"), [(8, [40, 80, 120, 160]), (7, [42, 84, 126, 161]), (90, [90, 180])], ids=lambda v: str(v)
)
@pytest.mark.parametrize("seeds", [4, [4, 5]], ids=["one", "stack"])
def test_looks_within_an_epoch(batch_size, rows, seeds):
    settings = dataclasses.replace(SETTINGS, batch_size=batch_size)
    looks = Looks(per_epoch=5, between=30, samples=100)
    run = trainer(samples=200, settings=settings, looks=looks, weights_seed=seeds)
    assert_same_row(run.history.last, measures(run, 30))
    while run.epoch < 2:
        before = run.history.looks
        run.run(steps=1)
        if run.history.looks > before:
            assert run.history.last_epoch == run.position
            assert_same_row(run.history.last, measures(run, 30 if run.row else 100))
    expected = [0, *(row / 200 for row in rows), 1, *(1 + row / 200 for row in rows), 2]
    assert run.history.epochs == expected
    assert run.history.looks == len(expected)
    assert all(len(values) == len(expected) for values in run.history.series.values())


def test_looks_change_nothing_in_the_run():
    runs = [trainer(looks=looks) for looks in (Looks(), Looks(per_epoch=4, between=1, samples=2), OFTEN)]
    for run in runs:
        run.run(steps=STEPS)
        assert same_bits(run.theta, runs[0].theta)


@pytest.mark.parametrize(("samples", "counted"), [(0, 200), (100, 100), (1000, 200)])
def test_looks_at_the_end_of_an_epoch(samples, counted):
    run = trainer(samples=200, looks=Looks(samples=samples))
    assert_same_row(run.history.last, measures(run, counted))
    run.run(epochs=2)
    assert run.history.epochs == [0, 1, 2]
    assert_same_row(run.history.last, measures(run, counted))
    assert {name: len(outputs) for name, outputs in run.outputs.items()} == {
        "train": counted,
        "validation": 20,
        "test": 30,
    }


def test_more_looks_than_steps_are_one_a_step():
    run = trainer(looks=Looks(per_epoch=1000, between=1))
    run.run(epochs=2)
    assert run.history.epochs == [
        0,
        *(row / 37 for row in (8, 16, 24, 32)),
        1,
        *(1 + row / 37 for row in (8, 16, 24, 32)),
        2,
    ]


def test_outputs_are_those_of_the_last_look_at_all():
    for seeds in (4, [4, 5]):
        run = trainer(samples=200, looks=Looks(per_epoch=5, between=30, samples=14), weights_seed=seeds)
        run.run(epochs=2)
        expected = {name: run.predict(x[:14]) for name, (x, _) in run.parts.items()}
        run.run(steps=12)
        assert run.history.last_epoch == 2.4
        assert run.outputs.keys() == expected.keys()
        assert all(same_bits(run.outputs[name], outputs) for name, outputs in expected.items())
        run.run(epochs=1)
        assert not np.array_equal(run.outputs["train"], expected["train"])


@pytest.mark.parametrize("name", ["samples", "per_epoch", "between"])
@pytest.mark.parametrize(
    "value", [-1, 1.5, 2.0, True, "3", None, float("nan"), [1], "<b>" * 500], ids=lambda v: str(v)[:9]
)
def test_bad_looks(name, value):
    least = 0 if name == "samples" else 1
    with pytest.raises(ValueError, match=f"^{name} must be a whole number of at least {least}, not ") as caught:
        Looks(**{name: value})
    sentence = str(caught.value)
    assert is_one_sentence(sentence[0].upper() + sentence[1:])


@pytest.mark.parametrize("name", ["per_epoch", "between"])
def test_looks_of_nothing(name):
    with pytest.raises(ValueError, match=f"^{name} must be a whole number of at least 1, not 0.$"):
        Looks(**{name: 0})


# --- stop rules -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [StopRules(epochs=3), StopRules(accuracy=0.6), StopRules(patience=4)], ids=str)
def test_stop_rules_look_at_the_ends_of_epochs_alone(stop):
    settings = dataclasses.replace(SETTINGS, learning_rate=0.3)
    often = Looks(per_epoch=5, between=1000)
    plain, run, cut = (trainer(settings=settings, stop=stop, looks=looks) for looks in (Looks(), often, often))
    plain.run(epochs=500)
    snapshot = run.run(epochs=500)
    while cut.run(seconds=0).state == "running":
        pass
    assert snapshot.state == plain.state == "finished"
    assert (run.step, run.row, run.message) == (plain.step, 0, plain.message)
    assert same_bits(run.theta, plain.theta)
    assert_same(cut, run)


def test_accuracy_between_the_ends_of_epochs_ends_nothing():
    stop = StopRules(epochs=30, accuracy=0.999)
    run = trainer(settings=dataclasses.replace(SETTINGS, learning_rate=0.1), stop=stop, looks=Looks(0, 5, between=1))
    run.run(epochs=500)
    between = [value for epoch, value in zip(*run.history.curve("test_metric"), strict=True) if epoch % 1]
    assert max(between) == 1  # of the one sample
    assert run.epoch == 30


def test_patience_does_not_count_the_few_samples_of_the_first_look():
    x, targets = parts()["train"]
    network = Network(LAYERS, (2,))
    given = {"train": (x, targets), "validation": (x, targets.copy())}
    outputs = Trainer(network, given, SoftmaxCrossEntropy()).outputs["train"]
    best = int(np.argmax((outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True)))[np.arange(37), targets]))
    order = [best, *(row for row in range(37) if row != best)]  # by chance, the easiest sample comes first
    given["validation"] = (x[order], targets[order])
    settings = Settings(SGD(), learning_rate=0.003, batch_size=8)
    looks, stop = Looks(per_epoch=2, between=1), StopRules(patience=3)
    run = Trainer(network, given, SoftmaxCrossEntropy(), settings, looks=looks, stop=stop)
    plain = Trainer(network, given, SoftmaxCrossEntropy(), settings)
    plain.run(epochs=6)
    losses = plain.history.series["validation_loss"]
    assert all(after < before for before, after in itertools.pairwise(losses))  # better after each epoch
    assert losses[-1] > run.history.last["validation_loss"]  # but never as good as that one sample was
    assert run.run(epochs=6).state == "running"
    assert run.epoch == 6


def test_rules_wait_for_the_measures():
    run = trainer(stop=StopRules(epochs=2))
    assert in_mid_measuring(run).state == "running"
    assert run.run(seconds=0).state == "running"
    run.stop = StopRules()
    assert run.run(epochs=1).epoch == 3
    run.stop = StopRules(epochs=2)
    assert run.run(seconds=0).state == "finished"


# --- changes in mid-measuring ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RUNS)
def test_rewound_in_mid_measuring(name):
    run = in_mid_measuring(started(name))
    run.rewind()
    assert_same(run, started(name))
    run.run(steps=STEPS)
    assert_same(run, whole(name))


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("change", ["set_parameter", "replace_network"])
def test_changes_by_hand_finish_the_measuring_first(name, change):
    run, same = in_mid_measuring(started(name)), started(name)
    same.run(epochs=2)
    layers = [dataclasses.replace(layer, rate=0.1) if type(layer) is Dropout else layer for layer in run.network.layers]
    layers[-2:] = [layers[-2], Dense(3, ReLU())]
    for one in (run, same):
        if change == "set_parameter":
            one.set_parameter(one.network.size - 1, 5.0)
        else:
            one.replace_network(Network(layers, one.network.input_shape))
        assert one.history.last_epoch == 2
    assert_same(run, same)
    for one in (run, same):
        one.run(steps=7)
    assert_same(run, same)
    assert not np.array_equal(run.theta, whole(name).theta)


def test_settings_changed_in_mid_measuring_act_from_the_next_step():
    run, same = in_mid_measuring(started("one")), started("one")
    same.run(epochs=2)
    for one in (run, same):
        one.settings = Settings(SGD(), learning_rate=0.5, batch_size=4)
        one.run(epochs=2)
    assert_same(run, same)


def test_new_looks_in_mid_run():
    run, same = in_mid_measuring(started("one")), started("one")
    same.run(epochs=2)
    for one in (run, same):
        one.looks = Looks(per_epoch=5, between=3)
        one.run(epochs=1)
    assert_same(run, same)
    assert run.history.epochs == [0, 1, 2, *(2 + row / 37 for row in (8, 16, 24, 32)), 3]


# --- divergence -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [20.0, 1e6, 1e30])
@pytest.mark.parametrize("looks", [Looks(), OFTEN], ids=["once", "often"])
def test_divergence_in_slices_of_no_time(rate, looks):
    settings = Settings(SGD(), learning_rate=rate, batch_size=8)
    once, cut = (trainer(RELU, settings, looks=looks) for _ in range(2))
    once.run(steps=1200)
    for _ in range(5000):
        snapshot = cut.run(seconds=0)
        assert np.isfinite(snapshot.theta).all()
        if snapshot.state != "running":
            break
    assert snapshot.state == "diverged"
    assert np.isfinite(cut.history.series["train_loss"]).all()
    assert_same(cut, once)
    assert cut.run(seconds=0, epochs=3).step == once.step  # it stays so


@pytest.mark.parametrize(("looks", "step"), [(Looks(), 5), (OFTEN, 2)], ids=["once", "often"])
def test_divergence_that_measuring_finds(looks, step):
    run = trainer(settings=Settings(SGD(), learning_rate=1e-3, batch_size=8), looks=looks)
    run.set_parameter(run.network.place(3, "b", 0), 1e8)  # finite, but far from sensible
    entries = len(run.history.epochs)
    states = [run.run(seconds=0) for _ in range(step)]
    assert [snapshot.state for snapshot in states] == ["running"] * step
    assert run.step == step
    while (snapshot := run.run(seconds=0)).state == "running":
        assert run.step == step  # blocks alone
    assert (snapshot.state, run.step) == ("diverged", step)
    assert is_one_sentence(snapshot.message)
    assert len(run.history.epochs) == entries


def test_a_member_that_diverges_does_not_stop_the_others():
    rates = [0.05, 1e6, 0.1]
    kwargs = {"weights_seed": [1, 2, 3], "batches_seed": [4, 5, 6], "looks": OFTEN}
    once, cut = (trainer(RELU, Settings(SGD(), learning_rate=rates, batch_size=8), **kwargs) for _ in range(2))
    once.run(steps=STEPS)
    while cut.step < STEPS:
        cut.run(seconds=0)
    cut.run(steps=0)
    assert cut.diverged.tolist() == [False, True, False]
    assert_same(cut, once)
    for k in (0, 2):
        alone = trainer(
            RELU,
            Settings(SGD(), learning_rate=rates[k], batch_size=8),
            weights_seed=k + 1,
            batches_seed=k + 4,
            looks=OFTEN,
        )
        alone.run(steps=STEPS)
        assert same_bits(cut.theta[k], alone.theta)
        assert same_bits(cut.outputs["test"][k], alone.outputs["test"])
        losses = np.array([row[k] for row in cut.history.series["test_loss"]])
        np.testing.assert_allclose(losses, alone.history.series["test_loss"], rtol=1e-12)


def test_few_samples_stand_in_until_the_first_whole_look():
    run = trainer(looks=Looks(samples=33, per_epoch=3, between=18))
    counts = {}
    for _ in range(14):  # five steps make an epoch
        run.run(steps=1)
        counts[run.step] = len(run.outputs["train"])
    assert all(count == (18 if step < 5 else 33) for step, count in counts.items()), counts
