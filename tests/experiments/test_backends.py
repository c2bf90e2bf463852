"""Where a sweep is computed changes no bit of it; workers that die and schedulers that vanish lose nothing."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from joblib.externals.loky import reusable_executor

from nn_core.layers import Dense
from nn_core.spec import SpecError
from playground.datasets.base import DataError
from playground.datasets.plane import Moons
from playground.experiments import sweep as module
from playground.experiments.config import Config
from playground.experiments.results import ResultsFile
from playground.experiments.sweep import grid, seeds, sweep
from tests.experiments.test_sweep import assert_same

ROOT = Path(__file__).parents[2]
# Twelve stacks of two; the first have one member that diverges. Each takes some hundredths of a second.
CONFIGS = [
    *grid(Config(data=Moons(samples=60), stop_epochs=5), {"hidden": [(), (Dense(3),)], "learning_rate": [0.1, 1e9]}),
    *seeds(grid(Config(data=Moons(samples=60), stop_epochs=150), {"hidden": [(Dense(k),) for k in range(4, 14)]}), 2),
]
LONGEST_START = 60  # seconds; that much only where the machine is very busy


@pytest.fixture(scope="module")
def undisturbed():
    """What the sweep gives in this process when nothing happens to it."""
    results = list(sweep(CONFIGS))
    assert sum(result.state == "diverged" or result.diverged for result in results) == 2
    return results


def worker_pids() -> list[int]:
    """The processes of joblib's executor."""
    return list(reusable_executor._executor._processes)  # asking for it anew might end it


def test_processes(undisturbed, tmp_path):
    out = tmp_path / "results.jsonl"
    assert_same(sweep(CONFIGS, backend="loky", workers=2, out=out), undisturbed)
    assert_same(ResultsFile(out).read(), undisturbed)


def test_a_config_that_cannot_be_built_has_its_sentence_from_a_process_too():
    with pytest.raises(SpecError, match="features must be among"):
        list(sweep([CONFIGS[0].replace(features=("x7",))], backend="loky", workers=2))


def test_a_worker_process_that_dies_is_replaced(undisturbed, tmp_path):
    out = tmp_path / "results.jsonl"
    results = sweep(CONFIGS, backend="loky", workers=2, out=out)
    found, before = [next(results)], worker_pids()
    os.kill(before[0], signal.SIGTERM)  # Windows knows no other way
    found += results
    assert before[0] not in worker_pids()
    assert len(found) == len(CONFIGS)  # nothing is told twice either
    assert_same(found, undisturbed)
    assert_same(ResultsFile(out).read(), undisturbed)


def test_workers_that_die_again_and_again_end_the_sweep_with_one_sentence(monkeypatch, undisturbed, tmp_path):
    monkeypatch.setattr(module, "RETRIES", 0)
    out = tmp_path / "results.jsonl"
    results = sweep(CONFIGS, backend="loky", workers=2, out=out)
    next(results)
    os.kill(worker_pids()[0], signal.SIGTERM)
    with pytest.raises(DataError, match=r"^A worker process died 1 times? in a row; what is done is kept: .*\.$"):
        list(results)
    assert_same(sweep(CONFIGS, out=out, resume=True), undisturbed)


def test_processes_are_interrupted_and_resumed(undisturbed, tmp_path):
    out = tmp_path / "results.jsonl"
    results = sweep(CONFIGS, backend="loky", workers=2, out=out)
    next(results)
    results.close()
    kept = len(list(ResultsFile(out).read()))
    assert kept == 1
    assert_same(sweep(CONFIGS, backend="loky", workers=2, out=out, resume=True), undisturbed)


