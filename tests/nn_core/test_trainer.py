"""The trainer's behaviour: it learns, diverges, obeys its stop rules, and takes changes by hand."""

import dataclasses

import numpy as np
import pytest

from nn_core.activations import ReLU
from nn_core.layers import BatchNorm, Dense, Dropout
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.optimisers import SGD
from nn_core.schedules import StepDecay
from nn_core.settings import Settings, StopRules
from nn_core.step import backpropagate
from nn_core.trainer import Trainer
from tests.nn_core.runs import LAYERS, SETTINGS, is_one_sentence, parts, same_bits, trainer

RELU = (Dense(8, ReLU()), Dense(8, ReLU()), Dense(3))


def test_it_learns():
    run = trainer(LAYERS[:1] + LAYERS[-1:], Settings(learning_rate=0.3, batch_size=8))
    run.run(epochs=60)
    history = run.history
    assert history.epochs == list(range(61))
    assert history.series["train_loss"][-1] < 0.3 * history.series["train_loss"][0]
    assert history.last["train_metric"] > 0.95
    assert set(history.last) == {f"{part}_{what}" for part in run.parts for what in ("loss", "metric")}


def test_it_measures_what_the_parameters_give():
    run = trainer()
    run.run(epochs=2)
    x, targets = run.parts["test"]
    outputs = run.network.predict(x, run.theta)
    assert run.history.last["test_loss"] == run.loss.value(outputs, targets)
    assert run.history.last["test_metric"] == np.mean(outputs.argmax(axis=1) == targets)


@pytest.mark.parametrize("batch_size", [0, 1, 8, 37, 1000])
def test_batch_sizes(batch_size):
    run = trainer(settings=dataclasses.replace(SETTINGS, batch_size=batch_size))
    snapshot = run.run(epochs=2)
    assert snapshot.epoch == 2
    assert snapshot.step == {0: 2, 1: 74, 8: 10, 37: 2, 1000: 2}[batch_size]


def test_schedule_and_penalties_act_in_the_trainer():
    # One step of SGD from known weights: theta - rate * factor * (gradient + l2 * W + l1 * sign(W)); none crosses 0.
    settings = Settings(SGD(), StepDecay(1, 0.5), 0.25, 0, l1=0.01, l2=0.1)
    run = trainer(LAYERS[:1] + LAYERS[-1:], settings, dtype=np.float64)
    run.run(steps=1)
    before = run.theta.copy()
    gradient = backpropagate(run.network, run.loss, before, *run.parts["train"]).gradient
    gradient += run.network.weights_mask() * (0.1 * before + 0.01 * np.sign(before))
    run.run(steps=1)
    np.testing.assert_allclose(run.theta, before - 0.25 * 0.5 * gradient, rtol=0, atol=1e-15)


def test_biases_are_never_penalised():
    plain = trainer(settings=Settings(learning_rate=0.1))
    penalised = trainer(settings=Settings(learning_rate=0.1, l1=1.0, l2=0.5))
    for run in (plain, penalised):
        run.theta[...] = 2
        run.run(steps=1)
    pull, mask = plain.theta - penalised.theta, plain.network.weights_mask()
    assert set(pull[mask == 0]) == {0}
    np.testing.assert_allclose(pull[mask == 1], 0.1 * (0.5 * 2 + 1), rtol=1e-5)


# --- divergence -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("layers", "rate"), [(LAYERS, 1e6), (RELU, 1e6), (RELU, 1e30), (RELU, 20.0)], ids=["tanh", "relu", "inf", "slow"]
)
def test_divergence_is_a_state(layers, rate, dtype):
    run = trainer(layers, Settings(SGD(), learning_rate=rate, batch_size=8), dtype=dtype)
    for _ in range(400):
        snapshot = run.run(steps=3)
        assert np.isfinite(snapshot.theta).all()  # also before anyone has looked whether it diverged
        if snapshot.state != "running":
            break
    assert snapshot.state == "diverged"
    assert is_one_sentence(snapshot.message)
    assert "learning rate" in snapshot.message
    assert np.isfinite(run.theta).all()
    assert np.isfinite(run.history.series["train_loss"]).all()
    step = run.step
    assert run.run(steps=5).step == step  # it stays so
    whole = trainer(layers, Settings(SGD(), learning_rate=rate, batch_size=8), dtype=dtype)
    assert whole.run(steps=1200).step == step
    assert same_bits(whole.theta, run.theta)


