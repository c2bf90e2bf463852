"""A run on pictures: its pad, what the stage may ask for, and its readings."""

import contextlib
import json

import numpy as np
import pytest

from nn_core.activations import ReLU
from nn_core.initialisers import He
from nn_core.layers import Conv2D, Dense
from nn_core.optimisers import Adam
from nn_core.spec import SpecError
from playground.datasets.augment import Augment, moved
from playground.datasets.base import DataError
from playground.datasets.pictures import Digits, Mnist
from playground.datasets.plane import Moons
from playground.datasets.prepare import Pixels
from playground.datasets.strokes import MOST_POINTS, ink
from playground.experiments import experiment
from playground.experiments.config import PIXELS, Config
from playground.live.images import readings as readings_module
from playground.live.images.pad import Change, Pad
from playground.live.images.painter import VIEWS
from playground.live.images.run import PictureRun
from tests.datasets.test_pictures import forget, made, point_to, write_part
from tests.live.frames import unpack

CONFIG = Config(
    data=Digits(samples=240),  # 220 to train on: 11 steps an epoch
    features=PIXELS,
    hidden=(Dense(12, ReLU()),),
    initialiser=He(),
    optimiser=Adam(),
    learning_rate=0.003,
    batch_size=20,
)
ONE = [[[10, 5], [10, 40]]]  # a stroke from top to bottom
NO_DRAWING = "The drawing did not arrive whole; draw it again."
NO_ACTION = "The page and the server do not fit together any more; reload the page."
NO_PICTURE = "The number of a test picture must be from 0 to 359."


