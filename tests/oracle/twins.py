"""PyTorch's answers: for each member of nn_core's registries, its twin in PyTorch, and the questions put to it.

To add a member: write its twin into the table of its registry, then `pip install -r requirements-bench.txt` and
`python -m tests.oracle.record`. A schedule that PyTorch does not have stands in NO_TWIN, with the reason; its numbers
are then worked out by hand in tests/nn_core/test_schedules.py.

Each `ask_...` returns {text of the choice: {"z": [...], ...}}, numbers in plain lists, inputs and answers together, so
that a record needs nothing but itself. All is float64.
"""

import numpy as np
import torch
from torch.nn import functional, init
from torch.optim import lr_scheduler

from nn_core.random import stream
from nn_core.spec import name_of, show
from tests.nn_core.members import REGISTRIES, variants
from tests.oracle.problems import NETWORKS, RUNS, dropout_stream, kept, layer_problem, network_problem

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

# Each: (layer, x, parameters by name, kept: which numbers a dropout lets through) -> output.
LAYERS = {
    "dense": lambda layer, x, p, kept: activation(layer)(functional.linear(x, p["W"].T, p["b"])),
    "residual": lambda layer, x, p, kept: (
        x + functional.linear(activation(layer)(functional.linear(x, p["W1"].T, p["b"])), p["W2"].T)
    ),
    "dropout": lambda layer, x, p, kept: x * kept / (1 - layer.rate),
}

# Each: (choice, weights, biases, rate, l2) -> torch.optim.Optimizer. Penalties and decay are for the weights alone.
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

# Each: (choice) -> function that fills a tensor of the shape (outputs, inputs).
INITIALISERS = {
    "zeros": lambda c: init.zeros_,
    "normal": lambda c: lambda w: init.normal_(w, std=c.std),
    "glorot": lambda c: {"normal": init.xavier_normal_, "uniform": init.xavier_uniform_}[c.distribution],
    "he": lambda c: lambda w: _kaiming(c)(w, nonlinearity="relu"),
    "lecun": lambda c: lambda w: _kaiming(c)(w, nonlinearity="linear"),
}


def activation(layer):
    """The twin of a layer's activation."""
    return ACTIVATIONS[_name(layer.activation, "activations")](layer.activation)


def ask_activations() -> dict:
    """z, y = f(z), and dz for a gradient dy."""
    z = np.array([-30.0, -7.5, -3.0, -1.25, -0.5, -0.01, 0.01, 0.3, 1.0, 2.75, 8.0, 40.0])
    dy = np.linspace(-1.5, 2.0, len(z))
    answers = {}
    for text, choice, twin in _each("activations", ACTIVATIONS):
        tensor = _leaf(z)
        y = twin(choice)(tensor)
        y.backward(torch.tensor(dy))
        answers[text] = _plain(z=z, dy=dy, y=y, dz=tensor.grad)
    return answers


def ask_losses() -> dict:
    """Outputs and targets, the loss's value and its gradient."""
    answers = {}
    for text, choice, twin in _each("losses", LOSSES):
        generator = stream(11, "loss")
        outputs = 3 * generator.standard_normal((7, 4))
        outputs[0] = [900.0, -900.0, 0.0, 5.0]  # exp(900) would overflow
        classes = choice.task == "classes"
        targets = generator.integers(0, 4, 7) if classes else generator.standard_normal((7, 4))
        tensor = _leaf(outputs)
        value = twin(choice)(tensor, torch.tensor(targets))
        value.backward()
        answers[text] = _plain(outputs=outputs, targets=targets, value=value, gradient=tensor.grad)
    return answers


def ask_layers() -> dict:
    """x, parameters, dy; y and the gradients of x and of each parameter."""
    answers = {}
    for text, layer, twin in _each("layers", LAYERS):
        x, p, dy = layer_problem(layer)
        tensor, parameters = _leaf(x), {name: _leaf(value) for name, value in p.items()}
        mask = kept(layer, x)
        y = twin(layer, tensor, parameters, None if mask is None else torch.tensor(mask))
        y.backward(torch.tensor(dy))
        answers[text] = _plain(x=x, dy=dy, y=y, dx=tensor.grad, **p)
        answers[text] |= _plain(**{f"d{name}": value.grad for name, value in parameters.items()})
    return answers


def ask_networks() -> dict:
    """A whole network: theta, x, targets; outputs, loss without penalties, gradients with them, and dx."""
    answers = {}
    for name in NETWORKS:
        network, loss, l1, l2, theta, x, targets = network_problem(name)
        parameters = _parameters(network, theta)
        tensor = _leaf(x)
        outputs = _forward(network.layers, parameters, tensor, dropout_stream())
        value = LOSSES[_name(loss, "losses")](loss)(outputs, torch.tensor(targets))
        weights = torch.cat([value.flatten() for views in parameters for key, value in views.items() if key != "b"])
        (value + l2 / 2 * (weights**2).sum() + l1 * weights.abs().sum()).backward()
        gradient = _flat([{key: value.grad for key, value in views.items()} for views in parameters])
        answers[name] = _plain(
            theta=theta, x=x, targets=targets, outputs=outputs, loss=value, gradient=gradient, dx=tensor.grad
        )
    return answers