def test_values_diverge_too():
    run = trainer(RELU, Settings(SGD(), learning_rate=50.0, batch_size=8), values=True)
    assert run.run(epochs=50).state == "diverged"


def test_rewound_with_a_lower_rate_it_trains_again():
    run = trainer(RELU, Settings(SGD(), learning_rate=1e6, batch_size=8))
    assert run.run(epochs=50).state == "diverged"
    run.settings = dataclasses.replace(run.settings, learning_rate=0.1)
    run.rewind()
    snapshot = run.run(epochs=5)
    assert (snapshot.state, snapshot.message) == ("running", "")
    fresh = trainer(RELU, run.settings)
    fresh.run(epochs=5)
    assert same_bits(run.theta, fresh.theta)


# --- stop rules -----------------------------------------------------------------------------------------------------


def test_epochs_rule_and_lifting_it():
    run, free = trainer(stop=StopRules(epochs=3)), trainer()
    snapshot = run.run(steps=1000)
    assert (snapshot.epoch, snapshot.step, snapshot.state) == (3, 15, "finished")
    assert is_one_sentence(snapshot.message)
    assert run.run(steps=10).step == 15
    run.stop = StopRules(epochs=5)
    assert run.run(steps=1000).epoch == 5
    run.stop = StopRules()
    assert run.run(steps=7).state == "running"
    free.run(steps=32)
    assert same_bits(run.theta, free.theta)


def test_accuracy_rule():
    run = trainer(LAYERS[:1] + LAYERS[-1:], Settings(learning_rate=0.1, batch_size=8), stop=StopRules(accuracy=0.9))
    snapshot = run.run(epochs=500)
    assert snapshot.state == "finished"
    assert is_one_sentence(snapshot.message)
    reached = run.history.series["test_metric"]
    assert reached[-1] >= 0.9 > max(reached[:-1])
    run.stop = StopRules(accuracy=2.0)
    assert run.run(epochs=1).state == "running"


def test_patience_rule_by_the_history():
    patience = 4
    run = trainer(settings=dataclasses.replace(SETTINGS, learning_rate=0.3), stop=StopRules(patience=patience))
    snapshot = run.run(epochs=500)
    assert snapshot.state == "finished"
    assert is_one_sentence(snapshot.message)
    losses = run.history.series["validation_loss"]
    best = losses.index(min(losses))
    assert len(losses) - 1 == best + patience
    for end in range(patience, len(losses) - 1):  # and it could not have stopped before
        assert min(losses[end - patience + 1 : end + 1]) < min(losses[: end - patience + 1])


def test_patience_counts_from_the_best_epoch_even_if_the_rule_comes_later():
    early = trainer(settings=dataclasses.replace(SETTINGS, learning_rate=0.3), stop=StopRules(patience=4))
    early.run(epochs=500)
    late = trainer(settings=early.settings)
    late.run(epochs=early.epoch - 2)
    late.stop = StopRules(patience=4)
    assert late.run(epochs=500).epoch == early.epoch


def test_rules_whose_part_is_missing_never_end_a_run_and_a_stack_obeys_epochs():
    given = {"train": parts()["train"]}
    rules = StopRules(epochs=9, accuracy=0.01, patience=1)
    network = Network(LAYERS, (2,))
    assert Trainer(network, given, SoftmaxCrossEntropy(), stop=rules).run(steps=1000).epoch == 9
    stack = Trainer(network, parts(), SoftmaxCrossEntropy(), stop=rules, weights_seed=[1, 2])
    snapshot = stack.run(steps=1000)
    assert (snapshot.epoch, snapshot.state) == (9, "finished")


