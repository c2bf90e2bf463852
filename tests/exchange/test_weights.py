"""Weights as files of other libraries: both kinds and layouts, there and back; every wrong file in a sentence."""

import json
import random

import numpy as np
import pytest

from nn_core.activations import Tanh
from nn_core.formats.layouts import LayoutError, to_torch
from nn_core.formats.npz import FileError
from nn_core.initialisers import Glorot
from nn_core.layers import BatchNorm, Dense
from nn_core.network import Network
from playground.exchange import weights
from playground.exchange.weights import export_weights, import_weights
from tests.nn_core.runs import is_one_sentence, same_bits

NETWORK = Network((Dense(4, Tanh()), BatchNorm(), Dense(2)), (3,))
THETA = NETWORK.init(Glorot(), 0)


@pytest.mark.parametrize("layout", ["torch", "keras"])
@pytest.mark.parametrize("kind", ["npz", "safetensors", "SafeTensors"])
def test_there_and_back(kind, layout, tmp_path):
    path = tmp_path / f"weights.{kind}"
    export_weights(path, NETWORK, THETA, layout)
    assert same_bits(import_weights(path, NETWORK, layout), THETA)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_file_is_what_safetensors_reads(tmp_path):
    from safetensors.numpy import load_file

    export_weights(tmp_path / "weights.safetensors", NETWORK, THETA)
    found = load_file(tmp_path / "weights.safetensors")
    expected = to_torch(NETWORK, THETA)
    assert found.keys() == expected.keys()
    assert all(same_bits(found[key], array) for key, array in expected.items())


def headed(header: bytes, data: bytes = b"") -> bytes:
    return len(header).to_bytes(8, "little") + header + data


BAD = {
    "empty": (b"", "is no .safetensors file, or is cut off"),
    "a long header": ((2**60).to_bytes(8, "little") + b"{}", "is no .safetensors file, or is cut off"),
    "no header": (headed(b"hello"), "is damaged"),
    "a tensor outside": (
        headed(json.dumps({"0.bias": {"dtype": "F32", "shape": [4], "data_offsets": [0, 999]}}).encode(), bytes(16)),
        "is damaged",
    ),
    "an unknown dtype": (
        headed(json.dumps({"0.bias": {"dtype": "X9", "shape": [4], "data_offsets": [0, 16]}}).encode(), bytes(16)),
        "is damaged",
    ),
    "a pickle": (b"\x80\x02cos\nsystem\n" + bytes(50), "is no .safetensors file"),
}


@pytest.mark.parametrize("name", BAD)
def test_wrong_files(name, tmp_path):
    data, sentence = BAD[name]
    path = tmp_path / "weights.safetensors"
    path.write_bytes(data)
    with pytest.raises(FileError, match=sentence) as raised:
        import_weights(path, NETWORK)
    assert is_one_sentence(str(raised.value))


def test_damage_of_any_kind_is_told_or_does_no_harm(tmp_path):
    path, draw, told = tmp_path / "weights.safetensors", random.Random(0), []
    export_weights(path, NETWORK, THETA)
    whole = path.read_bytes()
    for number in range(400):
        data = bytearray(whole[: draw.randrange(len(whole))] if number % 4 == 0 else whole)
        for _ in range(draw.randint(1, 4)):
            if data:
                data[draw.randrange(len(data))] = draw.randrange(256)
        path.write_bytes(data)
        try:
            theta = import_weights(path, NETWORK)
        except (FileError, LayoutError) as error:
            told.append(str(error))
        else:
            assert np.isfinite(theta).all()
    assert len(told) > 200
    assert [sentence for sentence in told if not is_one_sentence(sentence)] == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("weights.pt", "not as .pt; save the weights as .safetensors or .npz there"),
        ("weights.h5", "not as .h5"),
        ("weights", "not as a file without suffix"),
        ("none.safetensors", "is not there"),
        ("none.npz", "is not there"),
    ],
)
def test_other_kinds_and_missing_files(name, sentence, tmp_path):
    with pytest.raises(FileError, match=sentence) as raised:
        import_weights(tmp_path / name, NETWORK)
    assert is_one_sentence(str(raised.value))


def test_too_large_a_file(tmp_path, monkeypatch):
    export_weights(tmp_path / "weights.safetensors", NETWORK, THETA)
    monkeypatch.setattr(weights, "MOST_BYTES", 100)
    with pytest.raises(FileError, match="holds more than 0 MB"):
        import_weights(tmp_path / "weights.safetensors", NETWORK)


def test_weights_of_another_network_and_layouts_that_are_none(tmp_path):
    path = tmp_path / "weights.npz"
    export_weights(path, NETWORK, THETA)
    with pytest.raises(LayoutError, match=r"'0.weight' has the shape \(4, 3\); the network needs \(5, 3\)"):
        import_weights(path, Network((Dense(5, Tanh()), BatchNorm(), Dense(2)), (3,)))
    with pytest.raises(ValueError, match="layout must be one of torch, keras, not 'jax'"):
        export_weights(path, NETWORK, THETA, "jax")
