"""PyTorch's twins: for each member of nn_core's registries, what does the same in PyTorch.

To add a member: write its twin into the table of its registry, then `pip install -r requirements-bench.txt` and
`python -m tests.oracle.record`. A schedule that PyTorch does not have stands in NO_TWIN, with the reason; its numbers
are then worked out by hand in tests/nn_core/test_schedules.py. What is asked of the twins stands in questions.py.
"""

import torch
from torch.nn import functional, init
from torch.optim import lr_scheduler

from nn_core.spec import name_of
from tests.nn_core.members import REGISTRIES

torch.set_num_threads(1)  # for problems so small, and not to stand in the way of what else runs

# Each: (choice) -> function of a tensor. softplus: PyTorch turns to a straight line at 20, which is 2e-9 off.
ACTIVATIONS = {
    "linear": lambda c: lambda z: z * 1,
    "relu": lambda c: functional.relu,
    "leaky_relu": lambda c: lambda z: functional.leaky_relu(z, c.slope),
    "tanh": lambda c: torch.tanh,
    "sigmoid": lambda c: torch.sigmoid,
    "softplus": lambda c: lambda z: functional.softplus(z, threshold=500),
    "elu": lambda c: lambda z: functional.elu(z, c.alpha),
    "gelu": lambda c: functional.gelu,
    "silu": lambda c: functional.silu,
}

# Each: (choice) -> function of outputs and targets.
LOSSES = {
    "cross_entropy": lambda c: functional.cross_entropy,
    "mse": lambda c: {
        "samples and outputs": functional.mse_loss,
        "samples": lambda p, t: functional.mse_loss(p, t, reduction="sum") / len(p),
        "half": lambda p, t: 0.5 * functional.mse_loss(p, t, reduction="sum") / len(p),
    }[c.mean_over],
}

# Each: (layer, x, parameters by name, kept, training) -> output. kept: which numbers a dropout lets through; None: all.
LAYERS = {
    "dense": lambda layer, x, p, kept, training: activation(layer)(functional.linear(x, p["W"].T, p["b"])),
    "residual": lambda layer, x, p, kept, training: (
        x + functional.linear(activation(layer)(functional.linear(x, p["W1"].T, p["b"])), p["W2"].T)
    ),
    "dropout": lambda layer, x, p, kept, training: x if kept is None else x * kept / (1 - layer.rate),
    "conv2d": lambda layer, x, p, kept, training: activation(layer)(_convolution(layer, x, p)),
    "max_pool2d": lambda layer, x, p, kept, training: _channels_last(
        functional.max_pool2d(_channels_first(x), layer.size, layer.stride or None)
    ),
    "average_pool2d": lambda layer, x, p, kept, training: _channels_last(
        functional.avg_pool2d(_channels_first(x), layer.size, layer.stride or None)
    ),
    "flatten": lambda layer, x, p, kept, training: torch.flatten(x, 1),
    "batch_norm": lambda layer, x, p, kept, training: _channels_last(
        functional.batch_norm(
            _channels_first(x), p["mean"], p["variance"], p["gamma"], p["beta"], training, layer.momentum, layer.epsilon
        )
    ),
    "layer_norm": lambda layer, x, p, kept, training: functional.layer_norm(
        x, x.shape[-1:], p["gamma"], p["beta"], layer.epsilon
    ),
}

# Each: (choice, weights, others, rate, l2) -> torch.optim.Optimizer. Penalties and decay are for the weights alone.
# AdamW's own decay takes the place of l2, which must then be part of the loss (see `penalty` in questions.py).
OPTIMISERS = {
    "sgd": lambda c, w, b, rate, l2: torch.optim.SGD(_groups(w, b, l2), rate),
    "momentum": lambda c, w, b, rate, l2: torch.optim.SGD(_groups(w, b, l2), rate, momentum=c.momentum),
    "nesterov": lambda c, w, b, rate, l2: torch.optim.SGD(_groups(w, b, l2), rate, momentum=c.momentum, nesterov=True),
    "adagrad": lambda c, w, b, rate, l2: torch.optim.Adagrad(_groups(w, b, l2), rate, eps=c.epsilon),
    "rmsprop": lambda c, w, b, rate, l2: torch.optim.RMSprop(_groups(w, b, l2), rate, alpha=c.decay, eps=c.epsilon),
    "adam": lambda c, w, b, rate, l2: torch.optim.Adam(_groups(w, b, l2), rate, (c.beta1, c.beta2), c.epsilon),
    "adamw": lambda c, w, b, rate, l2: torch.optim.AdamW(
        _groups(w, b, c.weight_decay), rate, (c.beta1, c.beta2), c.epsilon
    ),
}

