"""Sweeps: many runs that differ in some of their settings, and where they are computed.

`grid`, `randomly` and `seeds` make lists of configs; `sweep` runs a list and gives each result as it comes. Runs of one
shape train as a stack (stacks.py); stacks of different shapes are spread over processes, or over an existing cluster,
by joblib. The numbers are the same to the last bit wherever they are computed on machines of one kind.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import joblib
import numpy as np
from joblib.externals.loky.process_executor import TerminatedWorkerError
from threadpoolctl import threadpool_limits

from nn_core.random import stream
from nn_core.spec import SpecError
from playground.datasets.base import DataError
from playground.experiments.config import Config
from playground.experiments.results import Result, ResultsFile, key_of
from playground.experiments.stacks import Stack, groups

BACKENDS = ("local", "loky", "dask", "ray")
RETRIES = 3  # of a stack whose worker has died
MOST_RUNS = 100_000


def grid(base: Config, values: Mapping[str, Sequence]) -> list[Config]:
    """Every combination of the values of some fields; the last changes fastest. Raises SpecError for a bad one."""
    _check_count(int(np.prod([len(choices) for choices in values.values()], dtype=float)))
    return [base.replace(**dict(zip(values, chosen, strict=True))) for chosen in itertools.product(*values.values())]


def randomly(base: Config, ranges: Mapping[str, Sequence | tuple], count: int, seed: int = 0) -> list[Config]:
    """`count` configs drawn by chance. ranges: field -> a list to choose from, or (low, high) or (low, high, "log")."""
    _check_count(count)
    rng, drawn = stream(seed, "sweep"), []
    for _ in range(count):
        chosen = {}
        for name, choices in ranges.items():
            if isinstance(choices, tuple):
                low, high, *log = choices
                ends = np.log([low, high]) if log else (low, high)
                value = rng.uniform(*ends)
                chosen[name] = float(np.exp(value)) if log else float(value)
            else:
                chosen[name] = choices[int(rng.integers(len(choices)))]
        drawn.append(base.replace(**chosen))
    return drawn


def seeds(configs: Config | Sequence[Config], count: int, names: Sequence[str] = ("seed_weights", "seed_batches")):
    """Each config `count` times, with the seeds 0 to count - 1 for what is named."""
    configs = [configs] if isinstance(configs, Config) else configs
    _check_count(count * len(configs))
    return [config.replace(**dict.fromkeys(names, seed)) for config in configs for seed in range(count)]


def sweep(
    configs: Sequence[Config],
    *,
    backend: str = "local",
    workers: int | None = None,
    scheduler: str | None = None,
    out: Path | str | None = None,
    resume: bool = False,
) -> Iterator[Result]:
    """The result of each config, as it comes; equal configs are run once and told once.

    backend: "local" (this process), "loky" (processes), "dask" or "ray" (an existing cluster at `scheduler`). workers:
    how many processes; None is one for each core. out: a file that results are appended to; resume: what it holds is
    told first and not done again. Raises DataError or SpecError, one sentence, for what cannot be run.
    """
    if backend not in BACKENDS:
        raise SpecError(f"backend must be one of {', '.join(BACKENDS)}, not {backend!r}.")
    wanted = {key_of(config): config for config in configs}
    _check_count(len(wanted))
    file = ResultsFile(out) if out is not None else None
    if file is not None and resume:
        for result in file.read(next(iter(wanted.values()), Config())):
            if wanted.pop(result.key, None) is not None:
                yield result
        file.drop_torn_line()
    elif file is not None and file.path.exists() and file.path.stat().st_size:
        raise DataError(f"{file.path.name} holds results already; resume that sweep, or choose another file.")
    left = list(wanted.values())
    for results in _computed([[left[i] for i in group] for group in groups(left)], backend, workers, scheduler):
        for result in results:
            if file is not None:
                file.append(result)
            yield result


def train(configs: Sequence[Config]) -> list[Result]:
    """Train a stack to its end, in this process; what a worker does."""
    with threadpool_limits(1, user_api="blas"):  # many small products: a second thread costs more than it gives
        stack = Stack(configs)
        stack.advance()
    return stack.results()


def _computed(stacks, backend, workers, scheduler) -> Iterator[list[Result]]:
    if backend == "local" or not stacks:
        for stack in stacks:
            yield train(stack)
        return
    left, tries = dict(enumerate(stacks)), 0
    while left:
        try:
            with _on(backend, workers, scheduler):
                parallel = joblib.Parallel(n_jobs=workers or -1, return_as="generator_unordered", batch_size=1)
                for number, results in parallel(joblib.delayed(_numbered)(n, stack) for n, stack in left.items()):
                    del left[number]
                    yield results
        except TerminatedWorkerError:
            tries += 1
            if tries > RETRIES:
                raise DataError(
                    f"A worker process died {tries} times; what was done is kept: free some memory, then resume."
                ) from None


def _numbered(number, stack):
    return number, train(stack)


def _on(backend, workers, scheduler):
    """The joblib backend, as a context."""
    if backend == "dask":
        return _dask(scheduler)
    if backend == "ray":
        return _ray(scheduler)
    return joblib.parallel_config(backend="loky", inner_max_num_threads=1)


def _dask(scheduler):
    try:
        from dask.distributed import Client
    except ImportError:
        raise DataError("The backend dask needs its package: pip install 'distributed'.") from None
    try:
        client = Client(scheduler, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        raise DataError(f"No Dask scheduler answers at {scheduler} ({error}); start one, or name another.") from None
    return joblib.parallel_config(backend="dask", client=client)


def _ray(scheduler):
    try:
        import ray
        from ray.util.joblib import register_ray
    except ImportError:
        raise DataError("The backend ray needs its package: pip install 'ray'.") from None
    if not ray.is_initialized():
        ray.init(address=scheduler, log_to_driver=False)
    register_ray()
    return joblib.parallel_config(backend="ray")


def _check_count(count):
    if count > MOST_RUNS:
        raise SpecError(f"A sweep may have at most {MOST_RUNS:,} runs, not {count:,}.")
