"""Every data set of the registry: repeatable, split as promised, and alive at both ends of its knobs."""

import dataclasses
import itertools

import numpy as np
import pytest

from nn_core.random import stream
from nn_core.spec import Choice, SpecError, knobs, read, show
from playground.datasets import plane, values
from playground.datasets.base import Data
from playground.datasets.registry import DATASETS, load
from playground.datasets.shipped import Shipped

PARTS = ("train", "validation", "test")
every = pytest.mark.parametrize("kind", DATASETS.values(), ids=DATASETS.keys())
generated = pytest.mark.parametrize(
    "kind", [kind for kind in DATASETS.values() if kind is not Shipped], ids=[k for k in DATASETS if k != "shipped"]
)


def same(one: Data, other: Data) -> bool:
    pairs = ((getattr(one, part), getattr(other, part)) for part in PARTS)
    return all(np.array_equal(a.x, b.x) and np.array_equal(a.y, b.y) for a, b in pairs)


def rows(part) -> set:
    return {tuple(row) for row in np.column_stack([part.x, part.y])}


@every
def test_same_seeds_give_the_same_data(kind):
    assert same(load(kind(), 3, 4), load(kind(), 3, 4))


@generated
def test_the_data_seed_changes_the_data(kind):
    assert not rows(load(kind(), 3).train) & rows(load(kind(), 4).train)


@every
def test_the_split_seed_moves_samples_and_keeps_the_data(kind):
    one, other = load(kind(), 3, 0), load(kind(), 3, 1)
    assert rows(one.test) != rows(other.test)
    assert set.union(*(rows(getattr(one, p)) for p in PARTS)) == set.union(*(rows(getattr(other, p)) for p in PARTS))


@every
def test_parts_are_disjoint(kind):
    data = load(kind())
    for one, other in itertools.combinations(PARTS, 2):
        assert not rows(getattr(data, one)) & rows(getattr(data, other))


@generated
@pytest.mark.parametrize("samples", [20, 407])
def test_parts_have_the_sizes_that_were_asked_for(kind, samples):
    data = load(kind(samples=samples), validation=0.1, test=0.3)
    assert len(data.test) == round(samples * 0.3)
    assert len(data.validation) == int(samples * 0.1 + 0.5)
    assert sum(len(getattr(data, part)) for part in PARTS) == samples


@every
def test_shapes_types_and_names(kind):
    data = load(kind())
    assert data.task == kind.task == ("classes" if data.classes else "values")
    assert data.title
    assert data.source.endswith(".")
    assert kind.label
    assert kind.__doc__
    for part in (data.train, data.validation, data.test):
        assert part.x.dtype == np.float64
        assert part.x.shape == (len(part), len(data.inputs))
        assert np.isfinite(part.x).all()
        if data.classes:
            assert part.y.dtype == np.int64
            assert part.y.shape == (len(part),)
        else:
            assert part.y.dtype == np.float64
            assert part.y.shape == (len(part), 1)
            assert np.isfinite(part.y).all()


@every
def test_every_class_is_in_every_part_in_proportion(kind):
    data = load(kind())
    for part in (data.train, data.validation, data.test):
        if data.classes:
            counts = np.bincount(part.y, minlength=len(data.classes))
            assert len(counts) == len(data.classes)
            assert counts.max() - counts.min() <= 2


@generated
def test_coordinates_stay_on_the_plane_and_on_the_grid(kind):
    x = kind().draw(stream(0, "data")).x
    assert np.abs(x).max() < (1.3 if kind in (plane.SwissRoll, plane.Circles) else 6)
    assert np.array_equal(x.astype(np.float32), x)


@every
def test_knobs_work_at_the_ends_of_their_ranges(kind):
    for knob in knobs(kind):
        for value in knob.choices or (knob.low, knob.high):
            data = load(kind(**{knob.name: value}))
            assert all(np.isfinite(getattr(data, part).x).all() for part in PARTS)


