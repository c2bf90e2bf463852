"""A network as an ONNX model, which runs in other programs: in a browser, on a phone, in C++.

Needs the optional package `onnx`. The model is in float32, of opset 20. Its input `x` is what ours is, samples first
and pictures channels last; its output is `logits`, or `probabilities` beside it. Layers that ONNX knows channels first
(convolutions and pools) have a transpose before and after.
"""

import os
from pathlib import Path

import numpy as np

from nn_core.activations import ELU, GELU, LeakyReLU, Linear, ReLU, Sigmoid, SiLU, Softplus, Tanh
from nn_core.formats.npz import FileError, write_whole
from nn_core.layers import (
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

OPSET = 20
IR_VERSION = 10  # of the file's own format; older programs read no newer one
LAST = "logits"


def export_onnx(path: str | os.PathLike, network: Network, theta: np.ndarray, probabilities: bool = False) -> None:
    """Write the network with its parameters `(parameters,)` as an .onnx file.

    probabilities: a second output, the softmax of the logits. Raises FileError where the file cannot be written or the
    package is missing, ValueError for parameters of another network.
    """
    model = onnx_model(network, theta, probabilities)
    write_whole(Path(path), lambda stream: stream.write(model.SerializeToString()))


def onnx_model(network: Network, theta: np.ndarray, probabilities: bool = False):
    """The same as an `onnx.ModelProto`, which onnx's checker has found valid."""
    try:
        import onnx
        from onnx import TensorProto, helper
    except ImportError:
        raise FileError("ONNX export needs a package that is not installed; run: pip install onnx.") from None
    if theta.shape != (network.size,):
        raise ValueError(f"theta has the shape {theta.shape}; one model of this network has ({network.size},).")
    graph = _Graph(onnx)
    name = "x"
    for number, (layer, p) in enumerate(zip(network.layers, network.views(theta), strict=True)):
        graph.prefix = f"{number}_"
        name = _LAYERS[type(layer)](graph, layer, p, name)
    graph.prefix = ""
    graph.add("Identity", [name], output=LAST)
    outputs = [helper.make_tensor_value_info(LAST, TensorProto.FLOAT, ["samples", *network.output_shape])]
    if probabilities:
        graph.add("Softmax", [LAST], output="probabilities", axis=-1)
        outputs.append(
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["samples", *network.output_shape])
        )
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["samples", *network.input_shape])
    made = helper.make_graph(graph.nodes, "network", [x], outputs, graph.constants)
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="nn_core"
    )
    onnx.checker.check_model(model, full_check=True)
    return model


class _Graph:
    """The nodes and constants that have been put down so far; names begin with the layer's number."""

    def __init__(self, onnx):
        self._onnx, self.nodes, self.constants, self.prefix = onnx, [], [], ""

    def add(self, kind, inputs, output=None, **attributes):
        """A node; the name of its output."""
        output = output or f"{self.prefix}{kind.lower()}{len(self.nodes)}"
        self.nodes.append(self._onnx.helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name, values):
        """A constant in float32; its name."""
        name = self.prefix + name
        self.constants.append(self._onnx.numpy_helper.from_array(np.asarray(values, np.float32, order="C"), name))
        return name


def _activation(graph, activation, z):
    return _ACTIVATIONS[type(activation)](graph, activation, z)


def _gelu(graph, activation, z):
    return graph.add("Gelu", [z], approximate="none")


def _silu(graph, activation, z):
    return graph.add("Mul", [z, graph.add("Sigmoid", [z])])


def _plain(kind, knob=None):
    """An activation that ONNX has under this name; our knob, if any, is its alpha."""
    return lambda graph, activation, z: graph.add(kind, [z], **({"alpha": getattr(activation, knob)} if knob else {}))


_ACTIVATIONS = {
    Linear: lambda graph, activation, z: z,
    ReLU: _plain("Relu"),
    LeakyReLU: _plain("LeakyRelu", "slope"),
    Tanh: _plain("Tanh"),
    Sigmoid: _plain("Sigmoid"),
    Softplus: _plain("Softplus"),
    ELU: _plain("Elu", "alpha"),
    GELU: _gelu,
    SiLU: _silu,
}


def _affine(graph, x, W, b, name):
    product = graph.add("MatMul", [x, graph.constant(f"W{name}", W)])
    return product if b is None else graph.add("Add", [product, graph.constant(f"b{name}", b)])


def _dense(graph, layer, p, x):
    return _activation(graph, layer.activation, _affine(graph, x, p["W"], p["b"], ""))


def _residual(graph, layer, p, x):
    hidden = _activation(graph, layer.activation, _affine(graph, x, p["W1"], p["b"], "1"))
    return graph.add("Add", [x, _affine(graph, hidden, p["W2"], None, "2")])


def _channels_first(graph, x, node):
    """`node(name)` between two transposes."""
    turned = node(graph.add("Transpose", [x], perm=[0, 3, 1, 2]))
    return graph.add("Transpose", [turned], perm=[0, 2, 3, 1])


def _convolution(graph, layer, p, x):
    W = graph.constant("W", p["W"].transpose(3, 2, 0, 1))
    b = graph.constant("b", p["b"])
    # auto_pad: an odd pixel goes to the end, as with us.
    pad = "SAME_UPPER" if layer.padding == "same" else "VALID"
    how = {"kernel_shape": [layer.kernel] * 2, "strides": [layer.stride] * 2, "auto_pad": pad}
    z = _channels_first(graph, x, lambda turned: graph.add("Conv", [turned, W, b], **how))
    return _activation(graph, layer.activation, z)


def _pool(kind):
    def add(graph, layer, p, x):
        how = {"kernel_shape": [layer.size] * 2, "strides": [layer.stride or layer.size] * 2}
        return _channels_first(graph, x, lambda turned: graph.add(kind, [turned], **how))

    return add


def _batch_norm(graph, layer, p, x):
    scale = p["gamma"] / np.sqrt(p["variance"] + layer.epsilon)
    scaled = graph.add("Mul", [x, graph.constant("scale", scale)])
    return graph.add("Add", [scaled, graph.constant("shift", p["beta"] - p["mean"] * scale)])


def _layer_norm(graph, layer, p, x):
    gamma, beta = graph.constant("gamma", p["gamma"]), graph.constant("beta", p["beta"])
    return graph.add("LayerNormalization", [x, gamma, beta], axis=-1, epsilon=layer.epsilon)


_LAYERS = {
    Dense: _dense,
    Residual: _residual,
    Dropout: lambda graph, layer, p, x: x,  # it does nothing when predicting
    Conv2D: _convolution,
    MaxPool2D: _pool("MaxPool"),
    AveragePool2D: _pool("AveragePool"),
    Flatten: lambda graph, layer, p, x: graph.add("Flatten", [x], axis=1),
    BatchNorm: _batch_norm,
    LayerNorm: _layer_norm,
}
