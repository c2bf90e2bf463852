"""Whole sweeps: 100 seeds, a grid, a wall of boundaries, 100 straight lines; nn_core beside PyTorch and scikit-learn.

    python -m benchmarks.sweeps [--json FILE] [--only seeds,grid,wall,line] [--rounds 3]

Ours is `sweep(configs)` in this process, with all that belongs to it: data, first weights, the losses and scores of all
three parts after every epoch, results. The peers are handed the data and train as many epochs with the same sizes of
batches; they measure nothing on the way, so the ratios are a little in their favour. A batch of all samples is taken as
it stands by everybody. PyTorch runs eagerly with one thread, one model after the other (fused SGD), and under
torch.func.vmap over the models that have one shape and batch size. scikit-learn (MLPClassifier or MLPRegressor) has two
processes of joblib, and sums up its training loss, which it cannot leave out. A run that diverges ends for all after
the epoch in which it does so for us; under vmap it goes on as long as the longest beside it.

Round-robin; a figure is the median over the rounds, a ratio the median of the rounds' own ratios; above 1, nn_core is
faster. Of a peer that would take longer than half a minute a share of the epochs of each run is measured and scaled up.
"""

import argparse
import math
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import joblib
import numpy as np
import torch
from sklearn.neural_network import MLPClassifier, MLPRegressor
from threadpoolctl import threadpool_limits
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.nn import functional

from benchmarks.peers import torch_model
from benchmarks.report import machine, middle, parts, table, write_json
from benchmarks.steps import race, ratio
from nn_core.activations import Tanh
from nn_core.layers import Dense, Dropout
from nn_core.optimisers import SGD
from playground.datasets.plane import SwissRoll
from playground.experiments.config import Config
from playground.experiments.experiment import build
from playground.experiments.results import Result
from playground.experiments.stacks import groups
from playground.experiments.sweep import seeds, sweep
from playground.views import grid as grid_page
from playground.views import seeds as seeds_page

LONGEST = 30.0  # seconds of a peer that is measured whole
BLOCK = 8.0  # seconds that about are measured of any other
PROBE = 0.02  # share of the epochs that tells which it is
PROCESSES = 2
ALL = slice(None)  # a batch of all samples is taken as it stands, by us and by the peers


@dataclass(frozen=True)
class Study:
    """A sweep. goal: seconds it may take, 0 for none."""

    text: str
    configs: Sequence[Config]
    goal: float = 0


