"""A stack and its members alone, trained, measured and predicted, on the BLAS kernel that this process has.

    OPENBLAS_CORETYPE=Haswell python -m tests.nn_core.stacked

prints as JSON which kernels OpenBLAS runs, and what differs. test_kernels.py starts it once for each kernel, because a
kernel is chosen when a process begins. The sizes lie around those from which BLAS and nn_core.fast work in blocks.
"""

import json

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from nn_core import fast
from nn_core.activations import GELU, ReLU, Tanh
from nn_core.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, LayerNorm, MaxPool2D, Residual
from nn_core.losses import MeanSquaredError, SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.optimisers import Adam
from nn_core.settings import Settings
from nn_core.trainer import Trainer
from tests.nn_core.runs import same_bits

CLASSES, VALUES = SoftmaxCrossEntropy(), MeanSquaredError()
# What it is: layers, shape of a sample, samples, models, loss.
CASES = {
    "2-16-16-2": ((Dense(16, Tanh()), Dense(16, Tanh()), Dense(2)), (2,), 6_300, 7, CLASSES),
    "2-16-16-2, one batch and a bit": ((Dense(16, Tanh()), Dense(16, Tanh()), Dense(2)), (2,), 4_097, 50, CLASSES),
    "784-64-32-10": ((Dense(64, ReLU()), Dense(32, ReLU()), Dense(10)), (784,), 2_100, 3, CLASSES),
    "600-96-3": ((Dense(96, ReLU()), Dense(3)), (600,), 1_100, 3, CLASSES),
    "two threads": ((Dense(20, GELU()), Dense(20, ReLU()), Dense(5)), (2,), 12_301, 5, CLASSES),
    "one output": ((Dense(24, Tanh()), Dense(1)), (5,), 6_100, 4, VALUES),
    "one unit, one input": ((Dense(1, Tanh()), Dense(3)), (1,), 6_100, 4, VALUES),
    "residual, dropout": ((Dense(31, ReLU()), Residual(17, Tanh()), Dropout(0.3), Dense(3)), (3,), 5_000, 5, CLASSES),
    "flattened": ((Flatten(), Dense(33, ReLU()), Dense(4)), (9, 8, 2), 1_500, 4, CLASSES),
    "normalised": ((Dense(16, Tanh()), BatchNorm(), Dense(9), LayerNorm(), Dense(3)), (4,), 4_200, 3, CLASSES),
    "pictures": (
        (Conv2D(8, activation=ReLU()), MaxPool2D(), Conv2D(5, 2, activation=Tanh()), Flatten(), Dense(40), Dense(3)),
        (9, 8, 2),
        300,
        3,
        CLASSES,
    ),
}
DTYPES = (np.float32, np.float64)


def differences(name: str, dtype) -> list[str]:
    """What of the members of a stack is not, to the last bit, what it is alone."""
    layers, shape, samples, models, loss = CASES[name]
    network = Network(layers, shape, dtype)
    generator = np.random.default_rng(samples)
    x = generator.standard_normal((samples, *shape)).astype(dtype)
    if loss is CLASSES:
        targets = generator.integers(0, network.output_shape[0], samples)
    else:
        targets = generator.standard_normal((samples, *network.output_shape)).astype(dtype)
    few = samples // 5  # so that the last batch is a smaller one
    parts = {"train": (x[:few], targets[:few]), "test": (x, targets)}

    def run(seed):
        trainer = Trainer(network, parts, loss, Settings(Adam(), batch_size=few // 3), weights_seed=seed)
        trainer.run(epochs=2)
        return trainer

    def gradient(theta, x, targets):
        found = np.empty_like(theta)
        fast.engine(network, loss, theta.copy(), found).gradient(x, targets)
        return found

    seeds = list(range(models))
    stack, found = run(seeds), []
    predicted, outputs = stack.predict(x), stack.outputs["test"]
    own = np.stack([x + dtype(k) for k in seeds])  # samples for each model
    predicted_own = fast.engine(network, loss, stack.theta.copy()).predict(own)
    plain = network.predict(x[:1000], stack.theta)
    dropout = network.differs_in_training and any(isinstance(layer, Dropout) for layer in layers)
    gradients = None if dropout else gradient(stack.theta, np.stack([x] * models), np.stack([targets] * models))
    for k in (0, models - 1):
        alone = run(k)
        pairs = {
            "weights": (stack.theta[k], alone.theta),
            "predictions": (predicted[k], alone.predict(x)),
            "predictions of its own samples": (predicted_own[k], alone.predict(own[k])),
            "measured outputs": (outputs[k], alone.outputs["test"]),
            "the plain layers": (plain[k], network.predict(x[:1000], alone.theta)),
        }
        if gradients is not None:
            pairs["gradients"] = (gradients[k], gradient(alone.theta, x, targets))
        for series, values in alone.history.series.items():
            pairs[series] = ([row[k] for row in stack.history.series[series]], values)
        found += [f"{name}, {np.dtype(dtype)}, model {k}: {what}" for what, two in pairs.items() if not same_bits(*two)]
    return found


def main() -> None:
    """All cases, as one JSON object."""
    threadpool_limits(1, user_api="blas")
    kernels = [info["architecture"] for info in threadpool_info() if info["internal_api"] == "openblas"]
    found = [line for name in CASES for dtype in DTYPES for line in differences(name, dtype)]
    print(json.dumps({"kernels": kernels, "differences": found}))


if __name__ == "__main__":
    main()
