"""The trainer: mini-batches, steps, epochs; runs in slices and stops to the step.

`run(steps=..)`, `run(seconds=..)` or `run(epochs=..)` trains for a while and returns a Snapshot. However a run is cut
into slices, saved and resumed, the numbers are the same to the last bit: the rows of a step depend on the seed and the
step alone, and whatever else is looked at (losses, divergence, stop rules) is looked at after fixed steps, never by the
clock.

One trainer trains one model, or a stack: give several seeds, and every array gets a leading axis of models, each with
its own first weights, order of samples and, if wanted, learning rate and penalties.
"""

import math
import time
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from nn_core import divergence, fast, metrics
from nn_core.batches import Batches, Samples
from nn_core.divergence import Guard
from nn_core.history import History, Snapshot
from nn_core.initialisers import Glorot
from nn_core.kinds import Initialiser, Loss
from nn_core.measuring import Measurement, told
from nn_core.network import Network
from nn_core.random import streams
from nn_core.settings import Looks, Settings, StopRules, check_parts, check_rows, one_per_model, stack_size
from nn_core.step import Upcoming
from nn_core.trail import Trail
from nn_core.updates import Updates


def predictor(network: Network, loss: Loss, theta: np.ndarray) -> fast.Engine:
    """`predict(x)` of it gives the outputs for whatever then stands in `theta` `(..., parameters)`, fastest."""
    return fast.engine(network, loss, theta)


