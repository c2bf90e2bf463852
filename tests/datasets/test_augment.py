"""Pictures moved a little: where each pixel goes, against NumPy and SciPy, and what chance may do."""

import dataclasses

import numpy as np
import pytest
import scipy.ndimage

from nn_core.random import stream
from nn_core.spec import knobs
from playground.datasets.augment import Augment, moved, noisy


def noise(count=4, height=12, width=12, channels=1, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, channels), np.uint8)


def smooth(count=3, height=28, width=28, channels=1) -> np.ndarray:
    """Soft blobs with a margin of nothing around them."""
    spots = np.zeros((count, height, width, channels))
    spots[:, height // 3 : -height // 3, width // 3 : -width // 3] = noise(count, height, width, channels)[
        :, height // 3 : -height // 3, width // 3 : -width // 3
    ]
    return np.rint(scipy.ndimage.gaussian_filter(spots, (0, 1.5, 1.5, 0))).astype(np.uint8)


def same_for_all(pictures, degrees=0.0, right=0.0, down=0.0):
    count = len(pictures)
    return moved(pictures, np.full(count, degrees), np.full((count, 2), (right, down)))


def shifted_by_hand(picture, right, down):
    """Pixel by pixel, as one would say it."""
    height, width, _ = picture.shape
    result = np.zeros_like(picture)
    for row in range(height):
        for column in range(width):
            if 0 <= row - down < height and 0 <= column - right < width:
                result[row, column] = picture[row - down, column - right]
    return result


def by_scipy(picture, degrees, right, down):
    """Turned to the left about the middle, then shifted, by scipy.ndimage.affine_transform, in whole grey levels."""
    turn = np.radians(degrees)
    # Rows run downwards: a turn to the left takes (y, x) to this matrix times (y, x); scipy wants the way back.
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    back = matrix.T
    middle = (np.array(picture.shape[:2]) - 1) / 2
    offset = middle - back @ (middle + np.array([down, right]))
    channels = [
        scipy.ndimage.affine_transform(channel.astype(float), back, offset, order=1, mode="grid-constant", cval=0)
        for channel in np.moveaxis(picture, -1, 0)
    ]
    return np.stack(channels, axis=-1)


# --- moved ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(12, 12, 1), (9, 14, 3), (1, 1, 1)])
def test_nothing_moves_nothing(shape):
    pictures = noise(4, *shape)
    before = pictures.copy()
    found = same_for_all(pictures)
    assert found.dtype == np.uint8
    assert np.array_equal(found, before)
    found[...] = 0  # a copy: the stored pictures are never written to
    assert np.array_equal(pictures, before)


@pytest.mark.parametrize("right", [-15, -14, -13, -3, 0, 1, 5, 14, 1000, -1000])
@pytest.mark.parametrize("down", [-10, -9, -2, 0, 3, 8, 99])
def test_whole_pixels_are_copied(right, down):
    pictures = noise(3, 9, 14, 2)
    found = same_for_all(pictures, 0, right, down)
    assert all(np.array_equal(f, shifted_by_hand(p, right, down)) for f, p in zip(found, pictures, strict=True))


def test_each_picture_has_its_own_shift_and_turn():
    pictures = smooth(4)
    degrees, shifts = np.array([0.0, 30.0, -12.0, 0.0]), np.array([[1, -2], [0, 0], [3, 1], [0, 0]])
    found = moved(pictures, degrees, shifts)
    for k in range(4):
        assert np.array_equal(found[k], moved(pictures[k : k + 1], degrees[k : k + 1], shifts[k : k + 1])[0])
    assert np.array_equal(found[3], pictures[3])
    assert not np.array_equal(found[1], pictures[1])


@pytest.mark.parametrize("right", [-15, -3, 0, 5, 40])
@pytest.mark.parametrize("down", [-9, 0, 4])
def test_whole_pixels_beside_a_turned_picture_are_the_same(right, down):
    pictures = noise(2, 9, 14, 1)
    found = moved(pictures, np.array([0.0, 20.0]), np.array([[right, down], [0, 0]]))  # the way of the turned ones
    assert np.array_equal(found[0], shifted_by_hand(pictures[0], right, down))