# Each: (choice, optimiser) -> scheduler, stepped once an epoch; and until which epoch the two agree (None: always).
# PyTorch's cosine has a lowest rate, not a lowest share of the rate, and swings up again after its half wave.
SCHEDULES = {
    "constant": lambda c, o: (lr_scheduler.ConstantLR(o, factor=1.0), None),
    "step": lambda c, o: (lr_scheduler.StepLR(o, c.every, c.gamma), None),
    "exponential": lambda c, o: (lr_scheduler.ExponentialLR(o, c.gamma), None),
    "cosine": lambda c, o: (lr_scheduler.CosineAnnealingLR(o, c.epochs, c.floor * o.defaults["lr"]), c.epochs),
    "warm_up": lambda c, o: (_warm_up(c, o), None),
}
NO_TWIN = {"time": "PyTorch has no 1 / (1 + decay * epoch), and LambdaLR would be our own formula."}

# Each: (choice, optimiser) -> scheduler whose `step(epoch)` takes parts of an epoch. PyTorch documents it for this one.
WITHIN_EPOCHS = {
    "cosine": lambda c, o: lr_scheduler.CosineAnnealingWarmRestarts(o, c.epochs, eta_min=c.floor * o.defaults["lr"])
}

# Each: (choice) -> function that fills a tensor of the shape (outputs, inputs, ...).
INITIALISERS = {
    "zeros": lambda c: init.zeros_,
    "normal": lambda c: lambda w: init.normal_(w, std=c.std),
    "glorot": lambda c: {"normal": init.xavier_normal_, "uniform": init.xavier_uniform_}[c.distribution],
    "he": lambda c: lambda w: _kaiming(c)(w, nonlinearity="relu"),
    "lecun": lambda c: lambda w: _kaiming(c)(w, nonlinearity="linear"),
}


def activation(layer):
    """The twin of a layer's activation."""
    return ACTIVATIONS[name(layer.activation, "activations")](layer.activation)


def name(choice, registry: str) -> str:
    """The name of a choice in one of the registries."""
    return name_of(choice, REGISTRIES[registry])


def _convolution(layer, x, p):
    """PyTorch takes pictures channels first, and pads "same" for a stride of 1 alone: so the padding is done here."""
    pictures = _channels_first(x)
    if layer.padding == "same":
        high, wide = (_padding(size, layer.kernel, layer.stride) for size in pictures.shape[-2:])
        pictures = functional.pad(pictures, (*wide, *high))
    return _channels_last(functional.conv2d(pictures, p["W"].permute(3, 2, 0, 1), p["b"], layer.stride))


def _padding(size, kernel, stride):
    """Before and after, so that ceil(size / stride) windows fit; the odd one comes after, as in TensorFlow."""
    windows = -(-size // stride)
    total = max((windows - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def _channels_first(x):
    return torch.movedim(x, -1, 1)


def _channels_last(x):
    return torch.movedim(x, 1, -1)


def _groups(weights, others, decay):
    return [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def _warm_up(choice, optimiser):
    """PyTorch's three schedulers in a row. A warm-up of 0 epochs has nothing to rise from."""
    parts, ends = [], []
    if choice.warm_up:
        parts.append(lr_scheduler.LinearLR(optimiser, choice.floor, 1.0, choice.warm_up))
        ends.append(choice.warm_up)
    parts.append(lr_scheduler.ConstantLR(optimiser, 1.0))
    ends.append(choice.warm_up + choice.hold)
    parts.append(lr_scheduler.LinearLR(optimiser, 1.0, choice.floor, choice.cool_down))
    return lr_scheduler.SequentialLR(optimiser, parts, ends)


def _kaiming(choice):
    return {"normal": init.kaiming_normal_, "uniform": init.kaiming_uniform_}[choice.distribution]