class Trainer:
    """Trains a network on `parts`: name -> (x, targets), of which "train" is learned from and all are measured.

    x `(samples, features)` in the network's dtype, an array or Samples; targets class indices `(samples,)` or values
    `(samples, outputs)`. seeds: `weights_seed` for the first weights, `batches_seed` for the order of the samples (and
    dropout); several of them make a stack. looks: when and by how many samples the parts are measured. unit
    `(outputs,)`: where the targets were standardised, what 1 of them is in their own units, in which the loss is then
    told. trail: keeps where the run was on the way. Raises ValueError where the arrays do not fit the network.
    """

    def __init__(
        self,
        network: Network,
        parts: Mapping[str, tuple[np.ndarray | Samples, np.ndarray]],
        loss: Loss,
        settings: Settings = Settings(),
        *,
        initialiser: Initialiser = Glorot(),
        weights_seed: int | Sequence[int] = 0,
        batches_seed: int | Sequence[int] = 0,
        stop: StopRules = StopRules(),
        looks: Looks = Looks(),
        unit: np.ndarray | None = None,
        trail: Trail | None = None,
    ):
        self.network, self.loss, self.stop, self.looks, self.trail = network, loss, stop, looks, trail
        self.parts = check_parts(parts, network, loss)
        self._samples = len(self.parts["train"][0])
        check_rows(network, self._samples, settings.batch_size)
        self.initialiser, self.weights_seed, self.batches_seed = initialiser, weights_seed, batches_seed
        self.unit = None if unit is None else np.asarray(unit, np.float64)
        self.told = partial(told, loss, self.unit)
        self.metric = metrics.accuracy if loss.task == "classes" else metrics.r_squared
        self._settings = settings
        self.rewind()

    # --- where a run starts, and how it is put back there -------------------------------------------------------

    def rewind(self, weights_seed: int | Sequence[int] | None = None) -> None:
        """Back to step 0: to the same first weights, or to those of a new seed."""
        weights_seed = self.weights_seed if weights_seed is None else weights_seed
        models = stack_size(weights_seed, self.batches_seed)  # None: one model, without a leading axis
        self.models, self.weights_seed = models, weights_seed
        self.theta = self.network.init(self.initialiser, one_per_model(self.weights_seed, self.models))
        self._gradient = np.zeros_like(self.theta)
        mask = self.network.weights_mask()
        self._updates = Updates(self.theta, self._gradient, mask, self.models, self._settings, fast.Update)
        self._guard = Guard(self.theta)
        self._engine = fast.engine(self.network, self.loss, self.theta, self._gradient)
        self.step, self.epoch = 0, 0  # updates made, epochs completed
        self.row = 0  # rows of the present epoch that have been used
        self.state, self.message = "running", ""
        self._best, self._best_epoch = np.inf, 0  # best validation loss, for the patience rule
        self._seeds = one_per_model(self.batches_seed, self.models)
        self._batches = Batches(*self.parts["train"], seed=self._seeds, take=fast.take)
        self.history = History()
        self.outputs: dict[str, np.ndarray] = {}  # of each part, at the last whole look, or before it the last
        self._measurement: Measurement | None = None  # the one that is under way
        self._begin_to_measure()
        self._finish_measuring()
        if self.trail is not None:
            self.trail.begin(self)

    @property
    def settings(self) -> Settings:
        """What may change in mid-run. A new kind of optimiser starts with an empty memory."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        for left in (self._samples, self._samples - self.row):  # of each epoch from now on, and of the present one
            check_rows(self.network, left, settings.batch_size)
        self._updates.take(settings)
        self._settings = settings

    def replace_network(self, network: Network) -> None:
        """Go on with the same parameters in a network of the same shape: another activation, another dropout rate."""
        if network.input_shape != self.network.input_shape or network.places != self.network.places:
            raise ValueError("Only a network whose parameters have the same names and shapes can take over in mid-run.")
        self._finish_measuring()
        self.network = network
        self._engine = fast.engine(network, self.loss, self.theta, self._gradient)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Outputs `(..., samples, outputs)` of the network as it is, for x `(samples, *features)`; dropout is off.

        Raises ValueError where x does not fit the network.
        """
        self.network.check(x)
        return self._engine.predict(x)

    # --- running ------------------------------------------------------------------------------------------------

    def run(self, *, steps: int | None = None, epochs: int | None = None, seconds: float | None = None) -> Snapshot:
        """Train until the first of the given limits, or a stop rule, or divergence; at least one step, or a part of
        the measuring at the end of an epoch, where that takes long.

        epochs counts to the end of an epoch: `run(epochs=1)` in mid-epoch completes that epoch, its measures included.
        """
        limits = [math.inf if limit is None else limit for limit in (steps, epochs, seconds)]
        last_step, last_epoch, end = self.step + limits[0], self.epoch + limits[1], time.perf_counter() + limits[2]
        self._look_at_stop_rules()
        with np.errstate(all="ignore"):  # overflow on the way to divergence is looked for, not warned of
            while self._measurement or (self.state == "running" and self.step < last_step and self.epoch < last_epoch):
                if self._measurement:
                    self._go_on_measuring()
                else:
                    if self.trail is not None:
                        self.trail.pass_by(self)
                    self._one_step()
                if time.perf_counter() >= end:
                    break
        if self.trail is not None and self.state != "running":
            self.trail.keep(self)
        return self.snapshot()

    def snapshot(self) -> Snapshot:
        """The run as it stands. theta is finite: what has overflowed since the last look is shown as it was then."""
        theta, history = self._guard.finite(), self.history.copy()
        return Snapshot(self.step, self.position, self.state, self.message, theta, history, dict(self.outputs))

    def peek(self) -> Upcoming:
        """What the next step will be made of; the run is the same to the last bit with it and without."""
        x, targets, size = self._batches.take(self.epoch, self.row, self._settings.batch_size, self.step)
        rows = self._batches.rows(self.epoch, self.row, size)
        rng = streams(self._seeds, "dropout", self.step) if self.network.differs_in_training else None
        update = self._updates.upcoming(self.position)
        return Upcoming(self.step, rows.copy(), x.copy(), targets.copy(), rng=rng, **update)

    @property
    def diverged(self) -> np.ndarray:
        """Per model: whether it has diverged and stands still, `(models,)`, or `()` for one model."""
        return self._guard.diverged.copy()

    @property
    def steps_made(self) -> np.ndarray:
        """Per model: updates made, until it diverged; `(models,)`, or `()` for one model."""
        return np.where(self._guard.diverged, self._guard.after, self.step)

    @property
    def position(self) -> float:
        """Epochs done, with the share of the present one."""
        return self.epoch + self.row / self._samples

    def set_parameter(self, place: int, value: float) -> None:
        """Change one number of theta by hand (see Network.place); ValueError if its dtype cannot hold it."""
        if not abs(value) <= self.network.largest:
            raise ValueError(f"A parameter must be a finite number that {self.theta.dtype} can hold, not {value}.")
        self._finish_measuring()
        self.theta[..., place] = value
        self._guard.good[..., place] = value

    def _one_step(self) -> None:
        x, targets, size = self._batches.take(self.epoch, self.row, self._settings.batch_size, self.step)
        rng = streams(self._seeds, "dropout", self.step) if self.network.differs_in_training else None
        self._engine.gradient(x, targets, rng)
        self._updates.make(self.epoch + self.row / self._samples)
        if self._guard.some_stand:
            self._guard.hold()
        self.step += 1
        self.row += size
        if self.step % divergence.CHECK_EVERY == 0:
            self._look_for_divergence()
        if self.row >= self._samples:
            self.row, self.epoch = 0, self.epoch + 1
            self._look_for_divergence()
            self._begin_to_measure()
        elif self.looks.is_due(self.row - size, self.row, self._samples):
            self._begin_to_measure()

    # --- looking at the run -------------------------------------------------------------------------------------

    def _begin_to_measure(self) -> None:
        """Loss and metric of every part, into the history: at once where that is quick, else block by block."""
        if self.state != "running":
            return
        whole = self.row == 0 and (self.epoch or self.looks.per_epoch == 1)
        samples = self.looks.samples if whole else self.looks.between
        self._measurement = Measurement(self._engine, self.parts, self.told, self.metric, samples)
        self._go_on_measuring()

    def _go_on_measuring(self) -> None:
        with np.errstate(all="ignore"):
            done = self._measurement
            if done is not None and done.advance():
                self._measurement = None
                self._note(done)

    def _finish_measuring(self) -> None:
        while self._measurement:
            self._go_on_measuring()

    def _note(self, measured: Measurement) -> None:
        """Take over what was measured, and look whether the run goes on."""
        least = 1.0 if self.unit is None else float((self.unit**2).mean())
        self._guard.look_at_loss(measured.row["train_loss"], self.step, least)
        self._end_if_diverged()
        if self.state != "running":
            return
        self.history.add(self.position if self.row else self.epoch, measured.row)
        if self.row == 0 or self.epoch == 0:  # once there was a whole look, few samples do not replace it
            self.outputs = measured.outputs
        self._look_at_stop_rules()

    def _look_for_divergence(self) -> None:
        self._guard.look(self.step)
        self._end_if_diverged()

    def _end_if_diverged(self) -> None:
        if self._guard.all_diverged:
            self.state, self.message = "diverged", divergence.message(self.step)

    def _look_at_stop_rules(self) -> None:
        """Finished, if a rule says so; running again, if the rule that had stopped the run has been lifted."""
        if self.state == "diverged" or self.row or self._measurement:
            return
        last = {} if self.models is not None else self.history.last
        loss = last.get("validation_loss", np.inf)
        counts = self.epoch or self.looks.per_epoch == 1  # the few samples of the first look may be easy by chance
        if counts and loss < self._best:  # noted even while no rule asks for it
            self._best, self._best_epoch = float(loss), self.epoch
        message = self.stop.message(self.epoch, last, self._best_epoch, self.loss.task)
        self.state, self.message = ("finished", message) if message else ("running", "")

    # --- saving and resuming ------------------------------------------------------------------------------------

    def save(self, whole: bool = True) -> dict:
        """All that is needed to go on bit for bit: plain numbers, and arrays that are copies.

        whole=False: without history and outputs, but for the latest look.
        """
        self._finish_measuring()
        saved = {
            "weights_seed": self.weights_seed,
            "theta": self.theta.copy(),
            "counts": (self.step, self.epoch, self.row),
            "state": (self.state, self.message),
            "best": (self._best, self._best_epoch),
            "looks": (self.history.looks, self.history.last_epoch, self.history.last),
        }
        if whole:
            saved |= {"history": self.history.copy(), "outputs": dict(self.outputs)}
        return saved | self._updates.save() | self._guard.save()

    def restore(self, saved: dict) -> None:
        """Go on from what `save` gave, in a trainer that was made with the same arguments.

        Where that was not whole, this trainer's own history is cut back, and outputs stay until the next whole look.
        """
        self._measurement = None
        self.weights_seed = saved["weights_seed"]
        self.theta[...] = saved["theta"]
        self._updates.restore(saved)
        self._guard.restore(saved)
        self.step, self.epoch, self.row = saved["counts"]
        self.state, self.message = saved["state"]
        self._best, self._best_epoch = saved["best"]
        self.history = saved["history"].copy() if "history" in saved else self.history.until(*saved["looks"])
        self.outputs = dict(saved.get("outputs", self.outputs))
        if self.trail is not None:
            self.trail.cut(self.step)
