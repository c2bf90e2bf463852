"""A drawing made into a picture: where the ink lies, however large and wherever somebody draws."""

import numpy as np
import pytest

from playground.datasets.strokes import MOST_POINTS, ink

L = [[(10.0, 10.0), (10.0, 60.0), (40.0, 60.0)]]
SHAPES = {
    "L": L,
    "one": [[(5.0, 0.0), (5.0, 100.0)]],
    "dash": [[(0.0, 5.0), (100.0, 5.0)]],
    "cross": [[(0.0, 0.0), (50.0, 50.0)], [(50.0, 0.0), (0.0, 50.0)]],
    "nought": [[(50 + 30 * np.cos(a), 50 + 45 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 60)]],
    "seven": [[(0.0, 0.0), (60.0, 0.0), (20.0, 90.0)], [(15.0, 45.0), (55.0, 45.0)]],
    "two strokes": [[(0.0, 0.0), (0.0, 20.0)], [(60.0, 50.0), (60.0, 90.0), (30.0, 90.0)]],
}


def placed(strokes, scale=1.0, right=0.0, down=0.0):
    return [[(scale * x + right, scale * y + down) for x, y in stroke] for stroke in strokes]


def centre_of_mass(picture):
    """(right, down) from the middle of the picture, in pixels."""
    grey = picture[..., 0].astype(float)
    places = np.arange(len(grey)) - (len(grey) - 1) / 2
    return grey.sum(axis=0) @ places / grey.sum(), grey.sum(axis=1) @ places / grey.sum()


def extents(picture):
    """Width and height of the box around the ink, in pixels; one at its edge that is half covered counts half."""
    sides = []
    for axis in (0, 1):
        covered = picture[..., 0].max(axis=axis) / picture.max()
        first, last = np.flatnonzero(covered)[[0, -1]]
        sides.append(covered[first] + (last - first - 1) + covered[last])
    return sides


def refused(strokes):
    with pytest.raises(ValueError, match=r"^The drawing ") as caught:
        ink(strokes, 28)
    sentence = str(caught.value)
    assert sentence.endswith(("draw it again.", "fewer strokes."))
    assert "\n" not in sentence
    assert len(sentence) < 120
    return sentence


# --- what comes out -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", [28, 8, 32])
@pytest.mark.parametrize("strokes", [[], [[]], [[], []], ()], ids=str)
def test_nothing_drawn_is_an_empty_picture(strokes, side):
    picture = ink(strokes, side)
    assert picture.dtype == np.uint8
    assert picture.shape == (side, side, 1)
    assert not picture.any()


