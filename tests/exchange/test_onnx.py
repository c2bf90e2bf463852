"""ONNX models answer as the network does: onnxruntime runs every layer and every activation."""

import sys

import numpy as np
import onnxruntime
import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.formats.npz import FileError
from nn_core.initialisers import Glorot
from nn_core.layers import BatchNorm, Conv2D, Dense, Flatten, MaxPool2D
from nn_core.losses import softmax
from nn_core.network import Network
from playground.exchange.onnx_model import export_onnx, onnx_model
from tests.nn_core.members import members, sample_shape
from tests.nn_core.runs import is_one_sentence

NETWORK = Network((Dense(4, Tanh()), Dense(3)), (2,))


def theta_of(network: Network) -> np.ndarray:
    theta = network.init(Glorot(), 0)
    return theta + 0.3 * np.random.default_rng(0).random(theta.shape).astype(network.dtype)


def answers(model, x: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x.astype(np.float32)})


def assert_answers_alike(network: Network) -> None:
    theta = theta_of(network)
    model = onnx_model(network, theta)
    for samples in (1, 5):  # the number of samples is free
        x = np.random.default_rng(1).standard_normal((samples, *network.input_shape)).astype(network.dtype)
        (ours,) = answers(model, x)
        np.testing.assert_allclose(ours, network.predict(x, theta), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("layer", members("layers"))
def test_every_layer(layer):
    assert_answers_alike(Network((layer,), sample_shape(layer)))


@pytest.mark.parametrize("activation", members("activations"))
def test_every_activation(activation):
    assert_answers_alike(Network((Dense(5, activation), Dense(2)), (3,)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_convolutional_network(dtype):
    layers = (
        Conv2D(4, 5, activation=ReLU()),
        BatchNorm(),
        MaxPool2D(),
        Conv2D(3, stride=2),
        Flatten(),
        Dense(6, Tanh()),
        Dense(3),
    )
    assert_answers_alike(Network(layers, (9, 10, 2), dtype))


def test_probabilities_beside_the_logits(tmp_path):
    theta, x = theta_of(NETWORK), np.random.default_rng(1).standard_normal((4, 2)).astype(np.float32)
    export_onnx(tmp_path / "net.onnx", NETWORK, theta, probabilities=True)
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    assert [output.name for output in session.get_outputs()] == ["logits", "probabilities"]
    logits, probabilities = session.run(None, {"x": x})
    np.testing.assert_allclose(probabilities, softmax(logits), rtol=1e-5)
    assert session.get_inputs()[0].shape == ["samples", 2]


def test_without_the_package_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(FileError, match="run: pip install onnx") as raised:
        export_onnx(tmp_path / "net.onnx", NETWORK, theta_of(NETWORK))
    assert is_one_sentence(str(raised.value))
    assert list(tmp_path.iterdir()) == []


def test_parameters_of_another_network():
    with pytest.raises(ValueError, match=r"theta has the shape \(3,\)"):
        onnx_model(NETWORK, np.zeros(3, np.float32))