@pytest.fixture
def run():
    return PictureRun(CONFIG)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The only folder where pictures are looked for."""
    point_to(tmp_path, monkeypatch)
    forget()
    yield tmp_path
    forget()


def put_mnist(folder, train, test, height=28):
    """A small MNIST, of pictures that may be cut off below."""
    for part, count in (("train", train), ("test", test)):
        pictures, classes = made(count + 10, 1)
        write_part(folder, part, pictures[:count, :height], classes[:count])


def state(run):
    return run.pad, run.view, run.config, run.state, run.experiment.fingerprint, run.watch.on


# --- what the stage asks for ----------------------------------------------------------------------------------------


def test_a_drawing_goes_onto_the_pad(run):
    run.act({"kind": "ink", "strokes": ONE, "number": 1})
    assert run.pad.is_drawing
    picture = run.pad.picture(run.experiment.data)
    assert np.array_equal(picture, ink(ONE, 8, 16))
    assert picture.any()
    run.act({"kind": "ink", "strokes": [], "number": 2})
    assert run.pad.is_drawing
    assert not run.pad.picture(run.experiment.data).any()


def test_a_test_picture_goes_onto_the_pad(run):
    run.act({"kind": "ink", "strokes": ONE})
    for index in (0, 7, 359):
        run.act({"kind": "picture", "index": index, "number": 1})
        assert run.pad == Pad(index)
        assert np.array_equal(run.pad.picture(run.experiment.data), run.experiment.data.album.test[index])


@pytest.mark.parametrize("view", VIEWS)
def test_views_are_opened(run, view):
    assert run.views == list(VIEWS)
    assert run.view == run.views[0]
    run.act({"kind": "view", "view": view, "number": 1})
    assert run.view == view


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ({}, NO_ACTION),
        ({"kind": "explode"}, NO_ACTION),
        ({"kind": None}, NO_ACTION),
        ({"kind": ["ink"], "strokes": []}, NO_ACTION),
        ({"kind": "ink"}, NO_ACTION),
        ({"kind": "picture"}, NO_ACTION),
        ({"kind": "view"}, NO_ACTION),
        ({"kind": "view", "view": "inside"}, NO_ACTION),
        ({"kind": "view", "view": None}, NO_ACTION),
        ({"kind": "view", "view": ["maps"]}, NO_ACTION),
        ({"kind": "view", "view": {"maps": 1}}, NO_ACTION),
        ({"kind": "weight", "column": 0, "from": 0, "to": 0, "value": 1}, NO_ACTION),
        ({"kind": "units", "layer": 0, "by": 1}, NO_ACTION),
        ({"kind": "layer", "by": 1}, NO_ACTION),
        ({"kind": "picture", "index": -1}, NO_PICTURE),
        ({"kind": "picture", "index": 360}, NO_PICTURE),
        ({"kind": "picture", "index": 10**30}, NO_PICTURE),
        ({"kind": "picture", "index": 1.0}, NO_PICTURE),
        ({"kind": "picture", "index": "1"}, NO_PICTURE),
        ({"kind": "picture", "index": None}, NO_PICTURE),
        ({"kind": "picture", "index": [1]}, NO_PICTURE),
        ({"kind": "picture", "index": True}, NO_PICTURE),
        ({"kind": "picture", "index": float("nan")}, NO_PICTURE),
        ({"kind": "ink", "strokes": None}, NO_DRAWING),
        ({"kind": "ink", "strokes": 7}, NO_DRAWING),
        ({"kind": "ink", "strokes": "abc"}, NO_DRAWING),
        ({"kind": "ink", "strokes": [7]}, NO_DRAWING),
        ({"kind": "ink", "strokes": [[7]]}, NO_DRAWING),
        ({"kind": "ink", "strokes": [[[1]]]}, NO_DRAWING),
        ({"kind": "ink", "strokes": [[[1, 2, 3]]]}, NO_DRAWING),
        ({"kind": "ink", "strokes": [[[1, "x"]]]}, NO_DRAWING),
        ({"kind": "ink", "strokes": [[[1, None]]]}, NO_DRAWING),
        ({"kind": "ink", "strokes": [[[1, []]]]}, NO_DRAWING),
        ({"kind": "ink", "strokes": [[[1, float("nan")]]]}, NO_DRAWING),
        ({"kind": "ink", "strokes": [[[1, float("inf")]]]}, NO_DRAWING),
        ({"kind": "ink", "strokes": [[[1, 1e300], [0, 0]]]}, NO_DRAWING),
        ({"kind": "ink", "strokes": [[[1, 10**400]]]}, NO_DRAWING),
        ({"kind": "ink", "strokes": [[[0, 0]] * (MOST_POINTS + 1)]}, "The drawing has more than 2,000 points;"),
        ({"kind": "ink", "strokes": [[[0, 0]]] * (MOST_POINTS + 1)}, "The drawing has more than 2,000 points;"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_junk_has_one_sentence_and_changes_nothing(run, action, sentence):
    run.act({"kind": "picture", "index": 3})
    before = state(run)
    with pytest.raises(ValueError, match=r"\S\.$") as caught:
        run.act({**action, "number": 1})
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    assert state(run) == before
    unpack(run.frame())


def test_a_set_that_cannot_be_drawn(run, monkeypatch):
    monkeypatch.setattr(Digits, "can_be_drawn", False)
    other = PictureRun(CONFIG)
    before = state(other)
    with pytest.raises(ValueError, match=r"^Only digits can be drawn; choose a test picture instead\.$"):
        other.act({"kind": "ink", "strokes": ONE})
    assert state(other) == before
    other.act({"kind": "picture", "index": 5})
    header, _ = unpack(other.frame())
    assert header["pad"]["can_draw"] is False
    assert unpack(run.frame())[0]["pad"]["can_draw"] is True


# --- the pad --------------------------------------------------------------------------------------------------------


def test_the_picture_on_the_pad_is_turned_shifted_and_roughened(run):
    data = run.experiment.data
    pad = Pad(4)
    picture = data.album.test[4]
    assert np.array_equal(pad.picture(data), picture)
    shifted = Pad(4, change=Change(right=2, down=-1)).picture(data)
    assert np.array_equal(shifted[:7, 2:], picture[1:, :6])
    assert not shifted[7:].any()
    assert not shifted[:, :2].any()
    turned = Pad(4, change=Change(turn=30)).picture(data)
    assert np.array_equal(turned[None], moved(picture[None], np.array([30]), np.zeros((1, 2))))
    assert np.array_equal(Pad(4, change=Change(turn=90)).picture(data), np.rot90(picture))
    rough = Pad(4, change=Change(noise=0.3)).picture(data)
    assert np.array_equal(rough, Pad(4, change=Change(noise=0.3)).picture(data))
    assert not np.array_equal(rough, picture)
    assert rough.max() <= data.album.highest
    assert not np.array_equal(rough, Pad(5, change=Change(noise=0.3)).picture(data))


@pytest.mark.parametrize(
    "change",
    [Change(-180, -14, -14, 1.0), Change(180, 14, 14, 0.0), Change(45, 3, -7, 0.5)],
    ids=str,
)
def test_however_it_is_changed_it_is_a_picture(run, change):
    run.change_picture(change)
    picture = run.pad.picture(run.experiment.data)
    assert (picture.shape, picture.dtype) == ((8, 8, 1), np.uint8)
    assert picture.max() <= 16
    unpack(run.frame())


@pytest.mark.parametrize(
    "change", [{"turn": 181}, {"right": 15}, {"noise": 1.5}, {"down": 0.5}, {"noise": float("nan")}]
)
def test_changes_have_bounds(change):
    with pytest.raises(SpecError):
        Change(**change)


def test_a_new_picture_comes_unchanged_and_a_change_keeps_the_picture(run):
    run.act({"kind": "picture", "index": 9})
    run.change_picture(Change(turn=20))
    assert run.pad == Pad(9, change=Change(turn=20))
    run.act({"kind": "picture", "index": 10})
    assert run.pad == Pad(10)


def test_the_drawing_is_kept_as_plain_numbers(run):
    run.act({"kind": "ink", "strokes": json.loads("[[[1, 2.5], [3, 4]], [[7, 7]]]")})
    assert run.pad.strokes == (((1.0, 2.5), (3.0, 4.0)), ((7.0, 7.0),))


def test_the_pad_outlives_a_restart_but_not_another_set(run, folder):
    run.act({"kind": "picture", "index": 9})
    for changes in ({"seed_split": 1}, {"data": Digits(300)}, {"pixels": Pixels("standardised")}, {"hidden": ()}):
        run.apply(run.config.replace(**changes))
        assert run.pad == Pad(9)
    put_mnist(folder, 120, 8)
    run.apply(run.config.replace(data=Mnist()))
    assert run.pad == Pad()
    assert unpack(run.frame())[0]["shape"] == [28, 28, 1]


def test_pictures_that_are_not_square_do_not_break_the_pad(folder):
    put_mnist(folder, 120, 40, height=20)
    run = PictureRun(CONFIG.replace(data=Mnist()))
    assert unpack(run.frame())[0]["shape"] == [20, 28, 1]
    with contextlib.suppress(ValueError):  # it may be refused
        run.act({"kind": "ink", "strokes": ONE})
    unpack(run.frame())


# --- runs -----------------------------------------------------------------------------------------------------------


def test_augmentation_lives_and_pixels_restart(run):
    run.step_epoch()
    name = run.name
    assert run.apply(CONFIG.replace(augment=Augment(1, 5.0))) is False
    assert (run.trainer.step, run.changed_at, run.name) == (11, 11, name)
    assert run.apply(run.config.replace(pixels=Pixels(mean_image=True))) is True
    assert (run.trainer.step, run.changed_at) == (0, None)
    assert run.name != name


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"hidden": (Conv2D(4, 9),)}, SpecError),
        ({"hidden": (Dense(2048),) * 5}, SpecError),
        ({"hidden": (Dense(4), Conv2D(4, 3))}, SpecError),
        ({"pixels": Pixels(components=65)}, SpecError),
        ({"data": Mnist()}, DataError),
    ],
    ids=str,
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_be_built_leaves_the_run_as_it_was(run, changes, error):
    run.step_epoch()
    run.act({"kind": "picture", "index": 3})
    before = state(run)
    with pytest.raises(error):
        run.apply(CONFIG.replace(**changes))
    assert state(run) == before
    assert run.trainer.step == 11
    unpack(run.frame())


def test_points_do_not_fit_a_picture_run(run):
    before = state(run)
    with pytest.raises(SpecError, match="is not a picture set"):
        run.apply(run.config.replace(data=Moons()))
    assert state(run) == before


def test_too_much_work_is_refused_in_mid_run(run, monkeypatch):
    monkeypatch.setattr(experiment, "MOST_WORK_A_STEP", 50_000)  # 910 multiplications a picture
    run.step_epoch()
    run.apply(CONFIG.replace(batch_size=50))
    before = state(run)
    with pytest.raises(SpecError, match=r"^net asks for .* with a batch of 200; .*\.$"):
        run.apply(CONFIG.replace(batch_size=200))
    assert state(run) == before
    assert run.trainer.settings.batch_size == 50


def test_a_rewind_gives_the_same_run(run):
    run.step_epoch()
    then, results = run.experiment.fingerprint, run.results.counts
    run.rewind()
    assert (run.trainer.step, run.state) == (0, "ready")
    run.step_epoch()
    assert run.experiment.fingerprint == then
    assert np.array_equal(run.results.counts, results)


def test_slices_give_the_same_run(run):
    other = PictureRun(CONFIG.replace(stop_epochs=2))
    other.play()
    while other.playing:
        other.train(0.0)
    run.step_epoch()
    run.step_epoch()
    assert np.array_equal(run.trainer.theta, other.trainer.theta)
    assert np.array_equal(run.results.counts, other.results.counts)


def test_the_page_is_drawn_anew_for_what_its_widgets_show(run):
    seen = [run.look_of_page]
    for change in (
        lambda: run.watching(False),
        lambda: setattr(run, "show_error", True),
        lambda: run.look("maps"),
        lambda: run.apply(CONFIG.replace(augment=Augment(1))),
    ):
        change()
        assert run.look_of_page not in seen
        seen.append(run.look_of_page)
    hash(run.look_of_page)


# --- readings -------------------------------------------------------------------------------------------------------


def reading(run, label):
    (found,) = (row for row in readings_module.readings(run) if row["label"] == label)
    assert found["help"]
    return found["value"]


def test_epoch_step_and_accuracy(run):
    assert reading(run, "Epoch") == "0.00"
    assert reading(run, "Step") == "000,000"
    run.apply(CONFIG.replace(stop_epochs=1200))
    run.trainer.run(steps=15)
    assert reading(run, "Epoch") == "1.36 of 1,200"  # 15 of 11 steps
    assert reading(run, "Step") == "000,015"
    answers = run.trainer.outputs["test"].argmax(axis=1)
    right = np.mean(answers == run.experiment.data.test.y)
    assert reading(run, "Test accuracy") == f"{100 * right:.2f} %"
    assert reading(run, "Parameters") == f"{64 * 12 + 12 + 12 * 10 + 10:,}"


@pytest.mark.parametrize(
    ("speed", "stop", "steps", "expected"),
    [
        (0.0, 10, 0, "–"),
        (11.0, 10, 0, "10 s"),
        (11.0, 10, 11, "9 s"),
        (11.0, 0, 0, "1 s"),  # to the end of the epoch
        (1.0, 0, 14, "8 s"),
        (11.0, 89, 0, "89 s"),
        (11.0, 90, 0, "2 min"),
        (11.0, 600, 0, "10 min"),
        (11.0, 7200, 0, "2.0 h"),
        (0.5, 10_000_000, 0, "61111.1 h"),
    ],
)
def test_the_time_that_is_left(monkeypatch, speed, stop, steps, expected):
    run = PictureRun(CONFIG.replace(stop_epochs=stop))
    run.trainer.run(steps=steps)
    monkeypatch.setattr(PictureRun, "steps_per_second", speed)
    assert reading(run, "Left") == expected
    assert reading(run, "Steps per second") == (f"{speed:,.0f}" if speed else "–")


def test_no_time_is_left_at_the_end(monkeypatch):
    run = PictureRun(CONFIG.replace(stop_epochs=2))
    monkeypatch.setattr(PictureRun, "steps_per_second", 5.0)
    run.trainer.run(epochs=2)
    assert run.state == "finished"
    assert reading(run, "Left") == "–"
    run.apply(run.config.replace(stop_epochs=1))  # less than has been done
    assert reading(run, "Left") == "–"


def test_the_fingerprint(run, monkeypatch):
    assert reading(run, "Run") == run.experiment.fingerprint
    run.step_epoch()
    assert reading(run, "Run") == run.experiment.fingerprint
    run.apply(CONFIG.replace(learning_rate=0.01))
    assert reading(run, "Run") == run.experiment.fingerprint + "*"
    monkeypatch.setattr(readings_module, "LARGE", 100)
    assert reading(run, "Run") == run.experiment.fingerprint + "*"  # it stands still
    run.play()
    assert reading(run, "Run") == run.experiment.fingerprint_of_settings + "·…"
    monkeypatch.setattr(type(run.experiment), "fingerprint", None)  # would fail
    assert reading(run, "Run").endswith("·…")
