"""Weights in the layouts of PyTorch and Keras: there and back, names and shapes by hand, and PyTorch's own answers.

Where PyTorch is installed it loads what we write, strictly, and must give the same outputs.
"""

import re

import numpy as np
import pytest

from nn_core.activations import ELU, GELU, LeakyReLU, Linear, ReLU, Sigmoid, SiLU, Softplus, Tanh
from nn_core.formats.layouts import LayoutError, from_keras, from_torch, to_keras, to_torch
from nn_core.initialisers import Glorot
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
from tests.nn_core.runs import is_one_sentence, same_bits
from tests.oracle import LIVE

VECTORS = (Dense(5, Tanh()), Dropout(0.2), BatchNorm(), Residual(4, GELU()), LayerNorm(), Dense(2))
PICTURES = (
    Conv2D(3, 3, activation=ReLU()),
    MaxPool2D(),
    Conv2D(4, 2, padding="valid", activation=SiLU()),
    AveragePool2D(2, 1),
    BatchNorm(),
    Flatten(),
    Dense(6, ELU()),
    Dense(2),
)
BEHIND_A_FLATTEN = (Conv2D(3), Flatten(), LayerNorm(), BatchNorm(), Residual(4), Dropout(), Dense(2))
NETWORKS = {
    "vectors": Network(VECTORS, (3,), np.float64),
    "pictures": Network(PICTURES, (8, 9, 2), np.float64),
    "behind a flatten": Network(BEHIND_A_FLATTEN, (3, 4, 2), np.float64),
}
NETWORK = Network((Dense(4, Tanh()), Dense(2)), (3,))


def theta_of(network: Network) -> np.ndarray:
    """First parameters with nothing that is zero or one by chance; variances stay positive."""
    theta = network.init(Glorot(), 0)
    return theta + 0.1 * np.random.default_rng(0).random(theta.shape).astype(network.dtype)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(("there", "back"), [(to_torch, from_torch), (to_keras, from_keras)], ids=["torch", "keras"])
def test_there_and_back(name, there, back):
    network = NETWORKS[name]
    theta = theta_of(network)
    tensors = there(network, theta)
    assert all(array.flags.c_contiguous and not np.shares_memory(array, theta) for array in tensors.values())
    assert same_bits(back(network, tensors), theta)


def test_every_layer_is_tried():
    assert {type(layer) for network in NETWORKS.values() for layer in network.layers} == set(LAYERS.values())


def test_names_and_shapes_of_pytorch_by_hand():
    shapes = {key: array.shape for key, array in to_torch(NETWORKS["pictures"], theta_of(NETWORKS["pictures"])).items()}
    assert shapes == {
        "0.weight": (3, 2, 3, 3),  # Conv2d, ReLU, MaxPool2d: 0, 1, 2
        "0.bias": (3,),
        "3.weight": (4, 3, 2, 2),  # Conv2d, SiLU, AvgPool2d: 3, 4, 5
        "3.bias": (4,),
        "6.weight": (4,),
        "6.bias": (4,),
        "6.running_mean": (4,),
        "6.running_var": (4,),
        "6.num_batches_tracked": (),
        "8.weight": (6, 4 * 2 * 2),  # behind Flatten, 7; then ELU, 9
        "8.bias": (6,),
        "10.weight": (2, 6),
        "10.bias": (2,),
    }


def test_names_of_keras_by_hand():
    assert list(to_keras(NETWORKS["vectors"], theta_of(NETWORKS["vectors"]))) == [
        "dense/kernel",
        "dense/bias",
        "batch_normalization/gamma",
        "batch_normalization/beta",
        "batch_normalization/moving_mean",
        "batch_normalization/moving_variance",
        "residual/dense/kernel",
        "residual/dense/bias",
        "residual/dense_1/kernel",
        "layer_normalization/gamma",
        "layer_normalization/beta",
        "dense_1/kernel",
        "dense_1/bias",
    ]


def test_what_stands_where_by_hand():
    network = Network((Flatten(), Dense(1)), (1, 2, 2), np.float64)  # one line of two pixels, two channels each
    theta = np.array([1.0, 2.0, 3.0, 4.0, 5.0])  # pixel 0: 1, 2; pixel 1: 3, 4; the bias
    assert to_torch(network, theta)["1.weight"].tolist() == [[1, 3, 2, 4]]  # channel 0: 1, 3; channel 1: 2, 4
    assert to_keras(network, theta)["dense/kernel"].tolist() == [[1], [2], [3], [4]]
    convolution = Network((Conv2D(1, 1),), (1, 1, 2), np.float64)
    assert to_torch(convolution, np.array([1.0, 2.0, 3.0]))["0.weight"].tolist() == [[[[1]], [[2]]]]


