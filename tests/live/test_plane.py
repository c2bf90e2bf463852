"""The plane that the output looks at: its grid, its slices of more dimensions, its ticks."""

import numpy as np
import pytest

from playground.datasets.plane import GaussianMixture, Moons
from playground.datasets.registry import load
from playground.datasets.values import Line
from playground.live.plane.plane import PCA, look, ticks, views, views_in_words


def test_which_planes_there_are():
    assert views(1) == views(2) == ["1-2"]
    assert views(3) == [PCA, "1-2", "1-3", "2-3"]
    assert len(views(5)) == 11
    assert views(6)[:3] == [PCA, "1-2", "1-3"]
    assert "6-1" in views(6)  # of many inputs across and up are chosen one by one
    assert len(views(100)) == 1 + 100 * 99


def test_the_planes_in_words_are_few():
    assert views_in_words(views(3)) == "pca, 1-2, 1-3, 2-3"
    assert views_in_words(views(100)) == "pca, or the numbers of two inputs such as 1-2, up to 100-99"


def test_across_and_up_can_be_turned_round():
    data = load(GaussianMixture())
    there, back = look(data, "2-4"), look(data, "4-2")
    np.testing.assert_array_equal(there.project(data.train.x), back.project(data.train.x)[:, ::-1])
    assert (back.x_label, back.y_label) == ("x₄", "x₂")


def test_two_inputs_are_the_plane_itself():
    data = load(Moons())
    plane = look(data, "1-2")
    np.testing.assert_array_equal(plane.project(data.train.x), data.train.x)
    grid = plane.grid(4)
    assert grid.shape == (16, 2)
    assert grid[0, 0] < grid[1, 0]  # left to right
    assert grid[0, 1] > grid[4, 1]  # from the top
    width = plane.x_range[1] - plane.x_range[0]
    assert grid[0, 0] == pytest.approx(plane.x_range[0] + width / 8)  # the middle of a cell
    for part in (data.train, data.test):
        assert part.x[:, 0].min() > plane.x_range[0]
        assert part.x[:, 1].max() < plane.y_range[1]
    assert (plane.x_label, plane.y_label) == ("x₁", "x₂")


def test_a_slice_holds_the_other_inputs_at_their_means():
    data = load(GaussianMixture())
    plane = look(data, "2-4")
    grid, mean = plane.grid(5), data.train.x.mean(axis=0)
    for other in (0, 2, 4):
        np.testing.assert_allclose(grid[:, other], mean[other])
    np.testing.assert_allclose(plane.project(data.train.x), data.train.x[:, [1, 3]])
    assert (plane.x_label, plane.y_label) == ("x₂", "x₄")


def test_the_principal_components():
    data = load(GaussianMixture())
    plane = look(data, PCA)
    spread = plane.project(data.train.x).std(axis=0)
    assert spread[0] >= spread[1]
    largest = np.sqrt(np.linalg.eigvalsh(np.cov(data.train.x.T, bias=True))[::-1][:2])
    np.testing.assert_allclose(spread, largest)
    for axis in (plane.across, plane.up):
        assert axis[np.abs(axis).argmax()] > 0  # one sign on every machine
    corner = plane.grid(2)[1]  # the middle of the upper right quarter
    middle = [low + 0.75 * (high - low) for low, high in (plane.x_range, plane.y_range)]
    np.testing.assert_allclose(plane.project(corner[None])[0], middle)


def test_one_input_lies_along_the_axis_and_its_value_goes_up():
    data = load(Line())
    plane = look(data, "1-2")
    line = plane.line(200)
    assert line.shape == (200, 1)
    assert (line[0, 0], line[-1, 0]) == pytest.approx(plane.x_range)
    assert plane.y_range[0] < data.train.y.min() < data.train.y.max() < plane.y_range[1]
    assert (plane.x_label, plane.y_label) == ("x₁", "y")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(-1.2, 1.2, [-1, -0.5, 0, 0.5, 1]), (0, 10, [0, 2, 4, 6, 8, 10]), (0.1, 0.13, [0.1, 0.11, 0.12, 0.13])],
)
def test_ticks_are_round(low, high, expected):
    assert ticks(low, high) == pytest.approx(expected)


@pytest.mark.parametrize("scale", [1e-6, 0.3, 7, 1e6])
def test_ticks_lie_within_and_are_few(scale):
    found = ticks(-1.07 * scale, 0.93 * scale)
    assert 2 <= len(found) <= 6
    assert all(-1.07 * scale <= tick <= 0.93 * scale for tick in found)
