"""nn_core against PyTorch: its recorded answers always, and its answers of this moment where it is installed.

The bound is 1e-10 of the larger of 1 and the number. A member of a registry of which PyTorch was never asked fails.
"""

import numpy as np
import pytest

from nn_core.checks import relative_error
from nn_core.layers import Dense
from nn_core.network import Network
from nn_core.random import stream
from nn_core.spec import name_of, show
from nn_core.trainer import Trainer
from tests.nn_core.members import REGISTRIES, members, variants
from tests.nn_core.test_schedules import BY_HAND
from tests.oracle import SOURCES, answer, answers
from tests.oracle.problems import NETWORKS, RUNS, dropout_stream, network_problem

BOUND = 1e-10
TOPICS = ("activations", "initialisers", "layers", "losses", "networks", "optimisers", "runs", "schedules")

pytestmark = pytest.mark.parametrize("source", SOURCES)


def ask(registry: str, choice, source: str) -> dict:
    """PyTorch's answer for a choice, lists made into arrays."""
    found = answer(registry, source, show(choice, REGISTRIES[registry]))
    return {name: np.array(value) if isinstance(value, list) else value for name, value in found.items()}


def agree(ours, theirs) -> bool:
    """Whether all numbers are the same within the bound."""
    return relative_error(ours, theirs, scale=1) < BOUND


@pytest.mark.parametrize("activation", members("activations"))
def test_activation(activation, source):
    torch = ask("activations", activation, source)
    y = activation.forward(torch["z"])
    assert agree(y, torch["y"])
    assert agree(torch["dy"] * activation.derivative(torch["z"], y), torch["dz"])


@pytest.mark.parametrize("loss", members("losses"))
def test_loss(loss, source):
    torch = ask("losses", loss, source)
    assert agree(loss.value(torch["outputs"], torch["targets"]), torch["value"])
    assert agree(loss.gradient(torch["outputs"], torch["targets"]), torch["gradient"])


@pytest.mark.parametrize("layer", members("layers"))
def test_layer(layer, source):
    torch = ask("layers", layer, source)
    p = {name: torch[name] for name in layer.parameters(torch["x"].shape[1:])}
    gradients = {name: np.full_like(value, np.nan) for name, value in p.items()}
    y, cache = layer.forward(torch["x"], p, dropout_stream())
    assert agree(y, torch["y"])
    assert agree(layer.backward(torch["dy"], cache, p, gradients), torch["dx"])
    for name, gradient in gradients.items():
        assert agree(gradient, torch[f"d{name}"]), name


@pytest.mark.parametrize("name", NETWORKS)
def test_network_with_loss_penalties_and_dropout(name, source):
    torch = {key: np.array(value) for key, value in answer("networks", source, name).items()}
    network, loss, l1, l2, *_ = network_problem(name)
    theta, gradient = torch["theta"], np.full_like(torch["theta"], np.nan)
    params, gradients = network.views(theta), network.views(gradient)
    outputs, caches = network.forward(torch["x"], params, dropout_stream())
    assert agree(outputs, torch["outputs"])
    assert agree(loss.value(outputs, torch["targets"]), torch["loss"])
    dx = network.backward(loss.gradient(outputs, torch["targets"]), caches, params, gradients, need_dx=True)
    assert agree(dx, torch["dx"])
    gradient += network.weights_mask() * (l2 * theta + l1 * np.sign(theta))
    assert agree(gradient, torch["gradient"])


@pytest.mark.parametrize("optimiser", members("optimisers"))
def test_optimiser_over_fifty_steps(optimiser, source):
    torch = ask("optimisers", optimiser, source)
    network = Network([Dense(2)], (2,), np.float64)
    loss = NETWORKS["small"].loss
    theta, gradient = torch["first"].copy(), np.zeros(network.size)
    slots = [np.zeros_like(theta) for _ in optimiser.slots]
    for t, rows in enumerate(torch["rows"], start=1):
        outputs, caches = network.forward(torch["x"][rows], network.views(theta))
        network.backward(
            loss.gradient(outputs, torch["targets"][rows]), caches, network.views(theta), network.views(gradient)
        )
        optimiser.update(theta, gradient, slots, torch["rate"], t, network.weights_mask())
        assert agree(theta, torch["steps"][t - 1]), f"step {t}"
    assert t == 50


@pytest.mark.parametrize("name", RUNS)
def test_trainer_with_optimiser_schedule_and_penalty(name, source):
    torch = answer("runs", source, name)
    network, loss, *_ = network_problem(RUNS[name].network)
    parts = {"train": (np.array(torch["x"]), np.array(torch["targets"]))}
    trainer = Trainer(network, parts, loss, RUNS[name].settings)
    trainer.theta[...] = torch["theta"]
    for epoch, theta in torch["after"].items():
        snapshot = trainer.run(epochs=int(epoch) - trainer.epoch)
        assert agree(snapshot.theta, theta), f"epoch {epoch}"
    assert snapshot.step == snapshot.epoch == 50


@pytest.mark.parametrize("schedule", members("schedules"))
def test_schedule_at_whole_epochs(schedule, source):
    # One that PyTorch does not have says so in NO_TWIN of tests/oracle/twins.py, and is worked out by hand instead.
    if name_of(schedule, REGISTRIES["schedules"]) in answers("schedules", source)["no twin"]:
        assert type(schedule) in {type(choice) for choice, _ in BY_HAND}
        return
    torch = ask("schedules", schedule, source)
    ours = [schedule.factor(torch["every"] * number) for number in range(len(torch["factors"]))]
    assert agree(ours, torch["factors"])


@pytest.mark.parametrize("initialiser", members("initialisers"))
def test_initialiser_spreads_alike(initialiser, source):
    # Two generators cannot draw the same numbers: 60,000 of them agree in spread within 2 % and in their largest
    # within 15 % (a bound of a uniform law exactly, the tail of a normal law roughly).
    torch = ask("initialisers", initialiser, source)
    drawn = initialiser.draw(stream(0, "test"), (300, 200), 300, 200)
    assert drawn.std() == pytest.approx(torch["std"], rel=0.02)
    assert abs(drawn.mean() - torch["mean"]) <= 0.03 * torch["std"]
    assert np.abs(drawn).max() == pytest.approx(torch["largest"], rel=0.15)


@pytest.mark.parametrize("topic", TOPICS)
def test_records_are_complete_and_true(topic, source):
    recorded = answers(topic, "record")
    if topic in REGISTRIES:
        known = {show(c, REGISTRIES[topic]) for kind in REGISTRIES[topic].values() for c in variants(kind)}
        assert set(recorded) <= known | {"no twin"}, "a stale answer: run python -m tests.oracle.record"
    else:
        assert set(recorded) == set(NETWORKS if topic == "networks" else RUNS)
    assert_same(answers(topic, source), recorded, topic)


def assert_same(live, recorded, where):
    """The same keys and the same numbers within 1e-12, all the way down."""
    if isinstance(recorded, dict):
        assert live.keys() == recorded.keys(), f"{where}: run python -m tests.oracle.record"
        for key, value in recorded.items():
            assert_same(live[key], value, f"{where} {key}")
    elif isinstance(recorded, str):
        assert live == recorded, where
    else:
        assert relative_error(live, recorded, scale=1) < 1e-12, f"{where}: PyTorch no longer says what was recorded"