BAD = {
    "missing": ({"0.bias": None}, "The tensor '0.bias' of layer 0 is missing among 0.weight, 2.bias, 2.weight."),
    "extra": ({"4.weight": np.zeros(2)}, "The tensor '4.weight' belongs to no layer of this network"),
    "another shape": ({"0.weight": np.zeros((3, 4))}, "has the shape (3, 4); the network needs (4, 3)."),
    "whole numbers": ({"0.bias": np.zeros(4, int)}, "must hold floating-point numbers; it is int64."),
    "not a number": ({"0.bias": np.full(4, np.nan)}, "holds numbers that are not finite; choose another file."),
    "too large for float32": (
        {"0.bias": np.full(4, -1e300)},
        "holds a number of size 1e+300, more than float32 can hold",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_tensors_that_do_not_fit(name):
    tensors, sentence = BAD[name]
    given = to_torch(NETWORK, theta_of(NETWORK)) | tensors
    with pytest.raises(LayoutError, match=re.escape(sentence)) as raised:
        from_torch(NETWORK, {key: array for key, array in given.items() if array is not None})
    assert is_one_sentence(str(raised.value))


def test_a_stack_has_no_layout():
    with pytest.raises(LayoutError, match="one model of this network has"):
        to_torch(NETWORK, NETWORK.init(Glorot(), [1, 2]))


def test_another_dtype_is_taken_over():
    tensors = {key: array.astype(np.float64) for key, array in to_torch(NETWORK, theta_of(NETWORK)).items()}
    assert same_bits(from_torch(NETWORK, tensors), theta_of(NETWORK))


if LIVE:
    import torch
    from torch import nn

    class Block(nn.Module):
        """A residual block as layouts.py describes it."""

        def __init__(self, features, layer):
            super().__init__()
            self.linear1 = nn.Linear(features, layer.units)
            self.linear2 = nn.Linear(layer.units, features, bias=False)
            self.bend = BENDS[type(layer.activation)](layer.activation)

        def forward(self, x):
            return x + self.linear2(self.bend(self.linear1(x)))

    BENDS = {
        Linear: lambda a: nn.Identity(),
        ReLU: lambda a: nn.ReLU(),
        LeakyReLU: lambda a: nn.LeakyReLU(a.slope),
        Tanh: lambda a: nn.Tanh(),
        Sigmoid: lambda a: nn.Sigmoid(),
        Softplus: lambda a: nn.Softplus(),
        ELU: lambda a: nn.ELU(a.alpha),
        GELU: lambda a: nn.GELU(),
        SiLU: lambda a: nn.SiLU(),
    }

    def modules(layer, shape):
        """The modules that layouts.py says a layer is."""
        made = {
            Dense: lambda: nn.Linear(shape[0], layer.units),
            Residual: lambda: Block(shape[0], layer),
            Dropout: lambda: nn.Dropout(layer.rate),
            Conv2D: lambda: nn.Conv2d(shape[-1], layer.filters, layer.kernel, padding=layer.padding),
            MaxPool2D: lambda: nn.MaxPool2d(layer.size, layer.stride or None),
            AveragePool2D: lambda: nn.AvgPool2d(layer.size, layer.stride or None),
            Flatten: lambda: nn.Flatten(),
            BatchNorm: lambda: (nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(shape[-1], layer.epsilon),
            LayerNorm: lambda: nn.LayerNorm(shape[-1], layer.epsilon),
        }[type(layer)]()
        activation = getattr(layer, "activation", Linear())
        if isinstance(layer, Residual) or isinstance(activation, Linear):
            return [made]
        return [made, BENDS[type(activation)](activation)]

    @pytest.mark.parametrize("name", NETWORKS)
    def test_pytorch_loads_it_strictly_and_answers_alike(name):
        network, shape, rows = NETWORKS[name], NETWORKS[name].input_shape, []
        for layer in network.layers:
            rows += modules(layer, shape)
            shape = layer.output_shape(shape)
        model, theta = nn.Sequential(*rows).double().eval(), theta_of(network)
        tensors = {key: torch.tensor(array) for key, array in to_torch(network, theta).items()}
        model.load_state_dict(tensors, strict=True)
        x = np.random.default_rng(1).standard_normal((5, *network.input_shape))
        given = torch.tensor(x.transpose(0, 3, 1, 2) if x.ndim == 4 else x)
        with torch.no_grad():
            np.testing.assert_allclose(model(given).numpy(), network.predict(x, theta), rtol=1e-10, atol=1e-10)
        again = {key: tensor.numpy() for key, tensor in model.state_dict().items()}
        assert same_bits(from_torch(network, again), theta)
