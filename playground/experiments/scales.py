"""Whether inputs and targets are of a size that a network can learn from, and what to say where they are not.

First weights are drawn, and learning rates chosen, for numbers of about 1. An input of 1,700,000,000 saturates every
unit, and float32, which has seven digits, cannot tell two such instants apart; a target of 300,000 is out of reach for
outputs that begin at about 1. Both are cured by moving and scaling (LeCun et al., 1998, Efficient BackProp, 4.3).
"""

from typing import NamedTuple

import numpy as np

from nn_core.spec import counted
from playground.experiments.config import IMAGES, Config
from playground.experiments.experiment import Experiment
from playground.experiments.features import available

FAR = 30.0  # times 1: beyond it tanh of an input and a weight of .1 is flat; below 1/30 an input says next to nothing


class Advice(NamedTuple):
    """One sentence about a scale; `field` of the config is what to switch on, "" where there is nothing to do."""

    sentence: str
    field: str = ""


def is_far(values: np.ndarray) -> np.ndarray:
    """Which columns of `values` (samples, columns) are far from 1 in size or in spread; a constant one is not."""
    low, high = values.min(axis=0), values.max(axis=0)
    size = np.maximum(np.abs(low), np.abs(high))
    return (high > low) & ((size > FAR) | (high - low < 1 / FAR))


def advice(experiment: Experiment) -> Advice | None:
    """What a person should know of the scales of this run's data: the most pressing, or nothing."""
    config, train = experiment.config, experiment.data.train
    if config.kind is IMAGES:
        return None
    if config.loss.task == "values" and not config.standardise_targets and is_far(train.y).any():
        return Advice(f"The targets run {_span(train.y[:, 0])}, far from 1: standardise them.", "standardise_targets")
    far = [] if config.standardise else _inputs_used(config, len(experiment.data.inputs), is_far(train.x))
    if far:
        name, more = experiment.data.inputs[far[0]], len(far) - 1
        others = f" ({counted(more, 'more is', 'more are')} alike)" if more else ""
        return Advice(f"{name} runs {_span(train.x[:, far[0]])}, far from 1{others}: standardise the inputs.",
                      "standardise")  # fmt: skip
    if config.loss.task == "values" and config.standardise_targets:
        return Advice("The network is trained on standardised targets; loss, R² and pictures are in their own units.")
    return None


def _inputs_used(config: Config, inputs: int, far: np.ndarray) -> list[int]:
    """Of the inputs that are far from 1, those that the network is shown. x1 is the first; x1^2 is made of it."""
    unused = set(available(inputs)) - set(config.features) if inputs > 2 else set()
    return [int(place) for place in np.flatnonzero(far) if f"x{place + 1}" not in unused]


def _span(values: np.ndarray) -> str:
    return f"from {_number(values.min())} to {_number(values.max())}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e13 else f"{value:.3g}"
