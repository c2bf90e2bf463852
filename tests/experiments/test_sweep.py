"""Sweeps in one process: lists of configs, each run once, the file that a resumed sweep reads."""

import itertools
import math

import numpy as np
import pytest

from nn_core.layers import Dense
from nn_core.spec import SpecError
from playground.datasets.base import DataError, Drawn, fingerprint
from playground.datasets.plane import Moons
from playground.experiments import sweep as module
from playground.experiments.config import Config, Own
from playground.experiments.experiment import build
from playground.experiments.results import ResultsFile
from playground.experiments.sweep import BACKENDS, MOST_RUNS, grid, randomly, seeds, sweep, train

BASE = Config(data=Moons(samples=60), stop_epochs=4)
SIX = grid(BASE, {"hidden": [(), (Dense(3),), (Dense(4),)], "learning_rate": [0.1, 1e9]})


@pytest.fixture
def trained(monkeypatch):
    """The configs that are trained from now on."""
    seen = []

    def counting(configs, own=None):
        seen.extend(configs)
        return train(configs, own)

    monkeypatch.setattr(module, "train", counting)
    return seen


def assert_same(found, expected):
    """The same results to the last bit, in whatever order."""
    found, expected = ({result.key: result for result in results} for results in (found, expected))
    assert found.keys() == expected.keys()
    for key, result in found.items():
        assert result.same_as(expected[key])
        assert result.theta.tobytes() == expected[key].theta.tobytes()


def test_a_grid_has_every_combination_and_the_last_changes_fastest():
    configs = grid(BASE, {"learning_rate": [0.1, 0.2], "batch_size": [1, 2, 3]})
    pairs = [(config.learning_rate, config.batch_size) for config in configs]
    assert pairs == list(itertools.product([0.1, 0.2], [1, 2, 3]))
    assert {config.replace(learning_rate=0.1, batch_size=1) for config in configs} == {configs[0]}
    assert grid(BASE, {}) == [BASE]
    assert grid(BASE, {"learning_rate": []}) == []


def test_a_bad_value_and_too_many_runs_have_one_sentence():
    with pytest.raises(SpecError, match=r"learning_rate must be a number from 0"):
        grid(BASE, {"learning_rate": [0.1, -1.0]})
    many = list(range(1000))
    for made in (
        lambda: grid(BASE, {"seed_data": many, "seed_split": many}),
        lambda: randomly(BASE, {}, MOST_RUNS + 1),
        lambda: seeds([BASE] * 101, 1000),
    ):
        with pytest.raises(SpecError, match=r"A sweep may have at most 100,000 runs, not [\d,]+\.$"):
            made()


def test_random_draws_lie_in_their_ranges_and_come_again():
    ranges = {"learning_rate": (1e-4, 1.0, "log"), "l2": (0.2, 0.4), "batch_size": [1, 8, 64]}
    drawn = randomly(BASE, ranges, 300, seed=3)
    assert drawn == randomly(BASE, ranges, 300, seed=3)
    assert drawn != randomly(BASE, ranges, 300, seed=4)
    assert drawn[:10] == randomly(BASE, ranges, 10, seed=3)
    rates, penalties = ([getattr(config, name) for config in drawn] for name in ("learning_rate", "l2"))
    assert all(1e-4 <= rate <= 1 for rate in rates)
    assert all(0.2 <= penalty <= 0.4 for penalty in penalties)
    assert {config.batch_size for config in drawn} == {1, 8, 64}
    # Evenly over the decades: their middle is .01. Evenly over the numbers it would be .5.
    assert -2.4 < np.median(np.log10(rates)) < -1.6
    assert len(set(rates)) == 300


def test_seeds_go_from_0_for_each_config():
    other = BASE.replace(learning_rate=0.5)
    configs = seeds([BASE, other], 3)
    assert [(c.learning_rate, c.seed_weights, c.seed_batches) for c in configs] == [
        (rate, seed, seed) for rate in (BASE.learning_rate, 0.5) for seed in range(3)
    ]
    assert {(c.seed_data, c.seed_split) for c in configs} == {(0, 0)}
    assert [c.seed_data for c in seeds(BASE, 2, ["seed_data"])] == [0, 1]


def test_equal_configs_are_run_once_and_told_once(trained):
    results = list(sweep([*SIX, *reversed(SIX)]))
    assert len(results) == len(trained) == len(SIX)
    assert {result.config for result in results} == set(SIX)
    assert sum(result.diverged for result in results) == 3  # a run that runs away is a result


def test_results_come_before_all_is_done(trained):
    results = sweep(SIX)
    next(results)
    assert 0 < len(trained) < len(SIX)
    results.close()


