"""Whole training runs of 200 steps, which nn_core's Trainer and PyTorch both do: each network with each optimiser.

Both start from the same weights and see the same rows in the same order. 21 samples in batches of 8, 8 and 5 make three
steps an epoch, so 200 steps end in the middle of one. In the runs whose schedule PyTorch knows at whole epochs alone, a
batch is all the samples.
"""

from dataclasses import dataclass

from nn_core.optimisers import OPTIMISERS, SGD, Adam, Momentum
from nn_core.random import stream
from nn_core.schedules import Constant, Cosine, ExponentialDecay, StepDecay, WarmUpCoolDown
from nn_core.settings import Settings
from tests.oracle.problems import NETWORKS

STEPS = 200
RECORDED = (10, 200)  # after these steps all parameters are compared
BATCHES_SEED = 4
BATCH = 8

# At rates at which the loss falls: a run that jumps about makes any rounding error large, whoever computes it.
RATES = {"sgd": 0.1, "momentum": 0.01, "nesterov": 0.01, "adagrad": 0.05, "rmsprop": 0.005, "adam": 0.01, "adamw": 0.01}
SCHEDULE = {
    "mlp": StepDecay(20, 0.5),
    "resnet": Cosine(90, 0.1),
    "normalised": Constant(),
    "conv net": StepDecay(15, 0.7),
    "conv net with batch norm": Cosine(80),
}


@dataclass(frozen=True)
class Run:
    """One of NETWORKS and how it is trained."""

    network: str
    settings: Settings


def _settings(network, optimiser, schedule, rate, batch):
    problem = NETWORKS[network]
    return Settings(optimiser, schedule, rate, batch, l2=problem.l2)


RUNS = {
    f"{network}, {name}": Run(network, _settings(network, kind(), schedule, RATES.get(name, 0.01), BATCH))
    for network, schedule in SCHEDULE.items()
    for name, kind in OPTIMISERS.items()
} | {
    "wide, adam": Run("wide", _settings("wide", Adam(), Constant(), 0.01, BATCH)),
    "5x5 filters, momentum": Run("5x5 filters", _settings("5x5 filters", Momentum(), StepDecay(20, 0.5), 0.01, BATCH)),
    "small, sgd, exponential": Run("small", _settings("small", SGD(), ExponentialDecay(0.99), 0.3, 0)),
    "small, momentum, warm-up": Run("small", _settings("small", Momentum(), WarmUpCoolDown(9, 99, 50, 0.1), 0.05, 0)),
}


def dropout_of_step(step: int):
    """The generator with which the trainer's dropouts decide what they let through in one step."""
    return stream(BATCHES_SEED, "dropout", step)