class Cluster:
    """A Dask scheduler and workers, each a process of this machine."""

    def __init__(self, folder: Path):
        self.processes, self.workers, self.file = [], [], folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        for _ in range(LONGEST_START * 20):
            with contextlib.suppress(OSError, ValueError):  # not there, or not written to its end
                self.address = json.loads(self.file.read_text())["address"]
                return
            time.sleep(0.05)
        self.end()
        raise TimeoutError("The Dask scheduler did not start.")

    def add_worker(self) -> subprocess.Popen:
        """One more worker with one thread; it takes some seconds until it works."""
        self.workers.append(self._start("worker", "--nthreads", "1", "--no-nanny"))
        return self.workers[-1]

    def end(self):
        """Kill what still runs."""
        for process in self.processes:
            process.kill()
            process.wait()

    def _start(self, what, *options):
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--scheduler-file", str(self.file)]
        process = subprocess.Popen(
            [*command, "--no-dashboard", *options],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    pytest.importorskip("distributed", reason="the optional backend dask is not installed")
    monkeypatch.setattr(module, "PATIENCE", LONGEST_START)
    started = Cluster(tmp_path)
    yield started
    started.end()


def test_a_dask_cluster_one_of_whose_workers_dies(cluster, undisturbed, tmp_path):
    out = tmp_path / "results.jsonl"
    cluster.add_worker()
    cluster.add_worker()
    wait_for_workers(cluster, 2)
    results = sweep(CONFIGS, backend="dask", scheduler=cluster.address, out=out)
    found = [next(results)]
    cluster.workers[0].kill()
    found += results
    assert len(found) == len(CONFIGS)
    assert_same(found, undisturbed)
    assert_same(ResultsFile(out).read(), undisturbed)
    # The cluster is as it was: a second sweep, and one that is wrong, find it working.
    assert_same(sweep(CONFIGS, backend="dask", scheduler=cluster.address), undisturbed)
    with pytest.raises(SpecError, match="features must be among"):
        list(sweep([CONFIGS[0].replace(features=("x7",))], backend="dask", scheduler=cluster.address))


def test_a_dask_scheduler_whose_plug_is_pulled(cluster, undisturbed, tmp_path, monkeypatch):
    out = tmp_path / "results.jsonl"
    with monkeypatch.context() as impatient:
        impatient.setattr(module, "PATIENCE", 0.5)
        with pytest.raises(DataError, match=rf"^The Dask scheduler at {cluster.address} has no workers; start some"):
            next(sweep(CONFIGS, backend="dask", scheduler=cluster.address))
    cluster.add_worker()
    results = sweep(CONFIGS, backend="dask", scheduler=cluster.address, out=out)
    found = [next(results)]
    cluster.scheduler.kill()
    with pytest.raises(DataError, match=rf"^The Dask scheduler at {cluster.address} was lost; what was done .*\.$"):
        found += results
    kept = list(ResultsFile(out).read())
    assert 0 < len(kept) < len(CONFIGS)
    assert_same(sweep(CONFIGS, out=out, resume=True), undisturbed)
    assert_same(ResultsFile(out).read(), undisturbed)


def test_a_dask_sweep_is_closed_and_resumed(cluster, undisturbed, tmp_path):
    out = tmp_path / "results.jsonl"
    cluster.add_worker()
    results = sweep(CONFIGS, backend="dask", scheduler=cluster.address, out=out)
    next(results)
    results.close()
    assert len(list(ResultsFile(out).read())) == 1
    assert_same(sweep(CONFIGS, backend="dask", scheduler=cluster.address, out=out, resume=True), undisturbed)


def wait_for_workers(cluster, count):
    """Both must be there when the work is given out, or one of them gets none."""
    from distributed import Client

    with Client(cluster.address, set_as_default=False, timeout=LONGEST_START) as client:
        client.wait_for_workers(count, timeout=LONGEST_START)


def test_dask_without_a_scheduler_has_one_sentence(monkeypatch):
    pytest.importorskip("distributed", reason="the optional backend dask is not installed")
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    with pytest.raises(SpecError, match="needs the address of its scheduler"):
        next(sweep(CONFIGS, backend="dask"))
    with pytest.raises(
        DataError, match=r"^No Dask scheduler answers at tcp://127\.0\.0\.1:1; start one, or name another"
    ):
        next(sweep(CONFIGS, backend="dask", scheduler="tcp://127.0.0.1:1"))
    with pytest.raises(DataError, match=r"^No Dask scheduler answers at nowhere://"):
        next(sweep(CONFIGS, backend="dask", scheduler="nowhere://"))


@pytest.mark.parametrize(("backend", "package"), [("dask", "distributed"), ("ray", "ray")])
def test_a_backend_whose_package_is_missing_says_what_to_install(monkeypatch, backend, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DataError, match=f"^The backend {backend} needs a package: pip install {package}$"):
        next(sweep(CONFIGS, backend=backend, scheduler="tcp://127.0.0.1:1"))


@pytest.mark.filterwarnings("ignore")  # Ray's own, as it starts and ends
def test_ray(undisturbed, monkeypatch):
    for name, value in {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}.items():
        monkeypatch.setenv(name, value)
    ray = pytest.importorskip("ray", reason="the optional backend ray is not installed")
    assert_same(sweep(CONFIGS, backend="ray", workers=2), undisturbed)
    assert not ray.is_initialized()
    with pytest.raises(DataError, match=r"^No Ray cluster answers at 127\.0\.0\.1:1; start one, or name another\.$"):
        next(sweep(CONFIGS, backend="ray", scheduler="127.0.0.1:1"))
