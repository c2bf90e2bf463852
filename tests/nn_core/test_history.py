"""The history of a run: what is kept when it grows long."""

import pytest

from nn_core.history import LONGEST, History


def filled(epochs: int) -> History:
    history = History()
    for epoch in range(epochs + 1):
        history.add(epoch, {"train_loss": 1 / (1 + epoch)})
    return history


def looked_at(looks: int, per_epoch: int) -> History:
    """A history with so many looks, so many of them in each epoch, the first of which came before the first step."""
    history = History()
    for number in range(looks):
        history.add(number / per_epoch if number % per_epoch else number // per_epoch, {"train_loss": 1 / (1 + number)})
    return history


def test_short_runs_are_kept_whole():
    history = filled(LONGEST - 1)
    assert history.epochs == list(range(LONGEST))
    assert history.curve("train_loss") == (history.epochs, history.series["train_loss"])


def test_long_runs_are_thinned_evenly():
    history = filled(10 * LONGEST + 3)
    assert LONGEST / 2 < len(history.epochs) <= LONGEST
    assert history.epochs == list(range(0, 10 * LONGEST + 4, history.stride))
    assert history.stride == 16
    assert history.series["train_loss"] == [1 / (1 + epoch) for epoch in history.epochs]


def test_the_latest_is_always_there():
    history = filled(10 * LONGEST + 3)
    epochs, values = history.curve("train_loss")
    assert epochs[-1] == history.last_epoch == 10 * LONGEST + 3
    assert values[-1] == history.last["train_loss"] == 1 / (10 * LONGEST + 4)
    assert len(epochs) == len(values) == len(history.epochs) + 1


def test_what_is_kept_depends_on_the_number_of_epochs_alone():
    whole = filled(3 * LONGEST)
    cut = filled(2 * LONGEST)
    for epoch in range(2 * LONGEST + 1, 3 * LONGEST + 1):
        cut = cut.copy()
        cut.add(epoch, {"train_loss": 1 / (1 + epoch)})
    assert cut.epochs == whole.epochs
    assert cut.series == whole.series


def test_a_copy_goes_its_own_way():
    history = filled(3)
    copy = history.copy()
    copy.add(4, {"train_loss": 9.0})
    assert history.epochs == [0, 1, 2, 3]
    assert history.last_epoch == 3
    assert history.last == {"train_loss": 0.25}


@pytest.mark.parametrize("per_epoch", [1, 3, 5, 8])
def test_looks_within_epochs_are_thinned_by_their_number(per_epoch):
    history = looked_at(5 * LONGEST + 3, per_epoch)
    assert history.looks == 5 * LONGEST + 3
    assert history.stride == 8
    kept = range(0, history.looks, 8)
    assert LONGEST / 2 < len(history.epochs) <= LONGEST
    assert history.epochs == [number / per_epoch for number in kept]
    assert history.series["train_loss"] == [1 / (1 + number) for number in kept]
    assert history.last_epoch == (5 * LONGEST + 2) / per_epoch
    epochs, values = history.curve("train_loss")
    assert (epochs[-1], values[-1]) == (history.last_epoch, 1 / history.looks)
    assert len(epochs) == len(values) == len(kept) + 1


@pytest.mark.parametrize("looks", [LONGEST, LONGEST + 1, LONGEST + 2, 2 * LONGEST + 1])
def test_the_first_look_is_always_kept_and_the_stride_doubles_in_time(looks):
    history = looked_at(looks, 5)
    assert history.stride == {LONGEST: 1, LONGEST + 1: 2, LONGEST + 2: 2, 2 * LONGEST + 1: 4}[looks]
    assert history.epochs == [number / 5 for number in range(0, looks, history.stride)]


def test_a_copy_counts_its_own_looks():
    history = looked_at(LONGEST + 2, 5)
    copy = history.copy()
    assert copy.looks == history.looks == LONGEST + 2
    copy.add(999.5, {"train_loss": 0.5})
    assert (copy.looks, copy.epochs[-1]) == (LONGEST + 3, 999.5)
    assert (history.looks, history.epochs[-1]) == (LONGEST + 2, LONGEST / 5)


def test_the_epochs_between_may_be_as_uneven_as_they_like():
    history, whole = History(), History()
    for number in range(3 * LONGEST):
        for one in (history, whole):
            one.add(number**1.5, {"train_loss": float(number)})
        history = history.copy()
    assert history.epochs == whole.epochs == [number**1.5 for number in range(0, 3 * LONGEST, whole.stride)]