@pytest.mark.parametrize("quarters", [-2, -1, 1, 2, 3, 4])
@pytest.mark.parametrize("side", [8, 9, 28])
def test_quarter_turns_go_to_the_left(quarters, side):
    pictures = noise(3, side, side, 2)
    expected = np.rot90(pictures, quarters, axes=(1, 2)).astype(int)  # the first quarter brings the right to the top
    assert abs(same_for_all(pictures, 90.0 * quarters) - expected).max() <= 1


def test_left_is_left():
    arm = np.zeros((1, 9, 9, 1), np.uint8)
    arm[0, 4, 5:] = 200  # from the middle to the right
    turned = same_for_all(arm, 40.0)[0, ..., 0].astype(int)
    assert turned[:4].sum() > 3 * turned[5:].sum()  # is above the middle then
    assert turned[:, 5:].sum() > 3 * turned[:, :4].sum()


def test_it_turns_first_and_shifts_then():
    pictures = noise(2, 8, 8)
    expected = np.stack([shifted_by_hand(np.rot90(p), 3, -1) for p in pictures]).astype(int)
    assert abs(same_for_all(pictures, 90.0, 3, -1) - expected).max() <= 1


@pytest.mark.parametrize("degrees", [45.0, 15.0, -30.0])
def test_there_and_back(degrees):
    pictures = smooth()
    turned = same_for_all(pictures, degrees)
    there, back = (abs(found.astype(int) - pictures) for found in (turned, same_for_all(turned, -degrees)))
    assert there.max() > 15
    assert back.max() < 10
    assert back.mean() < 0.5