# --- changes by hand ------------------------------------------------------------------------------------------------


def test_set_parameter():
    run = trainer()
    run.run(steps=3)
    place = run.network.place(0, "W", 1, 2)
    run.set_parameter(place, 1.5)
    assert run.network.views(run.theta)[0]["W"][1, 2] == 1.5
    assert run.snapshot().theta[place] == 1.5
    with pytest.raises(ValueError, match="finite") as caught:
        run.set_parameter(place, float("nan"))
    assert is_one_sentence(str(caught.value))
    assert run.theta[place] == 1.5


def test_set_parameter_outlives_a_divergence():
    run = trainer(RELU, Settings(SGD(), learning_rate=1e30, batch_size=8))
    run.run(steps=2)  # over the edge already, but nobody has looked yet
    run.set_parameter(0, 0.5)
    assert run.run(steps=100).state == "diverged"
    assert run.theta[0] == 0.5
    assert np.isfinite(run.theta).all()


def test_replace_network():
    run = trainer()
    run.run(steps=3)
    theta = run.theta.copy()
    run.replace_network(Network((Dense(6, ReLU()), Dropout(0.1), *LAYERS[2:]), (2,)))
    assert same_bits(run.theta, theta)
    assert run.run(steps=3).step == 6
    with pytest.raises(ValueError, match="same names and shapes") as caught:
        run.replace_network(Network((Dense(7), *LAYERS[1:]), (2,)))
    assert is_one_sentence(str(caught.value))


def test_a_parameter_that_the_dtype_cannot_hold_is_refused():
    run = trainer()
    with pytest.raises(ValueError, match=r"a finite number that float32 can hold, not 1e\+300"):
        run.set_parameter(0, 1e300)
    assert np.isfinite(run.theta).all()


@pytest.mark.parametrize(
    ("samples", "batch", "sentence"),
    [
        (65, 16, "BatchNorm needs at least 2 samples in each batch, and 65 samples in batches of 16 leave 1"),
        (40, 1, "and the batch has 1; choose another batch size"),
        (1, 0, "and the batch has 1"),
        (65, 64, "leave 1 for the last one"),
        (64, 16, None),
        (66, 16, None),
        (65, 0, None),
        (65, 100, None),
    ],
)
def test_batch_norm_of_one_row_is_refused_when_the_trainer_is_made(samples, batch, sentence):
    parts = {"train": (np.zeros((samples, 2), np.float32), np.zeros(samples, int))}
    network = Network([Dense(3), BatchNorm(), Dense(2)], (2,))

    def make(batch_size):
        return Trainer(network, parts, SoftmaxCrossEntropy(), Settings(batch_size=batch_size))

    if sentence is None:
        make(batch).run(epochs=1)
    else:
        with pytest.raises(ValueError, match=sentence):
            make(batch)
    if samples > 2:  # a change in mid-run is refused as well, and changes nothing
        run = make(0)
        if sentence is not None:
            with pytest.raises(ValueError, match=sentence):
                run.settings = Settings(batch_size=batch)
            assert run.settings.batch_size == 0
        else:
            run.settings = Settings(batch_size=batch)


def test_what_is_left_of_an_epoch_counts_for_a_change_of_the_batch():
    parts = {"train": (np.zeros((66, 2), np.float32), np.zeros(66, int))}
    run = Trainer(Network([BatchNorm(), Dense(2)], (2,)), parts, SoftmaxCrossEntropy(), Settings(batch_size=11))
    run.run(steps=1)
    with pytest.raises(ValueError, match="55 samples in batches of 6 leave 1"):
        run.settings = Settings(batch_size=6)  # 66 are eleven batches of 6
