"""The history of a run: what is kept when it grows long."""

from nn_core.history import LONGEST, History


def filled(epochs: int) -> History:
    history = History()
    for epoch in range(epochs + 1):
        history.add(epoch, {"train_loss": 1 / (1 + epoch)})
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