@dataclass(frozen=True)
class Job:
    """A run as a peer is given it: x `(samples, features)`, class indices or values; epochs until it ends for us."""

    layers: tuple
    x: np.ndarray
    targets: np.ndarray
    batch: int
    epochs: int
    rate: float

    @property
    def classes(self) -> bool:
        return self.targets.ndim == 1

    @property
    def steps(self) -> int:
        """Of one epoch."""
        return -(-len(self.x) // self.batch)

    def model(self) -> torch.nn.Module:
        """As PyTorch has it."""
        return torch_model(SimpleNamespace(layers=self.layers, input_shape=self.x.shape[1:]))


def studies() -> dict[str, Study]:
    """By the key that their figures have."""
    rolls = Config(
        data=SwissRoll(samples=400),
        hidden=(Dense(16, Tanh()), Dense(16, Tanh())),
        optimiser=SGD(),
        learning_rate=0.01,
        batch_size=32,
        stop_epochs=50,
    )
    cells, wall = _recipe(grid_page, "Peaks: rate × batch"), _recipe(grid_page, "Circles: batch × rate")
    return {
        "seeds": Study("100 seeds of 2-16-16-2 tanh on 400 points of a Swiss Roll, 50 epochs", seeds(rolls, 100)),
        "grid": Study("20 cells, rate × batch, of softmax alone on 2,000 points of Peaks, 50 epochs", cells),
        "wall": Study("30 cells, batch × rate, of 2-10-2 tanh on 400 points of Circles, 150 epochs", wall, 6),
        "line": Study("100 straight lines through 200 points, 1,000 epochs", _recipe(seeds_page, "A straight line"), 3),
    }


def _recipe(page, label: str) -> list[Config]:
    return next(recipe for recipe in page.PAGE.recipes if recipe.label == label).spec.configs()


class Ours:
    """The sweep as anybody calls it; `run(times)` is what race asks for."""

    def __init__(self, configs: Sequence[Config]):
        self.configs = configs
        self.results: list[Result] = []

    def run(self, times: int) -> None:
        for _ in range(times):
            self.results = list(sweep(self.configs))


class Peer:
    """One that trains the jobs, given in groups of one shape; `share` of the epochs of each."""

    def __init__(self, train: Callable, jobs: list[list[Job]]):
        self._train, self._jobs, self.share = train, jobs, 1.0

    def run(self, times: int) -> None:
        for _ in range(times):
            self._train([[(job, self._epochs(job)) for job in group] for group in self._jobs])

    def _epochs(self, job: Job) -> int:
        return max(1, round(self.share * job.epochs))

    @property
    def part(self) -> float:
        """What of all steps is done."""
        jobs = [job for group in self._jobs for job in group]
        return sum(self._epochs(job) * job.steps for job in jobs) / sum(job.epochs * job.steps for job in jobs)

    def keep_short(self) -> None:
        """Take a share where the whole would be too long."""
        self.share = PROBE
        self.run(1)  # imports, processes, first calls
        start = time.perf_counter()
        self.run(1)
        whole = (time.perf_counter() - start) / self.part
        self.share = 1.0 if whole <= LONGEST else BLOCK / whole


def loop(jobs: list[list[tuple[Job, int]]]) -> None:
    """PyTorch, one model after the other."""
    for job, epochs in (pair for group in jobs for pair in group):
        model, x, targets = job.model(), torch.tensor(job.x), torch.tensor(job.targets)
        optimiser = torch.optim.SGD(model.parameters(), job.rate, fused=True)
        loss = functional.cross_entropy if job.classes else functional.mse_loss
        for _ in range(epochs):
            for rows in [ALL] if job.batch == len(x) else torch.randperm(len(x)).split(job.batch):
                optimiser.zero_grad()
                loss(model(x[rows]), targets[rows]).backward()
                optimiser.step()


def stacked(jobs: list[list[tuple[Job, int]]]) -> None:
    """torch.func: the gradient of a functional call, vectorised over the models of a group, and SGD by hand."""
    for group in jobs:
        job, models = group[0][0], len(group)
        model, x, targets = job.model(), torch.tensor(job.x), torch.tensor(job.targets)
        parameters, _ = stack_module_state([one.model() for one, _ in group])
        parameters = {name: p.detach() for name, p in parameters.items()}
        rates = {name: torch.tensor([one.rate for one, _ in group]) for name in parameters}
        rates = {name: rate.view(-1, *[1] * (parameters[name].ndim - 1)) for name, rate in rates.items()}
        loss = functional.cross_entropy if job.classes else functional.mse_loss

        def value(parameters, x, targets, model=model, loss=loss):
            return loss(functional_call(model, parameters, (x,)), targets)

        whole = job.batch == len(x)
        gradient = vmap(grad(value), in_dims=(0, None, None)) if whole else vmap(grad(value))
        for _ in range(max(epochs for _, epochs in group)):
            for rows in [ALL] if whole else torch.rand(models, len(x)).argsort(dim=1).split(job.batch, dim=1):
                for name, g in gradient(parameters, x[rows], targets[rows]).items():
                    parameters[name].addcmul_(g, rates[name], value=-1)


def in_processes(jobs: list[list[tuple[Job, int]]]) -> None:
    """scikit-learn over joblib's processes."""
    joblib.Parallel(n_jobs=PROCESSES)(joblib.delayed(fit)(job, epochs) for group in jobs for job, epochs in group)


def fit(job: Job, epochs: int) -> None:
    """One model of scikit-learn."""
    kind = MLPClassifier if job.classes else MLPRegressor
    *hidden, _ = job.layers
    model = kind(
        hidden_layer_sizes=tuple(layer.units for layer in hidden),
        activation="tanh" if hidden else "identity",
        solver="sgd",
        alpha=0.0,
        batch_size=job.batch,
        learning_rate_init=job.rate,
        max_iter=epochs,
        tol=0.0,
        n_iter_no_change=epochs + 1,
        momentum=0.0,
        random_state=0,
        shuffle=job.batch < len(job.x),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged: it was not asked to
        try:
            model.fit(job.x, job.targets if job.classes else job.targets[:, 0])
        except ValueError as error:  # diverged, which it says after its last epoch
            if "non-finite" not in str(error):
                raise


PEERS = {"loop": loop, "vmap": stacked, "sklearn": in_processes}


def jobs_of(results: Sequence[Result]) -> list[list[Job]]:
    """What the peers are given, in groups of one shape and batch size."""
    made = [_job(result) for result in results]
    return [[made[i] for i in group] for group in groups([result.config for result in results])]


def _job(result: Result) -> Job:
    config, experiment = result.config, build(result.config)
    layers = tuple(layer for layer in experiment.network.layers if not isinstance(layer, Dropout))
    x, targets = experiment.trainer.parts["train"]
    x, targets = np.asarray(x), np.asarray(targets)
    batch = min(config.batch_size or len(x), len(x))
    epochs = math.ceil(result.steps / -(-len(x) // batch))
    return Job(layers, x, targets, batch, max(1, epochs), config.learning_rate)


def measure(key: str, study: Study, rounds: int) -> dict[str, float]:
    """All contenders on one sweep."""
    ours = Ours(study.configs)
    ours.run(1)
    jobs = jobs_of(ours.results)
    peers = {name: Peer(train, jobs) for name, train in PEERS.items()}
    for peer in peers.values():
        peer.keep_short()
    seconds = race({"ours": (ours, 1), **{name: (peer, 1) for name, peer in peers.items()}}, rounds)
    found = {f"{key}_seconds": middle(seconds["ours"])}
    for name, peer in peers.items():
        whole = [taken / peer.part for taken in seconds[name]]
        found |= {
            f"{key}_seconds_{name}": middle(whole),
            f"{key}_ratio_{name}": ratio(whole, seconds["ours"]),
            f"{key}_measured_{name}": peer.part,
        }
    return found | ({f"{key}_goal": study.goal} if study.goal else {})


def as_text(key: str, study: Study, found: dict[str, float]) -> str:
    """The figures of one sweep as a table."""
    goal = f"seconds; wanted: under {study.goal:g}" if study.goal else "seconds"
    rows = [("nn_core, with its measuring", found[f"{key}_seconds"], goal)]
    names = {"loop": "PyTorch, a loop", "vmap": "PyTorch, vmap", "sklearn": f"scikit-learn, {PROCESSES} processes"}
    for name, label in names.items():
        part = found[f"{key}_measured_{name}"]
        scaled = f"; scaled up from {100 * part:.2g} % of the steps" if part < 1 else ""
        rows.append((label, found[f"{key}_seconds_{name}"], "seconds" + scaled))
        rows.append((f"{label} / ours", found[f"{key}_ratio_{name}"], "times"))
    return table(f"{key}: {study.text}", rows)


def main() -> None:
    """Measure, print, write."""
    known = studies()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", help="write the result to this file")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--only", default=",".join(known), help="what to measure")
    given = parser.parse_args()
    wanted = parts(parser, given.only, known)
    threadpool_limits(1, user_api="blas")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    result = {"machine": machine()}
    for key, study in known.items():
        if key in wanted:
            found = measure(key, study, given.rounds)
            print(as_text(key, study, found) + "\n", flush=True)
            result |= found
    print(result["machine"])
    write_json(given.json, result)


if __name__ == "__main__":
    main()
