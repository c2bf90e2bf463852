"""nn_core against PyTorch: its recorded answers always, and its answers of this moment where it is installed.

The bound is 1e-10 of the larger of 1 and the number. A member of a registry of which PyTorch was never asked fails. The
cases and what is measured in each stand in tests/oracle/checks.py, from where benchmarks/truth.py takes them too.
"""

import numpy as np
import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.initialisers import He
from nn_core.layers import BatchNorm, Conv2D, Dense, MaxPool2D
from nn_core.losses import MeanSquaredError
from nn_core.network import Network
from nn_core.optimisers import OPTIMISERS, Adam
from nn_core.schedules import SCHEDULES, Cosine, StepDecay
from nn_core.spec import show
from tests.nn_core.members import REGISTRIES, members, variants
from tests.nn_core.test_schedules import BY_HAND
from tests.oracle import SOURCES, answers, errors
from tests.oracle.checks import PYTORCH, against_pytorch
from tests.oracle.errors import ask, difference
from tests.oracle.problems import DRAWN, NETWORKS
from tests.oracle.runs import RECORDED, RUNS, SCHEDULE

CHECKS = [
    pytest.param(check, case, id=f"{check.topic}-{text}")
    for check in against_pytorch()
    for text, (_, case) in check.cases.items()
]
TOPICS = ("activations", "initialisers", "layers", "losses", "networks", "optimisers", "runs", "schedules")

pytestmark = pytest.mark.parametrize("source", SOURCES)


@pytest.mark.parametrize(("check", "case"), CHECKS)
def test_agrees_with_pytorch(check, case, source):
    assert check.measure(case, source) <= check.bound


# What is measured, for which case, and what is made wrong for it: by a millionth part, or in one number.
FAULTS = {
    "an activation's slope": (errors.activation, Tanh(), Tanh, "derivative"),
    "a loss's gradient": (errors.loss, MeanSquaredError(), MeanSquaredError, "gradient"),
    "a dense layer's dx": (errors.layer, Dense(5), Dense, "backward"),
    "a convolution": (errors.layer, variants(Conv2D)[0], Conv2D, "forward"),
    "a pool's dx": (errors.layer, variants(MaxPool2D)[0], MaxPool2D, "backward"),
    "a schedule": (errors.schedule, Cosine(), Cosine, "factor"),
    "an initialiser": (errors.initialiser, He(), He, "variance"),
    "which are weights": (errors.network, "regression", Network, "weights_mask"),
    "a ReLU in a network": (errors.network, "dropout", ReLU, "derivative"),
    "a schedule in a run": (errors.run, "mlp, adam", StepDecay, "factor"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_millionth_part_is_seen(fault, source, monkeypatch):
    measure, case, kind, method = FAULTS[fault]
    right = getattr(kind, method)

    def wrong(*args, **kwargs):
        result = right(*args, **kwargs)
        return (result[0] * (1 + 1e-6), *result[1:]) if isinstance(result, tuple) else result * (1 + 1e-6)

    monkeypatch.setattr(kind, method, wrong)
    assert measure(case, source) > PYTORCH


def test_a_wrong_running_variance_is_seen(source, monkeypatch):
    right = BatchNorm.forward

    def biased(self, x, p, rng=None):
        result = right(self, x, p, rng)
        if rng is not None:
            p["variance"] *= 1 - 1e-6
        return result

    monkeypatch.setattr(BatchNorm, "forward", biased)
    assert errors.layer(variants(BatchNorm)[0], source) > PYTORCH


def test_an_optimiser_that_forgets_its_bias_correction_is_seen(source, monkeypatch):
    right = Adam.update
    monkeypatch.setattr(Adam, "update", lambda self, *args: right(self, *args[:4], args[4] + 1, args[5]))
    assert errors.optimiser(Adam(), source) > PYTORCH


def test_every_network_that_is_trained_meets_every_optimiser_and_each_schedule_is_met(source):
    met = {(run.network, type(run.settings.optimiser)) for run in RUNS.values()}
    assert met >= {(network, kind) for network in SCHEDULE for kind in OPTIMISERS.values()}
    absent = {SCHEDULES[name] for name in answers("schedules", source)["no twin"]}
    assert {type(run.settings.schedule) for run in RUNS.values()} >= set(SCHEDULES.values()) - absent
    assert {type(layer) for key in SCHEDULE for layer in NETWORKS[key].layers} == set(REGISTRIES["layers"].values())
    assert all(set(after) == {str(step) for step in RECORDED} for after in answers("runs", source).values())


def test_a_schedule_that_pytorch_does_not_have_is_worked_out_by_hand(source):
    by_hand = {type(choice) for choice, _ in BY_HAND}
    assert {SCHEDULES[name] for name in answers("schedules", source)["no twin"]} <= by_hand


@pytest.mark.parametrize("where", DRAWN)
@pytest.mark.parametrize("initialiser", members("initialisers"))
def test_initialiser_spreads_alike(initialiser, where, source):
    # Two generators cannot draw the same numbers: 60,000 of them agree in spread within 2 % and in their largest
    # within 15 % (a bound of a uniform law exactly, the tail of a normal law roughly).
    torch = ask("initialisers", initialiser, source)[where]
    drawn, _ = errors.drawn(initialiser, where)
    assert drawn.size == 60_000
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
    bound = 1e-11 if topic == "runs" else 1e-12  # another processor rounds in another way, in each of 200 steps
    assert_same(answers(topic, source), recorded, topic, bound)


def assert_same(live, recorded, where, bound):
    """The same keys and the same numbers within the bound, all the way down."""
    if isinstance(recorded, dict):
        assert live.keys() == recorded.keys(), f"{where}: run python -m tests.oracle.record"
        for key, value in recorded.items():
            assert_same(live[key], value, f"{where} {key}", bound)
    elif isinstance(recorded, str):
        assert live == recorded, where
    else:
        assert difference(live, recorded) < bound, f"{where}: PyTorch no longer says what was recorded"


def test_difference_by_hand(source):
    assert difference([1.0, 2.0], [1.0, 2.0]) == 0
    assert difference([0.5, 0.0], [0.25, 0.0]) == 0.25
    assert difference([12.0], [10.0]) == pytest.approx(0.2)
    assert np.isnan(difference([np.nan, 5.0], [0.0, 0.0]))
    assert np.isnan(errors.worst([0.0, np.nan, 1.0]))
    assert errors.worst([]) == 0
    with pytest.raises(ValueError, match="shapes"):
        difference([1.0], [1.0, 2.0])