@pytest.mark.parametrize("degrees", [0.0, 7.5, -23.0, 45.0, 90.0, 137.0])
@pytest.mark.parametrize("shift", [(0, 0), (3, -2), (0.5, 0.25), (-4.7, 6.1), (30, 30)], ids=str)
def test_against_scipy(degrees, shift):
    pictures = np.concatenate([noise(2, 15, 20, 3), noise(1, 15, 20, 3) // 255 * 255])
    found = same_for_all(pictures, degrees, *shift)
    for ours, picture in zip(found, pictures, strict=True):
        assert abs(ours - by_scipy(picture, degrees, *shift)).max() <= 1


def test_against_scipys_own_turn():
    picture = np.pad(noise(1, 21, 21)[0], ((10, 10), (10, 10), (0, 0)))  # nothing leaves it on the way
    expected = scipy.ndimage.rotate(picture[..., 0].astype(float), 25, reshape=False, order=1, mode="grid-constant")
    expected = scipy.ndimage.shift(expected, (2, -3), order=1)
    assert abs(same_for_all(picture[None], 25.0, -3, 2)[0, ..., 0] - expected).max() <= 1


@pytest.mark.parametrize("value", [0, 1, 128, 255])
@pytest.mark.parametrize("degrees", [0.0, 10.0, 45.0])
def test_even_ground_stays_even_and_nothing_overflows(value, degrees):
    pictures = np.full((5, 28, 28, 1), value, np.uint8)
    found = same_for_all(pictures, degrees, 0.3, 0.4)
    assert found.dtype == np.uint8
    assert found.max() == value
    assert (found[:, 10:18, 10:18] == value).all()


def test_what_comes_in_from_outside_is_nothing():
    pictures = np.full((1, 28, 28, 1), 255, np.uint8)
    turned = same_for_all(pictures, 45.0)[0, ..., 0]
    assert [int(turned[row, column]) for row in (0, -1) for column in (0, -1)] == [0, 0, 0, 0]
    assert not same_for_all(pictures, 5.0, 40.0, 0.5).any()
    assert not same_for_all(pictures, 5.0, -0.5, -40.0).any()


def test_channels_move_together():
    (grey,) = smooth(1)
    colour = np.concatenate([grey, grey // 2 * 2, 255 - grey], axis=-1)[None]
    found = same_for_all(colour, 17.0, 2, -1)
    for channel in range(3):
        alone = same_for_all(np.ascontiguousarray(colour[..., channel : channel + 1]), 17.0, 2, -1)
        assert np.array_equal(found[..., channel : channel + 1], alone)


def test_no_pictures():
    assert moved(noise(0), np.zeros(0), np.zeros((0, 2))).shape == (0, 12, 12, 1)
    assert Augment(2, 10.0).apply(noise(0), stream(0, "samples")).shape == (0, 12, 12, 1)


# --- by chance ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("augment", [Augment(), Augment(0, 0.0)])
def test_turned_off_it_gives_the_same_pictures(augment):
    assert not augment.is_on
    assert np.array_equal(augment.apply(noise(), stream(0, "samples", 1)), noise())


@pytest.mark.parametrize("augment", [Augment(shift=2), Augment(turn=10.0), Augment(2, 10.0)], ids=str)
def test_the_generator_alone_decides(augment):
    assert augment.is_on
    pictures = smooth(8)
    found = augment.apply(pictures, stream(3, "samples", 5))
    assert found.dtype == np.uint8
    assert found.shape == pictures.shape
    assert np.array_equal(found, augment.apply(pictures, stream(3, "samples", 5)))
    assert not np.array_equal(found, augment.apply(pictures, stream(3, "samples", 6)))
    assert not np.array_equal(found, augment.apply(pictures, stream(4, "samples", 5)))


def test_shifts_are_all_that_the_knob_allows_and_equally_likely():
    dots = np.zeros((5000, 9, 9, 1), np.uint8)
    dots[:, 4, 4] = 255
    found = Augment(shift=2).apply(dots, stream(0, "samples", 0))
    samples, rows, columns, _ = np.nonzero(found)
    assert samples.tolist() == list(range(5000))
    counts = np.zeros((9, 9), int)
    np.add.at(counts, (rows, columns), 1)
    assert counts[2:7, 2:7].sum() == 5000
    assert abs(counts[2:7, 2:7] - 200).max() < 70  # five times the spread of a count


def test_turns_are_up_to_what_the_knob_allows():
    arms = np.zeros((2000, 41, 41, 1), np.uint8)
    arms[:, 20, 21:] = 255
    found = Augment(turn=20.0).apply(arms, stream(0, "samples", 0))[..., 0].astype(float)
    y, x = 20 - np.arange(41), np.arange(41) - 20
    angles = np.degrees(np.arctan2(found.sum(axis=2) @ y, found.sum(axis=1) @ x))
    assert -20.5 < angles.min() < -19.5
    assert 19.5 < angles.max() < 20.5
    counts, _ = np.histogram(angles, 8, (-20, 20))
    assert counts.min() > 150


@pytest.mark.parametrize(
    "bad",
    [
        {"shift": -1},
        {"shift": 7},
        {"shift": 1.5},
        {"turn": -0.1},
        {"turn": 45.1},
        {"turn": float("nan")},
        {"turn": "5"},
    ],
)
def test_limits_of_the_knobs(bad):
    (name,) = bad
    with pytest.raises(ValueError, match=f"^{name} must be ") as caught:
        Augment(**bad)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_the_ends_of_the_knobs_are_allowed():
    for knob in knobs(Augment):
        for value in (knob.low, knob.high):
            augment = dataclasses.replace(Augment(), **{knob.name: type(knob.default)(value)})
            assert augment.apply(smooth(2), stream(0, "samples", 0)).shape == (2, 28, 28, 1)


# --- noise ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("highest", [255, 16])
def test_noise_has_the_spread_that_was_asked_for(highest):
    pictures = np.full((20, 28, 28, 1), highest // 2, np.uint8)
    found = noisy(pictures, 0.1, stream(0, "noise"), highest)
    assert found.dtype == np.uint8
    difference = found - (highest // 2.0)
    assert difference.std() == pytest.approx(0.1 * highest, rel=0.05)
    assert abs(difference.mean()) < 0.01 * highest
    assert np.array_equal(found, noisy(pictures, 0.1, stream(0, "noise"), highest))
    assert not np.array_equal(found, noisy(pictures, 0.1, stream(1, "noise"), highest))


@pytest.mark.parametrize("highest", [255, 16])
def test_noise_stays_within_the_scale(highest):
    pictures = np.minimum(noise(10), highest).astype(np.uint8)
    assert np.array_equal(noisy(pictures, 0.0, stream(0, "noise"), highest), pictures)
    found = noisy(pictures, 3.0, stream(0, "noise"), highest)
    assert (found.min(), found.max()) == (0, highest)
    assert set(np.unique(found)) <= set(range(highest + 1))