@every
@pytest.mark.parametrize("end", ["low", "high"])
def test_all_knobs_at_one_end_together(kind, end):
    spec = kind(**{knob.name: getattr(knob, end) for knob in knobs(kind) if not knob.choices})
    data = load(spec)
    assert len(data.train)
    assert len(data.validation)
    assert len(data.test)


@pytest.mark.parametrize("kind", [plane.SwissRoll, plane.Peaks, plane.GaussianMixture, plane.Blobs])
def test_the_fewest_samples_of_the_most_classes_still_reach_the_training_part(kind):
    most = next(knob.high for knob in knobs(kind) if knob.name == "classes")
    for seed in range(10):
        data = load(kind(samples=20, classes=most), seed, seed)
        assert set(data.train.y) == set(range(most))


@every
def test_knobs_explain_themselves(kind):
    assert issubclass(kind, Choice)
    assert dataclasses.is_dataclass(kind)
    for knob in knobs(kind):
        assert knob.label
        assert knob.help.endswith(".")
        assert knob.choices or (knob.low is not None and knob.high is not None)


@every
def test_text_round_trip(kind):
    turned = {k.name: k.choices[-1] if k.choices else k.low for k in knobs(kind)}
    for spec in (kind(), kind(**turned)):
        assert read(show(spec, DATASETS), DATASETS, "data") == spec


def test_a_value_out_of_range_is_refused_by_name():
    with pytest.raises(SpecError, match=r"samples must be a whole number from 20 to 25,000, not '5'"):
        plane.Moons(samples=5)
    with pytest.raises(SpecError, match=r"data curve: shape must be one of sine, cubic, abs, not 'zigzag'."):
        read("curve(shape=zigzag)", DATASETS, "data")


def test_peaks_agrees_with_known_heights():
    """The extremes of MATLAB's peaks, and its value at the origin worked out by hand: 3/e - 1/(3e)."""
    at = np.array([[-0.0093, 1.5814], [0.2283, -1.6255], [0.0, 0.0]])
    assert plane.peaks(at) == pytest.approx([plane.HIGHEST, plane.LOWEST, 8 / 3 / np.e], abs=1e-4)


def test_peaks_bands_rise_with_the_surface():
    drawn = plane.Peaks(samples=4000, classes=4).draw(stream(0, "data"))
    heights = [plane.peaks(drawn.x[drawn.y == band]) for band in range(4)]
    assert all(low.max() <= high.min() + 1e-4 for low, high in itertools.pairwise(heights))


def test_patterns_without_noise_obey_their_rule():
    xor = plane.Xor(noise=0).draw(stream(0, "data"))
    assert np.array_equal(xor.y == 0, xor.x[:, 0] * xor.x[:, 1] > 0)
    board = plane.Checkerboard(noise=0, cells=3).draw(stream(0, "data"))
    assert np.array_equal(board.y, np.floor((board.x + 3) / 2).sum(axis=1) % 2)
    for shape, curve in plane.CURVES.items():
        drawn = plane.Curve(shape=shape, noise=0, margin=0.2).draw(stream(0, "data"))
        above = drawn.x[:, 1] - curve(drawn.x[:, 0])
        assert np.array_equal(drawn.y == 1, above > 0)
        assert np.abs(above).min() > 0.199
    line = values.Line(noise=0, slope=2, intercept=-1).draw(stream(0, "data"))
    assert line.y == pytest.approx(2 * line.x - 1, abs=1e-5)
    assert np.abs(values.PeaksHeight(noise=0).draw(stream(0, "data")).y).max() < 1.02


def test_swiss_roll_spirals_are_turned_copies_of_each_other():
    drawn = plane.SwissRoll(noise=0, classes=3, turns=1).draw(stream(0, "data"))
    radius, angle = np.hypot(*drawn.x.T), np.arctan2(*drawn.x.T[::-1]) / (2 * np.pi)
    start = angle - (radius - 0.2) / 0.9 - drawn.y / 3 - 1 / 8
    assert np.abs(start - np.round(start)).max() < 1e-4
    assert radius.min() >= 0.199
    assert radius.max() <= 1.101