def ask_optimisers() -> dict:
    """A softmax classifier in mini-batches: its data and its parameters, weights before biases, at each of 50 steps."""
    generator = stream(5, "optimisers")
    x, targets = generator.standard_normal((12, 2)), generator.integers(0, 2, 12)
    first, rows, rate = generator.standard_normal(6), generator.integers(0, 12, (50, 4)), 0.05
    answers = {}
    for text, choice, twin in _each("optimisers", OPTIMISERS):
        weights, biases = _leaf(first[:4].reshape(2, 2)), _leaf(first[4:])
        optimiser = twin(choice, [weights], [biases], rate, 0.0)
        steps = []
        for batch in rows:
            optimiser.zero_grad()
            logits = torch.tensor(x[batch]) @ weights + biases
            functional.cross_entropy(logits, torch.tensor(targets[batch])).backward()
            optimiser.step()
            steps.append(torch.cat([weights.flatten(), biases]).tolist())
        answers[text] = _plain(x=x, targets=targets, first=first, rows=rows, rate=rate) | {"steps": steps}
    return answers


def ask_runs() -> dict:
    """Whole runs, all samples in each batch: optimiser, schedule and L2 together; parameters after some epochs."""
    answers = {}
    for name, run in RUNS.items():
        network, loss, _, _, theta, x, targets = network_problem(run.network)
        parameters, settings = _parameters(network, theta), run.settings
        weights = [value for views in parameters for key, value in views.items() if key != "b"]
        biases = [value for views in parameters for key, value in views.items() if key == "b"]
        optimiser = OPTIMISERS[_name(settings.optimiser, "optimisers")](
            settings.optimiser, weights, biases, settings.learning_rate, settings.l2
        )
        schedule, _ = SCHEDULES[_name(settings.schedule, "schedules")](settings.schedule, optimiser)
        after = {}
        for epoch in range(1, 51):
            optimiser.zero_grad()
            outputs = _forward(network.layers, parameters, torch.tensor(x), None)
            LOSSES[_name(loss, "losses")](loss)(outputs, torch.tensor(targets)).backward()
            optimiser.step()
            schedule.step()
            if epoch in (1, 2, 10, 50):
                after[str(epoch)] = _flat(parameters).tolist()
        answers[name] = {**_plain(theta=theta, x=x, targets=targets), "after": after}
    return answers


def ask_schedules() -> dict:
    """The factor at the start of each of the first 260 epochs, or as far as the two agree by definition."""
    answers = {}
    for text, choice, twin in _each("schedules", SCHEDULES):
        optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
        schedule, last = twin(choice, optimiser)
        factors = []
        for _ in range(260 if last is None else min(260, last + 1)):
            factors.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            schedule.step()
        answers[text] = {"factors": factors[::4], "every": 4}
    return answers | {"no twin": NO_TWIN}


def ask_initialisers() -> dict:
    """Mean, standard deviation and largest size of 200 x 300 weights: 300 inputs feed 200 units."""
    answers = {}
    for text, choice, twin in _each("initialisers", INITIALISERS):
        torch.manual_seed(1)
        weights = twin(choice)(torch.empty(200, 300, dtype=torch.float64))
        answers[text] = _plain(mean=weights.mean(), std=weights.std(), largest=weights.abs().max())
    return answers


QUESTIONS = {
    "activations": ask_activations,
    "initialisers": ask_initialisers,
    "layers": ask_layers,
    "losses": ask_losses,
    "networks": ask_networks,
    "optimisers": ask_optimisers,
    "runs": ask_runs,
    "schedules": ask_schedules,
}


def _each(registry, twins):
    """(text, choice, twin) of each variant that has a twin. Where one is missing, the member's own test says so."""
    table = REGISTRIES[registry]
    return [
        (show(choice, table), choice, twins[name])
        for name in table
        if name in twins
        for choice in variants(table[name])
    ]


def _name(choice, registry):
    return name_of(choice, REGISTRIES[registry])


def _groups(weights, biases, decay):
    return [{"params": weights, "weight_decay": decay}, {"params": biases, "weight_decay": 0.0}]


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


def _forward(layers, parameters, x, rng):
    """Outputs of a row of layers; rng decides what dropouts keep, in the order in which they stand."""
    for layer, p in zip(layers, parameters, strict=True):
        mask = kept(layer, x.detach().numpy(), rng)
        x = LAYERS[_name(layer, "layers")](layer, x, p, None if mask is None else torch.tensor(mask))
    return x


def _parameters(network, theta):
    """The layers' parameters by name, as tensors that gather gradients."""
    return [{key: _leaf(value) for key, value in views.items()} for views in network.views(theta)]


def _leaf(array):
    return torch.tensor(np.asarray(array), requires_grad=True)


def _flat(parameters):
    return torch.cat([value.flatten() for views in parameters for value in views.values()])


def _plain(**numbers):
    """Tensors and arrays as nested lists."""
    return {
        name: value.tolist() if isinstance(value, (torch.Tensor, np.ndarray)) else value
        for name, value in numbers.items()
    }
