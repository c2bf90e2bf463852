"""Statistics over many runs: worked out by hand, against NumPy and SciPy, and for members that got lost."""

import numpy as np
import pytest
from scipy.stats import trim_mean

from nn_core.ensemble import Ensemble
from nn_core.history import History
from nn_core.optimisers import SGD
from nn_core.settings import Settings
from tests.nn_core.runs import is_one_sentence, trainer


def ensemble(*members, name="train_loss", **kwargs) -> Ensemble:
    """Each member is the list of its values."""
    return Ensemble(range(len(members[0])), {name: np.transpose(members)}, **kwargs)


def test_eight_members_by_hand():
    # 1 2 3 4 5 6 7 100: quartiles at 2.75 and 6.25 of the sorted values; between them 3 4 5 6.
    spread = ensemble(*[[value] for value in (100, 3, 1, 4, 2, 7, 5, 6)]).spread("train_loss")
    found = (spread.least, spread.first_quartile, spread.median, spread.third_quartile, spread.greatest)
    assert [float(value[0]) for value in found] == [1, 2.75, 4.5, 6.25, 100]
    assert spread.interquartile_mean[0] == (3 + 4 + 5 + 6) / 4


@pytest.mark.parametrize(
    ("values", "mean"),
    [([5], 5), ([1, 4], 2.5), ([1, 2, 9], 2), ([1, 1, 1, 9], 1), ([0, 2, 2, 2, 50], 2), ([1, 2, 3, 4, 5], 3)],
)
def test_few_members_and_ties_by_hand(values, mean):
    # Two: no value lies between 1.75 and 3.25, so the median. Five: the quartiles are 2 and 4, and are counted.
    assert ensemble(*[[value] for value in values]).spread("train_loss").interquartile_mean[0] == mean


def test_quartiles_are_numpys_and_the_mean_is_scipys_where_both_agree():
    values = np.random.default_rng(0).standard_normal((30, 40))  # 40 members: a quarter is 10, and no ties
    spread = Ensemble(range(30), {"train_loss": values}).spread("train_loss")
    np.testing.assert_allclose(spread.first_quartile, np.percentile(values, 25, axis=1))
    np.testing.assert_allclose(spread.third_quartile, np.percentile(values, 75, axis=1))
    np.testing.assert_allclose(spread.median, np.median(values, axis=1))
    np.testing.assert_allclose(spread.interquartile_mean, trim_mean(values, 0.25, axis=1))


def test_ranks_of_losses_and_metrics():
    losses = ensemble([9, 3], [9, 1], [9, 2], [9, 4])
    assert losses.order("train_loss").tolist() == [1, 2, 0, 3]
    assert (losses.best("train_loss"), losses.median("train_loss"), losses.worst("train_loss")) == (1, 2, 3)
    assert losses.converged("train_loss", 2) == 2
    metrics = ensemble([0, 0.3], [0, 0.9], [0, 0.5], name="test_metric")
    assert (metrics.best("test_metric"), metrics.median("test_metric"), metrics.worst("test_metric")) == (1, 2, 0)
    assert metrics.converged("test_metric", 0.5) == 2
    assert ensemble([1], [1], [1]).order("train_loss").tolist() == [0, 1, 2]


def test_who_has_diverged_counts_nowhere_and_ranks_last():
    runs = ensemble([5, 1], [5, 2], [5, 3], [5, np.nan], [5, 0], diverged=[0, 0, 0, 0, 1])
    spread = runs.spread("train_loss")
    assert spread.median.tolist() == [5, 2]
    assert spread.greatest.tolist() == [5, 3]
    assert runs.order("train_loss").tolist() == [0, 1, 2, 3, 4]
    assert runs.converged("train_loss", 9) == 3
    nobody = ensemble([np.inf, 1], [np.nan, 2]).spread("train_loss")
    assert np.isnan(nobody.median[0])
    assert np.isnan(nobody.interquartile_mean[0])
    assert nobody.median[1] == 1.5


def test_a_stack_and_its_solo_runs_make_the_same_ensemble(monkeypatch):
    monkeypatch.setattr("nn_core.history.LONGEST", 4)  # so that some epochs are dropped
    stack = trainer(weights_seed=[1, 2, 3])
    stack.run(epochs=7)
    alone = []
    for seed in (1, 2, 3):
        run = trainer(weights_seed=seed)
        run.run(epochs=7)
        alone.append(run.history)
    together, apart = Ensemble.of(stack.history), Ensemble.of(alone)
    assert together.epochs.tolist() == apart.epochs.tolist()
    assert together.epochs[-1] == 7
    for name in stack.history.series:
        assert np.array_equal(together.spread(name).interquartile_mean, apart.spread(name).interquartile_mean)
        assert together.order(name).tolist() == apart.order(name).tolist()


def test_a_trainer_says_which_members_have_diverged():
    run = trainer(settings=Settings(SGD(), learning_rate=[0.01, 1e12, 0.01]), weights_seed=[1, 2, 3])
    run.run(epochs=5)
    assert run.diverged.tolist() == [False, True, False]
    found = Ensemble.of(run.history, run.diverged)
    assert found.worst("train_loss") == 1
    assert np.isfinite(found.spread("train_loss").greatest).all()


def test_a_solo_run_that_ended_early():
    histories = [History(), History()]
    for epoch in range(3):
        histories[0].add(epoch, {"train_loss": 3.0 - epoch})
    histories[1].add(0, {"train_loss": 9.0})
    found = Ensemble.of(histories)
    assert found.spread("train_loss").greatest.tolist() == [9, 2, 1]
    assert found.worst("train_loss") == 1


def test_bad_input():
    other = History()
    other.add(0, {"train_loss": 1.0})
    late = History()
    late.add(1, {"train_loss": 1.0})
    late.add(2, {"train_loss": 1.0})
    for make, sentence in (
        (lambda: Ensemble.of([]), "at least one run, not none"),
        (lambda: Ensemble.of(History()), "must be arrays of 0 epochs"),
        (lambda: Ensemble([0, 1], {"a": np.zeros((3, 2))}), "must be arrays of 2 epochs and one or more members"),
        (lambda: Ensemble([0], {"a": np.zeros((1, 2)), "b": np.zeros((1, 3))}), "must be arrays of 1 epoch and"),
        (lambda: ensemble([1], [2], diverged=[True]), "The mask diverged must say of each of 2 members"),
        (lambda: ensemble([1], [2]).spread("test_loss"), "no series 'test_loss'; there are train_loss"),
        (lambda: Ensemble.of([late, other]), "Run 1 was measured at other epochs"),
    ):
        with pytest.raises(ValueError, match=sentence) as raised:
            make()
        assert is_one_sentence(str(raised.value))


@pytest.mark.parametrize("seed", range(20))
def test_quartiles_are_those_of_numpy_bit_for_bit(seed):
    """Whatever is missing: single values, whole members, whole epochs."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(30, 1 + seed)) * 10.0 ** rng.uniform(-5, 5)
    if seed % 2:
        values[rng.random(values.shape) < 0.2] = np.nan
    if seed % 3 == 0 and seed:
        values[:, 0] = np.nan
    values[7] = np.nan
    spread = Ensemble(range(30), {"train_loss": values}).spread("train_loss")
    known = np.isfinite(values).any(axis=1)
    expected = np.nanpercentile(values[known], (25, 50, 75), axis=1)
    found = np.array([spread.first_quartile, spread.median, spread.third_quartile])
    assert np.array_equal(found[:, known], expected)
    assert np.isnan(found[:, ~known]).all()