def test_a_run_without_an_end_is_refused_before_anything_is_trained(trained, tmp_path):
    with pytest.raises(SpecError, match=r"^A run of a sweep needs an end: set stop_epochs\.$"):
        next(sweep([*SIX, BASE.replace(stop_epochs=0)], out=tmp_path / "results.jsonl"))
    assert trained == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"backend": "threads"}, f"backend must be one of {', '.join(BACKENDS)}, not 'threads'."),
        ({"backend": "loky", "workers": 0}, "workers must be at least 1, not 0."),
    ],
)
def test_what_cannot_be_run_has_one_sentence(options, sentence):
    with pytest.raises(SpecError) as told:
        next(sweep(SIX, **options))
    assert str(told.value) == sentence


def test_a_config_that_does_not_fit_its_data_ends_the_sweep_and_what_was_done_is_kept(tmp_path):
    out = tmp_path / "results.jsonl"
    with pytest.raises(SpecError, match="features must be among"):
        list(sweep([BASE, BASE.replace(features=("x7",))], out=out))
    assert [result.config for result in ResultsFile(out).read()] == [BASE]


def test_nothing_to_do_is_no_error(tmp_path):
    assert list(sweep([], out=tmp_path / "results.jsonl")) == []
    assert list(sweep([], out=tmp_path / "results.jsonl", resume=True, backend="loky")) == []


def test_a_file_with_results_is_not_written_over(tmp_path, trained):
    out = tmp_path / "results.jsonl"
    out.touch()  # an empty one is no loss
    list(sweep(SIX[:1], out=out))
    before = out.read_bytes()
    trained.clear()
    with pytest.raises(DataError, match=r"^results\.jsonl holds results already; resume that sweep, or .*\.$"):
        next(sweep(SIX, out=out))
    assert trained == []
    assert out.read_bytes() == before


def test_a_resumed_sweep_does_only_what_is_missing(tmp_path, trained):
    out, expected = tmp_path / "results.jsonl", list(sweep(SIX))
    list(sweep(SIX[2:4], out=out))
    trained.clear()
    found = list(sweep(SIX, out=out, resume=True))
    assert sorted(map(repr, trained)) == sorted(map(repr, [*SIX[:2], *SIX[4:]]))
    assert [result.config for result in found[:2]] == SIX[2:4]
    assert_same(found, expected)
    assert_same(ResultsFile(out).read(), expected)
    trained.clear()
    assert_same(sweep(SIX, out=out, resume=True), expected)
    assert trained == []


def test_what_the_file_holds_of_other_sweeps_is_not_told(tmp_path):
    out = tmp_path / "results.jsonl"
    list(sweep(SIX[:2], out=out))
    assert [result.config for result in sweep(SIX[4:], out=out, resume=True)] == SIX[4:]
    assert len(list(ResultsFile(out).read())) == 4


def test_an_interrupted_sweep_is_resumed_to_the_same_results(tmp_path, trained):
    out, expected = tmp_path / "results.jsonl", list(sweep(SIX))
    interrupted = sweep(SIX, out=out)
    done = [next(interrupted) for _ in range(3)]  # one of the second stack, whose other member is lost
    interrupted.close()
    assert_same(ResultsFile(out).read(), done)
    with out.open("ab") as file:
        file.write(b'{"format":1,"config":{"data":"mo')  # torn by the interruption
    trained.clear()
    assert_same(sweep(SIX, out=out, resume=True), expected)
    assert len(trained) == 3
    assert_same(ResultsFile(out).read(), expected)


def test_a_damaged_file_is_neither_trusted_nor_changed(tmp_path, trained):
    out = tmp_path / "results.jsonl"
    out.write_bytes(b"label,n,median\n")
    with pytest.raises(DataError, match=r"Line 1 of results\.jsonl is no result"):
        next(sweep(SIX, out=out, resume=True))
    assert trained == []
    assert out.read_bytes() == b"label,n,median\n"


def test_a_sweep_runs_on_data_of_ones_own():
    angles = np.linspace(0, 2 * math.pi, 80)
    drawn = Drawn(
        np.stack([np.cos(angles), np.sin(angles)], 1), (angles > 3).astype(int), ("a", "b"), ("u", "v"), title="ring"
    )
    configs = [config.replace(data=Own(fingerprint(drawn))) for config in SIX[:3]]
    for result in sweep(configs, own=drawn):
        solo = build(result.config, drawn)
        solo.trainer.run()
        assert result.fingerprint == solo.fingerprint
    with pytest.raises(DataError, match="somebody's own data"):
        next(sweep(configs))