@pytest.mark.parametrize("side", [28, 8])
@pytest.mark.parametrize("dot", [[[(3.0, 4.0)]], [[(3.0, 4.0), (3.0, 4.0)]], [[(3.0, 4.0)], [(3.0, 4.0)]]])
def test_a_dot_is_a_blob_in_the_middle(dot, side):
    grey = ink(dot, side)[..., 0]
    middle = slice(side // 2 - 2, side // 2 + 2)
    assert grey.max() > (150 if side == 28 else 50)  # on 8 x 8 it lies where four pixels meet
    assert grey.sum() == grey[middle, middle].sum()
    assert np.array_equal(grey, grey.T)
    assert np.array_equal(grey, grey[::-1])
    assert np.array_equal(ink(dot, side), ink([[(-1e5, 1e5)]], side))


@pytest.mark.parametrize("side", [28, 8])
@pytest.mark.parametrize("shape", SHAPES)
def test_scale_and_place_do_not_matter(shape, side):
    expected = ink(SHAPES[shape], side).astype(int)
    assert expected.any()
    for scale, right, down in [(1.0, 137.0, -20.0), (0.03, 2.0, 250.0), (4.0, -300.0, 0.5), (0.001, 0.0, 0.0)]:
        found = ink(placed(SHAPES[shape], scale, right, down), side)
        assert abs(found - expected).max() <= 1  # rounding alone


def test_small_in_a_corner_and_large_in_the_middle():
    corner, middle = [[(1, 1), (1, 6), (4, 6)]], [[(80, 50), (80, 250), (200, 250)]]
    assert np.array_equal(ink(corner, 28), ink(middle, 28))
    assert not np.array_equal(ink(corner, 28), ink([[(1, 1), (1, 6), (6, 6)]], 28))


@pytest.mark.parametrize("shape", SHAPES)
def test_mnist_box(shape):
    points = np.concatenate(SHAPES[shape])
    drawn = np.ptp(points, axis=0)
    # The longer side fills 20 pixels, the pen included; the other keeps its proportion between the pen's two edges.
    expected = 2.4 + 17.6 * drawn / drawn.max()
    found = extents(ink(SHAPES[shape], 28))
    np.testing.assert_allclose(found, expected, atol=1.0)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_centre_of_mass_lies_in_the_middle(shape):
    right, down = centre_of_mass(ink(SHAPES[shape], 28))
    assert abs(right) <= 0.5
    assert abs(down) <= 0.5


def test_the_middle_is_that_of_the_ink_not_of_the_box():
    picture = ink(L, 28)[..., 0]
    rows, columns = (np.flatnonzero(picture.any(axis=axis)) for axis in (1, 0))
    assert (rows[0] + rows[-1]) / 2 < 13  # the foot is heavy, so the box lies above the middle
    assert (columns[0] + columns[-1]) / 2 > 14  # and the stem is on its left


def test_the_right_way_up():
    picture = ink(L, 28)[..., 0].astype(int)
    rows, columns = (np.flatnonzero(picture.any(axis=axis)) for axis in (1, 0))
    foot, top = picture[rows[-1] - 2 : rows[-1] + 1], picture[rows[0] : rows[0] + 3]
    assert foot.sum() > 3 * top.sum()
    assert top[:, columns[0] : columns[0] + 4].sum() == top.sum()


@pytest.mark.parametrize("shape", [name for name in SHAPES if name not in ("one", "dash")])
def test_8x8_digits_fill_the_box(shape):
    picture = ink(SHAPES[shape], 8, highest=16)
    assert picture.shape == (8, 8, 1)
    assert picture.dtype == np.uint8
    assert 12 <= picture.max() <= 16
    points = np.concatenate(SHAPES[shape])
    width, height = np.ptp(points, axis=0)
    edges = (picture[:, 0], picture[:, -1]) if width > height else (picture[0], picture[-1])
    assert all(edge.any() for edge in edges)


@pytest.mark.parametrize("side", [28, 8])
@pytest.mark.parametrize("highest", [255, 16, 1])
def test_full_ink_is_the_highest_value(side, highest):
    scribble = [[(x, y) for y in range(0, 101, 2) for x in (0, 100)]]
    picture = ink(scribble, side, highest)
    assert picture.max() == highest
    assert (picture == 0).any() == (side == 28)  # on 8 x 8 there is no margin


def test_the_pen_is_as_thick_however_large_somebody_draws():
    for strokes in (SHAPES["one"], placed(SHAPES["one"], 0.01), placed(SHAPES["one"], 50)):
        width, height = extents(ink(strokes, 28))
        assert width == pytest.approx(2.4, abs=0.5)
        assert height == pytest.approx(20, abs=0.5)


def test_points_on_the_way_and_the_direction_do_not_matter():
    expected = ink(SHAPES["cross"], 28)
    slow = [[(x, x) for x in np.linspace(0, 50, 200)], [(50 - x, x) for x in np.linspace(0, 50, 200)]]
    assert abs(ink(slow, 28).astype(int) - expected).max() <= 2
    assert np.array_equal(ink([stroke[::-1] for stroke in SHAPES["cross"][::-1]], 28), expected)
    assert np.array_equal(ink([[], *SHAPES["cross"], []], 28), expected)


def test_two_strokes_are_not_joined():
    apart, joined = [[(0, 0), (0, 80)], [(50, 0), (50, 80)]], [[(0, 0), (0, 80), (50, 0), (50, 80)]]
    assert not ink(apart, 28)[:, 13:15].any()
    assert ink(joined, 28)[:, 13:15].any()


def test_tuples_and_whole_numbers_and_arrays_do_as_well():
    expected = ink(L, 28)
    assert np.array_equal(ink(tuple(tuple(stroke) for stroke in L), 28), expected)
    assert np.array_equal(ink([[[10, 10], [10, 60], [40, 60]]], 28), expected)
    assert np.array_equal(ink([np.array(stroke) for stroke in L], 28), expected)


def test_the_drawing_is_not_changed():
    strokes = [[[10, 10], [10, 60]], []]
    ink(strokes, 28)
    assert strokes == [[[10, 10], [10, 60]], []]


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "strokes",
    [
        None,
        5,
        "text",
        ["text"],
        [["text"]],
        [[("a", "b")]],
        [None],
        [[None]],
        [[(None, 1)]],
        [(1, 2)],
        [[(1, 2, 3)]],
        [[(1,)]],
        [[[[1, 2], [3, 4]]]],
        [[{"x": 1, "y": 2}]],
        [[(float("nan"), 1)]],
        [[(1, float("inf"))]],
        [[(0, 0), (1, -float("inf"))]],
        [[(1e7, 0)]],
        [[(0, 0)], [(1e300, 0)]],
        [[(10**400, 0)]],
        [[(1j, 0)]],
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_is_no_drawing(strokes):
    assert refused(strokes) == "The drawing did not arrive whole; draw it again."


def test_too_many_points():
    stroke = [(k % 100, k // 100) for k in range(MOST_POINTS // 2)]
    assert ink([stroke, stroke], 8).any()
    assert "has more than 2,000 points" in refused([stroke, stroke, [(0, 0)]])
