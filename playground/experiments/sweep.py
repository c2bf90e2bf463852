"""Sweeps: many runs that differ in some of their settings, and where they are computed.

`grid`, `randomly` and `seeds` make lists of configs; `sweep` runs a list and gives each result as it comes. Runs of one
shape train as a stack (stacks.py); stacks of different shapes are spread over processes by joblib, or over a cluster of
Dask or Ray. The numbers are the same to the last bit wherever they are computed on machines of one kind.
"""

import contextlib
import itertools
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from pathlib import Path

import joblib
import numpy as np
from joblib.externals.loky.process_executor import TerminatedWorkerError
from threadpoolctl import threadpool_limits

from nn_core.random import stream
from nn_core.spec import SpecError
from playground.datasets.base import DataError, Drawn
from playground.experiments.config import Config
from playground.experiments.results import Result, ResultsFile, key_of
from playground.experiments.schedulers import dask_answers, ray_answers
from playground.experiments.stacks import Stack, groups

BACKENDS = ("local", "loky", "dask", "ray")
RETRIES = 3  # of a stack whose worker has died
PATIENCE = 10  # seconds that a scheduler and its first worker have to answer
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
    own: Drawn | None = None,
) -> Iterator[Result]:
    """The result of each config, as it comes; equal configs are run once and told once.

    backend: "local" (this process), "loky" (processes), "dask" (the cluster whose scheduler answers at `scheduler`) or
    "ray" (the one at that address, else one that is started here). workers: how many processes loky, or a Ray started
    here, has; None is one for each core. out: a file that results are appended to; resume: what it holds is told first
    and not done again. own: the samples, where the configs' data are the reader's own. Raises DataError or SpecError,
    one sentence, for what cannot be run; what is done by then stays in the file. Closing the generator ends the sweep.
    """
    if backend not in BACKENDS:
        raise SpecError(f"backend must be one of {', '.join(BACKENDS)}, not {backend!r}.")
    if workers is not None and workers < 1:
        raise SpecError(f"workers must be at least 1, not {workers}.")
    if scheduler is not None and backend not in ("dask", "ray"):
        raise SpecError(f"scheduler is for the backends dask and ray, not {backend}.")
    if workers is not None and (backend not in ("loky", "ray") or (backend == "ray" and scheduler is not None)):
        raise SpecError("workers is for the backend loky and for a Ray that is started here; a cluster has its own.")
    wanted = {key_of(config): config for config in configs}
    _check_count(len(wanted))
    if any(not (config.stop_epochs or config.stop_accuracy or config.stop_patience) for config in wanted.values()):
        raise SpecError("A run of a sweep needs an end: set stop_epochs.")
    file = ResultsFile(out) if out is not None else None
    if file is not None and resume:
        for result in file.read():
            if wanted.pop(result.key, None) is not None:
                yield result
    elif file is not None and file.has_begun():
        raise DataError(f"{file.path.name} holds results already; resume that sweep, or choose another file.")
    left = list(wanted.values())
    stacks = dict(enumerate([left[i] for i in group] for group in groups(left)))
    if not stacks:
        return
    if file is not None:
        file.prepare()  # what cannot be written is said before anything is trained
    with contextlib.closing(_outcomes(stacks, own, backend, workers, scheduler)) as outcomes:
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
            for result in outcome:
                if file is not None:
                    file.append(result)
                yield result


def train(configs: Sequence[Config], own: Drawn | None = None) -> list[Result]:
    """Train a stack to its end, in this process; what a worker does."""
    with threadpool_limits(1, user_api="blas"):  # many small products: a second thread costs more than it gives
        stack = Stack(configs, own)
        stack.advance()
    return stack.results()


def _outcomes(stacks, own, backend, workers, scheduler) -> Iterator[list[Result] | Exception]:
    """What became of each stack, as it comes: its results, or what is wrong with its configs."""
    if backend == "dask":
        return _on_dask(stacks, own, scheduler)
    if backend == "ray":
        return _on_ray(stacks, own, scheduler, workers)
    if backend == "loky":
        return _in_processes(stacks, own, workers)
    return (_outcome(stack, own) for stack in stacks.values())


