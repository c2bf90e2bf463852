"""Features: which there are for how many inputs, and what each computes."""

import numpy as np
import pytest

from playground.datasets.base import Standardiser
from playground.experiments.config import Config
from playground.experiments.experiment import encode, fit_features
from playground.experiments.features import available, drawn, in_words, usual

X = np.array([[0.5, -2.0], [3.0, 0.25], [-1.0, 0.0]])


def test_values_by_hand():
    expected = {
        "x1": [0.5, 3, -1],
        "x2": [-2, 0.25, 0],
        "x1^2": [0.25, 9, 1],
        "x2^2": [4, 0.0625, 0],
        "x1x2": [-1, 0.75, 0],
        "sin1": [0.479425538604, 0.141120008060, -0.841470984808],
        "sin2": [-0.909297426826, 0.247403959255, 0],
    }
    features = available(2)
    assert list(features) == list(expected)
    for key, values in expected.items():
        np.testing.assert_allclose(features[key].compute(X), values, atol=1e-12)


@pytest.mark.parametrize(
    ("inputs", "keys"),
    [(1, ["x1", "x1^2", "sin1"]), (3, ["x1", "x2", "x3"]), (12, [f"x{number}" for number in range(1, 13)])],
)
def test_which_features_there_are(inputs, keys):
    features = available(inputs)
    assert list(features) == keys
    x = np.arange(4.0 * inputs).reshape(4, inputs)
    for key, feature in features.items():
        assert feature.key == key
        assert feature.label
        assert feature.help
        assert feature.compute(x).shape == (4,)
    if inputs > 2:
        assert [features[key].label for key in keys[:3]] == ["x₁", "x₂", "x₃"]
        assert np.array_equal(np.stack([feature.compute(x) for feature in features.values()], axis=1), x)


@pytest.mark.parametrize("inputs", [1, 2, 3, 12])
def test_the_usual_features_are_the_inputs(inputs):
    assert usual(inputs) == tuple(f"x{number}" for number in range(1, inputs + 1))
    assert set(usual(inputs)) <= set(available(inputs))


def test_features_stand_in_the_order_of_the_config():
    encoded = encode(X, Config(features=("x1x2", "x1")), None, np.float32)
    assert encoded.dtype == np.float32
    assert encoded.tolist() == [[-1, 0.5], [0.75, 3], [0, -1]]


def test_standardising_comes_before_the_features():
    standardiser = Standardiser(np.array([1.0, 2.0]), np.array([0.5, 4.0]))
    encoded = encode(X, Config(features=("x1^2", "x2")), standardiser, np.float64)
    np.testing.assert_array_equal(encoded, np.stack([((X[:, 0] - 1) / 0.5) ** 2, (X[:, 1] - 2) / 4], axis=1))


@pytest.mark.parametrize(
    ("features", "before", "now", "expected"),
    [
        (("x1", "x2"), 2, 5, ("x1", "x2", "x3", "x4", "x5")),
        (("x1", "x2", "x3"), 3, 2, ("x1", "x2")),
        (("x1", "x2"), 2, 1, ("x1",)),
        (("x1^2", "x2^2"), 2, 2, ("x1^2", "x2^2")),
        (("x1^2", "x2^2"), 2, 3, ("x1", "x2", "x3")),
        (("x1", "x1^2"), 1, 2, ("x1", "x1^2")),
        (("x2",), 2, 3, ("x2",)),
    ],
)
def test_features_that_fit_other_data(features, before, now, expected):
    assert fit_features(features, before, now) == expected


def test_of_many_features_those_that_are_on_are_drawn_first():
    keys = list(available(100))
    assert drawn(keys, keys, 20) == keys[:20]
    assert drawn(keys, ["x3", "x90"], 4) == ["x1", "x2", "x3", "x90"]
    assert drawn(keys[:5], ["x4"], 20) == keys[:5]


def test_features_in_words_are_few():
    assert in_words(available(5)) == "x1, x2, x3, x4, x5"
    assert in_words(available(100)) == "x1 to x100"
