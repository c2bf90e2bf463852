"""Layers and networks that cannot be, and data that do not fit them, are told in one sentence that names the parts."""

import re

import numpy as np
import pytest

from nn_core.layers import (
    LAYERS,
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    LayerNorm,
    MaxPool2D,
    Residual,
)
from nn_core.network import Network
from nn_core.spec import knobs
from tests.nn_core.runs import is_one_sentence

PICTURE = (6, 5, 2)
CASES = {
    "kernel larger than its picture": (
        lambda: Network((Conv2D(3, 6, padding="valid"),), PICTURE),
        "Conv2D has a kernel of 6 x 6 pixels, larger than its picture of 6 x 5.",
    ),
    "kernel larger than its picture, with padding": (
        lambda: Network((Conv2D(3, 7),), PICTURE),
        "Conv2D has a kernel of 7 x 7 pixels, larger than its picture of 6 x 5.",
    ),
    "window larger than its picture": (
        lambda: Network((MaxPool2D(6),), PICTURE),
        "MaxPool2D has a window of 6 x 6 pixels, larger than its picture of 6 x 5.",
    ),
    "window larger than what a pool has left": (
        lambda: Network((AveragePool2D(3), AveragePool2D(2)), PICTURE),
        "AveragePool2D has a window of 2 x 2 pixels, larger than its picture of 2 x 1.",
    ),
    "convolution of vectors": (
        lambda: Network((Conv2D(),), (784,)),
        "Conv2D takes pictures, (height, width, channels), but its input has the shape (784,).",
    ),
    "convolution of pictures without channels": (
        lambda: Network((Conv2D(),), (28, 28)),
        "Conv2D takes pictures, (height, width, channels), but its input has the shape (28, 28).",
    ),
    "pool of vectors": (
        lambda: Network((Dense(4), MaxPool2D()), (3,)),
        "MaxPool2D takes pictures, (height, width, channels), but its input has the shape (4,).",
    ),
    "flatten of vectors": (
        lambda: Network((Flatten(),), (3,)),
        "Flatten takes pictures, (height, width, channels), but its input has the shape (3,).",
    ),
    "dense on pictures": (
        lambda: Network((Conv2D(3), Dense(4)), PICTURE),
        "Dense takes vectors, (features,), but its input has the shape (6, 5, 3); put a Flatten layer before it.",
    ),
    "residual on pictures": (
        lambda: Network((Residual(4),), PICTURE),
        "Residual takes vectors, (features,), but its input has the shape (6, 5, 2); put a Flatten layer before it.",
    ),
    "no layers": (lambda: Network((), (2,)), "layers must hold at least one layer, not none."),
    "empty shape": (
        lambda: Network((LayerNorm(),), ()),
        "input_shape must be one or more whole numbers of at least 1, such as (2,), not ().",
    ),
    "shape of zero": (
        lambda: Network((Dense(),), (0,)),
        "input_shape must be one or more whole numbers of at least 1, such as (2,), not (0,).",
    ),
    "negative shape": (
        lambda: Network((Conv2D(),), (28, -28, 1)),
        "input_shape must be one or more whole numbers of at least 1, such as (2,), not (28, -28, 1).",
    ),
    "shape in fractions": (
        lambda: Network((Dense(),), (2.0,)),
        "input_shape must be one or more whole numbers of at least 1, such as (2,), not (2.0,).",
    ),
    "shape as a number": (
        lambda: Network((Dense(),), 2),
        "input_shape must be one or more whole numbers of at least 1, such as (2,), not 2.",
    ),
    "shape as a word": (
        lambda: Network((Dense(),), "2"),
        "input_shape must be one or more whole numbers of at least 1, such as (2,), not '2'.",
    ),
    "float16": (
        lambda: Network((Dense(),), (2,), np.float16),
        "dtype must be float32 or float64, not <class 'numpy.float16'>.",
    ),
    "whole numbers": (lambda: Network((Dense(),), (2,), "int64"), "dtype must be float32 or float64, not int64."),
    "no dtype": (lambda: Network((Dense(),), (2,), None), "dtype must be float32 or float64, not None."),
    "foreign bytes": (lambda: Network((Dense(),), (2,), ">f4"), "dtype must be float32 or float64, not >f4."),
    "unknown dtype": (lambda: Network((Dense(),), (2,), "real"), "dtype must be float32 or float64, not real."),
    "too many parameters": (
        lambda: Network((Dense(8), Dense(100_000), Dense(100_000)), (2,)),
        "The network would have 10,001,000,024 parameters with its layer 3 (Dense); it may have at most 200,000,000.",
    ),
    "too many parameters in a convolution": (
        lambda: Network((Conv2D(10_000, 1000),), (1000, 1000, 3)),
        "The network would have 30,000,010,000 parameters with its layer 1 (Conv2D); it may have at most 200,000,000.",
    ),
}