def _outcome(stack, own) -> list[Result] | Exception:
    """An error as a value: a cluster would wrap one that is raised, or train the stack again."""
    try:
        return train(stack, own)
    except (SpecError, DataError) as error:
        return error


def _numbered(number, stack, own):
    return number, _outcome(stack, own)


def _in_processes(stacks, own, workers):
    left, tries = dict(stacks), 0
    while left:
        parallel = joblib.Parallel(n_jobs=workers or -1, return_as="generator_unordered", batch_size=1)
        try:
            with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
                outcomes = parallel(joblib.delayed(_numbered)(n, stack, own) for n, stack in list(left.items()))
            with _closing_quietly(outcomes):
                for number, outcome in outcomes:
                    del left[number]
                    tries = 0
                    yield outcome
        except TerminatedWorkerError:
            tries += 1
            if tries > RETRIES:
                raise DataError(
                    f"A worker process died {tries} times in a row; what is done is kept: free memory, then resume."
                ) from None


@contextlib.contextmanager
def _closing_quietly(outcomes):
    """Close joblib's generator without its warning that tasks were left undone: that is what closing is for."""
    try:
        yield
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            outcomes.close()


def _on_dask(stacks, own, scheduler):
    if scheduler is None:
        raise SpecError("The backend dask needs the address of its scheduler, such as tcp://192.168.0.5:8786.")
    try:
        from distributed import Client, KilledWorker, as_completed
    except ImportError:
        raise DataError("The backend dask needs a package: pip install distributed") from None
    nobody = f"No Dask scheduler answers at {scheduler}; start one, or name another."
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it would log is said below
    if not dask_answers(scheduler, PATIENCE):
        raise DataError(nobody)
    try:
        client = Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError):
        raise DataError(nobody) from None
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
        # Dask itself gives the work of a worker that dies to another.
        futures = client.map(_outcome, list(stacks.values()), own=own, pure=False, retries=RETRIES)
        for future in as_completed(futures, loop=client.loop):
            yield future.result()
            future.release()
    except KilledWorker:
        raise DataError(
            f"A run has ended {RETRIES} Dask workers; what was done is kept: give them memory, then resume."
        ) from None
    except TimeoutError:
        raise DataError(
            f"The Dask scheduler at {scheduler} has no workers; start some: dask worker {scheduler}"
        ) from None
    except (ImportError, AttributeError, RuntimeError):  # what their unpickling of the work ends in
        raise DataError(
            f"The Dask scheduler at {scheduler} or a worker cannot read the work; install the same playground there."
        ) from None
    except (CancelledError, OSError):
        raise DataError(
            f"The Dask scheduler at {scheduler} was lost; what was done is kept: resume there, or on another backend."
        ) from None
    finally:
        client.close()


def _on_ray(stacks, own, address, workers):
    try:
        import ray
    except ImportError:
        raise DataError("The backend ray needs a package: pip install ray") from None
    begun = not ray.is_initialized()
    if begun:
        nobody = f"No Ray cluster answers at {address}; start one, or name another."
        if address and not ray_answers(address, PATIENCE):
            raise DataError(nobody)
        try:
            options = {} if address else {"num_cpus": workers, "include_dashboard": False}
            ray.init(address or "local", log_to_driver=False, logging_level="ERROR", **options)
        except (OSError, ValueError, OverflowError):
            raise DataError(nobody) from None
    try:
        work = ray.remote(num_cpus=1, max_retries=RETRIES)(_outcome)
        waiting = [work.remote(stack, own) for stack in stacks.values()]
        while waiting:
            (done,), waiting = ray.wait(waiting)
            yield ray.get(done)
    except ray.exceptions.RayError as error:
        raise DataError(
            f"Ray lost a run ({type(error).__name__}); what was done is kept: resume there, or on another backend."
        ) from None
    finally:
        if begun:
            ray.shutdown()


def _check_count(count):
    if count > MOST_RUNS:
        raise SpecError(f"A sweep may have at most {MOST_RUNS:,} runs, not {count:,}.")
