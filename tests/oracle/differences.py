"""How far hand-written derivatives are from finite differences: for each topic a function (choice or name) -> error.

As in errors.py, the tests hold these errors to their bound and the truth table prints them. An error is relative, the
worst of all numbers; what is smaller than 1e-3, or than 1e-3 of the largest of its array, is compared by its
difference, because the rounding of a sum, divided by a small step, does not shrink with the derivative.
"""

import numpy as np

from nn_core.derivatives.checks import numeric_gradient, relative_error
from nn_core.step import backpropagate
from tests.oracle.errors import worst
from tests.oracle.problems import dropout_stream, layer_problem, network_problem

EPS = 1e-4  # small enough to stay on one side of ReLU's corner


def activation(choice) -> float:
    """The derivative."""
    z = np.array([-6.0, -2.5, -1.0, -0.3, -0.01, 0.01, 0.2, 1.0, 3.0, 6.0])
    numeric = numeric_gradient(lambda moved: choice.forward(moved).sum(), z, EPS)
    return _error(choice.derivative(z, choice.forward(z)), numeric)


def loss(choice) -> float:
    """The gradient with respect to the outputs."""
    generator = np.random.default_rng(1)
    outputs = generator.standard_normal((5, 4))
    targets = generator.integers(0, 4, 5) if choice.task == "classes" else generator.standard_normal((5, 4))
    numeric = numeric_gradient(lambda moved: choice.value(moved, targets), outputs, EPS)
    return _error(choice.gradient(outputs, targets), numeric)


def layer(choice, rng=dropout_stream) -> float:
    """The gradients of x and of every parameter, in training; with a `rng` that gives None, in predicting."""
    x, p, dy = layer_problem(choice)
    about = choice.parameters(x.shape[1:])
    gradients = {name: np.full_like(value, np.nan) for name, value in p.items()}
    _, cache = choice.forward(x, _copies(p), rng())
    dx = choice.backward(dy, cache, p, gradients)

    def value(**moved):
        y, _ = choice.forward(moved.get("x", x), _copies(p | moved), rng())
        return (y * dy).sum()

    errors = [_error(dx, numeric_gradient(lambda moved: value(x=moved), x, EPS))]
    for name, array in p.items():
        if about[name].learned:
            numeric = numeric_gradient(lambda moved, name=name: value(**{name: moved}), array, EPS)
        else:  # running statistics move predictions, but no gradient may move them
            numeric = np.zeros_like(array)
        errors.append(_error(gradients[name], numeric))
    return worst(errors)


def network(name: str) -> float:
    """The gradients of all parameters, L2 included, and of the inputs, in training; of six samples."""
    *problem, x, targets = network_problem(name)
    return gradients(*problem, x[:6], targets[:6])


def gradients(net, loss_, l2, theta, x, targets, rng=dropout_stream) -> float:
    """The same for any network."""
    mask, passes = net.weights_mask(), backpropagate(net, loss_, theta, x, targets, rng(), need_dx=True)
    gradient = passes.gradient + mask * l2 * theta

    def objective(theta=theta, x=x):
        outputs, _ = net.forward(x, net.views(theta.copy()), rng())
        return loss_.value(outputs, targets) + (mask * l2 / 2 * theta**2).sum()

    numeric = numeric_gradient(lambda moved: objective(theta=moved), theta, EPS)
    for views, places in zip(net.views(numeric), net.places, strict=True):
        for name, (_, parameter) in places.items():
            if not parameter.learned:
                views[name][...] = 0
    return worst(
        [_error(gradient, numeric), _error(passes.dx, numeric_gradient(lambda moved: objective(x=moved), x, EPS))]
    )


def _copies(p):
    """So that a layer may note down in its parameters what it has seen."""
    return {name: value.copy() for name, value in p.items()}


def _error(ours, numeric):
    return relative_error(ours, numeric, scale=1e-3 * max(1.0, np.abs(numeric).max(initial=0.0)))