@pytest.mark.parametrize(("make", "sentence"), CASES.values(), ids=CASES)
def test_networks_that_cannot_be(make, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        make()
    assert is_one_sentence(sentence[0].upper() + sentence[1:])


@pytest.mark.parametrize(
    ("kind", "knob"),
    [
        (kind, knob.name)
        for kind in LAYERS.values()
        for knob in knobs(kind)
        if isinstance(knob.default, (int, float)) and knob.registry is None
    ],
    ids=lambda value: getattr(value, "label", value),
)
def test_knobs_out_of_their_range(kind, knob):
    (about,) = [one for one in knobs(kind) if one.name == knob]
    for value in (about.low - 1, about.high + 1, float("nan"), "many", None):
        with pytest.raises(ValueError, match=rf"^{knob} must be .* from .* to .*, not .*\.$"):
            kind(**{knob: value})


def test_padding_is_one_of_two_words():
    with pytest.raises(ValueError, match=r"^padding must be one of same, valid, not 'full'\.$"):
        Conv2D(padding="full")


NETWORK = Network((Dense(4), Dropout(), BatchNorm(), Dense(3)), (2,))
PICTURES = Network((Conv2D(3), Flatten(), Dense(3)), PICTURE)
THETA = np.zeros(NETWORK.size, np.float32)
X = np.zeros((4, 2), np.float32)


@pytest.mark.parametrize(
    ("network", "x", "wanted"),
    [
        (NETWORK, np.zeros((4, 3), np.float32), "(samples, 2)"),
        (NETWORK, np.zeros(2, np.float32), "(samples, 2)"),
        (NETWORK, np.zeros((3, 4, 2), np.float32), "(samples, 2)"),  # three models' data for one
        (PICTURES, np.zeros((6, 5, 2), np.float32), "(samples, 6, 5, 2)"),
        (PICTURES, np.zeros((4, 5, 6, 2), np.float32), "(samples, 6, 5, 2)"),
        (PICTURES, np.zeros((4, 60), np.float32), "(samples, 6, 5, 2)"),
    ],
)
def test_samples_of_another_shape(network, x, wanted):
    theta = np.zeros(network.size, np.float32)
    sentence = f"x has the shape {x.shape}; the network takes {wanted}."
    for call in (lambda: network.predict(x, theta), lambda: network.forward(x, network.views(theta))):
        with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
            call()


def test_samples_of_another_shape_for_a_stack():
    theta = np.zeros((3, NETWORK.size), np.float32)
    assert NETWORK.predict(X, theta).shape == (3, 4, 3)
    with pytest.raises(ValueError, match=re.escape("x has the shape (4, 3); the network takes (samples, 2).")):
        NETWORK.predict(np.zeros((4, 3), np.float32), theta)
    with pytest.raises(ValueError, match=re.escape("shape (4, 3); the network takes (models, samples, 2).")):
        NETWORK.forward(np.zeros((4, 3), np.float32), NETWORK.views(theta))
    with pytest.raises(ValueError, match=re.escape("x has the shape (2, 4, 2); the parameters are those of 3 models.")):
        NETWORK.predict(np.zeros((2, 4, 2), np.float32), theta)


def test_mixed_dtypes():
    with pytest.raises(ValueError, match=r"^x is float64, the network float32; use one dtype for both\.$"):
        NETWORK.predict(X.astype(np.float64), THETA)
    with pytest.raises(ValueError, match=r"^theta is float64, the network float32; use one dtype for both\.$"):
        NETWORK.predict(X, THETA.astype(np.float64))


def test_parameters_of_another_network():
    with pytest.raises(ValueError, match=r"^theta has the shape \(7,\); the network has 43 parameters\.$"):
        NETWORK.predict(X, np.zeros(7, np.float32))
