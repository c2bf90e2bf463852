"""Runs of one shape as one stack: they differ in seeds, learning rate and penalties alone, and train as one array.

A member's numbers are those of its solo run to the last bit (nn_core.trainer), so whoever opens a result in the live
page finds the same run there.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nn_core.history import History
from nn_core.trainer import Trainer
from playground.datasets.base import Drawn
from playground.experiments.config import Config
from playground.experiments.experiment import build, fingerprint_of_settings, trainer_of
from playground.experiments.results import LARGEST_KEPT, Result

PER_MEMBER = ("seed_weights", "seed_batches", "learning_rate", "l1", "l2")  # fields that members may differ in
MOST_MEMBERS = 100  # of one stack; more gain nothing


def groups(configs: Sequence[Config]) -> list[list[int]]:
    """Which configs train together: lists of their places, in the order of the first of each."""
    found: dict[Config, list[list[int]]] = {}
    for place, config in enumerate(configs):
        stacks = found.setdefault(_shape(config), [[]])
        if len(stacks[-1]) >= (MOST_MEMBERS if _stacks(config) else 1):
            stacks.append([])
        stacks[-1].append(place)
    return sorted((stack for stacks in found.values() for stack in stacks), key=lambda stack: stack[0])


def _stacks(config: Config) -> bool:
    """Whether a run may have others beside it: pictures gain nothing, and a stack obeys one stop rule alone."""
    return config.kind.stacks and not (config.stop_accuracy or config.stop_patience)


def _shape(config: Config) -> Config:
    """The config without what members may differ in."""
    return config.replace(**{name: getattr(Config, name) for name in PER_MEMBER}) if _stacks(config) else config


@dataclass(frozen=True, eq=False)
class Finished:
    """What is left of a stack that is done and has let go of its network; it has the face of one."""

    configs: list[Config]
    kept: list[Result]
    history: History
    lost: np.ndarray
    seconds: float
    done: bool = True
    progress: float = 1.0

    def results(self) -> list[Result]:
        """What became of each member, in the order of the configs; large parameters are not kept."""
        return self.kept


class Stack:
    """Configs of one shape, being trained. `advance` until `done`, then read `results`; or look at it on the way.

    own: the samples, where the configs' data are the reader's own.
    Raises DataError or SpecError where the configs cannot be built. A config without an end (stop_epochs 0) is refused
    with SpecError's parent ValueError, because a sweep of it would never end.
    """

    def __init__(self, configs: Sequence[Config], own: Drawn | None = None):
        self.configs = list(configs)
        first = self.configs[0]
        if not (first.stop_epochs or first.stop_accuracy or first.stop_patience):
            raise ValueError("A run of a sweep needs an end: set stop_epochs.")
        self.experiment = build(first, own)
        self.trainer: Trainer = self.experiment.trainer if len(self.configs) == 1 else self._stacked()
        self.seconds = 0.0

    def _stacked(self) -> Trainer:
        settings = {name: [getattr(config, name) for config in self.configs] for name in ("learning_rate", "l1", "l2")}
        shared = {name: values[0] if len(set(values)) == 1 else tuple(values) for name, values in settings.items()}
        return trainer_of(
            self.configs[0],
            self.experiment.network,
            self.experiment.trainer.parts,
            settings=replace(self.configs[0].settings, **shared),
            weights_seed=[config.seed_weights for config in self.configs],
            batches_seed=[config.seed_batches for config in self.configs],
            unit=self.experiment.trainer.unit,
        )

    @property
    def done(self) -> bool:
        """Whether all members have come to their end."""
        return self.trainer.state != "running"

    @property
    def progress(self) -> float:
        """How far the runs are, 0 to 1, as far as can be told."""
        end = self.configs[0].stop_epochs
        return 1.0 if self.done else min(1.0, self.trainer.position / end) if end else 0.0

    def advance(self, seconds: float | None = None) -> bool:
        """Train for so long (None: to the end); returns whether it is done."""
        began = time.perf_counter()
        if not self.done:
            self.trainer.run(seconds=seconds)
        if seconds is None and not self.done:
            self.trainer.run()
        self.seconds += time.perf_counter() - began
        return self.done

    @property
    def history(self):
        """The history of all members together (nn_core.history)."""
        return self.trainer.history

    @property
    def lost(self) -> np.ndarray:
        """Which members have numbers that overflowed, `(members,)`."""
        return np.atleast_1d(self.trainer.diverged)

    def theta(self, member: int) -> np.ndarray:
        """The parameters of one member, `(parameters,)`."""
        return self.trainer.theta if self.trainer.models is None else self.trainer.theta[member]

    def diverged(self, member: int) -> bool:
        """Whether a member has diverged."""
        return bool(self.lost[member])

    def results(self) -> list[Result]:
        """What became of each member so far, in the order of the configs."""
        return [self._result(member, config) for member, config in enumerate(self.configs)]

    def finished(self) -> Finished:
        """What to keep of a stack that is done, so that a network of millions and its work space can go."""
        kept = [
            replace(result, theta=None) if result.theta.size > LARGEST_KEPT else result for result in self.results()
        ]
        return Finished(self.configs, kept, self.history, self.lost.copy(), self.seconds)

    def _result(self, member: int, config: Config) -> Result:
        trainer, alone = self.trainer, self.trainer.models is None
        steps = int(np.atleast_1d(trainer.steps_made)[member])
        per_epoch = -(-len(trainer.parts["train"][0]) // (config.batch_size or len(trainer.parts["train"][0])))
        history = trainer.history
        first = next(iter(history.last))
        epochs = history.curve(first)[0]
        # A solo run that diverges stops there: what the stack has measured of a member that stood still is left out.
        count = sum(epoch * per_epoch < steps for epoch in epochs) if self.diverged(member) else len(epochs)
        series = {"epochs": [float(epoch) for epoch in epochs[:count]]}
        for name in history.last:
            values = history.curve(name)[1][:count]
            series[name] = [float(value if alone else value[member]) for value in values]
        weights = hashlib.sha256(np.ascontiguousarray(self.theta(member)))
        weights.update(str(steps).encode())
        return Result(
            config,
            series,
            {name: values[-1] for name, values in series.items() if name != "epochs"},
            "diverged" if self.diverged(member) else "finished",
            steps,
            self.seconds / len(self.configs),
            f"{fingerprint_of_settings(config)}·{weights.hexdigest()[:4]}",
            self.theta(member).copy(),
        )
