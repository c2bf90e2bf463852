"""The transposed test: <u, J v> = <v, J^T u> holds for every layer, and for none whose backward pass has a fault."""

import numpy as np
import pytest

from nn_core.activations import Tanh
from nn_core.derivatives.jacobians import transposed_errors
from nn_core.layers import BatchNorm, Dense
from tests.nn_core.derivatives.test_slopes import ForgottenBias, ForgottenFactor, ForgottenTranspose, WrongSlope
from tests.nn_core.members import members
from tests.oracle.problems import dropout_stream, layer_problem

X = np.random.default_rng(0).standard_normal((4, 10))


@pytest.mark.parametrize("rng", [None, dropout_stream], ids=["predicting", "training"])
@pytest.mark.parametrize("layer", members("layers"))
def test_every_layer(layer, rng):
    x, p, _ = layer_problem(layer)
    errors = transposed_errors(layer, x, p, rng=rng)
    assert list(errors) == [name for name, about in layer.parameters(x.shape[1:]).items() if about.learned] + ["x"]
    assert max(errors.values()) < 1e-8


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (ForgottenFactor, {"W", "b", "x"}),
        (WrongSlope, {"W", "b", "x"}),
        (ForgottenTranspose, {"x"}),
        (ForgottenBias, {"b"}),
    ],
)
def test_planted_faults_are_found(kind, wrong):
    errors = transposed_errors(kind(10, Tanh()), X)
    assert {name for name, error in errors.items() if error > 1e-5} == wrong


def test_nothing_that_is_given_changes():
    p = {"gamma": np.ones(10), "beta": np.zeros(10), "mean": np.full(10, 0.5), "variance": np.ones(10)}
    x, before = X.copy(), {name: values.copy() for name, values in p.items()}
    transposed_errors(BatchNorm(), x, p, rng=dropout_stream)
    assert np.array_equal(x, X)
    assert all(np.array_equal(p[name], values) for name, values in before.items())


@pytest.mark.parametrize(
    ("x", "p", "error", "sentence"),
    [
        (X.astype(np.float32), None, TypeError, "x is float32"),
        (X[:0], None, ValueError, "x is empty"),
        (X, {}, ValueError, r"p does not fit: Dense on samples of shape \(10,\) has W \(10, 3\), b \(3,\)"),
        (X, {"W": np.full((10, 3), np.nan), "b": np.ones(3)}, ValueError, "W holds numbers that are not finite"),
    ],
)
def test_bad_input(x, p, error, sentence):
    with pytest.raises(error, match=sentence):
        transposed_errors(Dense(3), x, p)
