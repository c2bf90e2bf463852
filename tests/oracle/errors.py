"""How far nn_core is from PyTorch: for each topic a function `(choice or name, source)` -> worst error.

These are the only places where such an error is worked out: the tests hold them to their bound, and the truth table
(benchmarks/truth.py) prints them. An error is |ours - theirs| / max(1, |theirs|), the worst of all numbers.
"""

import math

import numpy as np

from nn_core.layers import Dense
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.random import stream
from nn_core.spec import show
from nn_core.step import backpropagate, step
from nn_core.trainer import Trainer
from tests.nn_core.members import REGISTRIES
from tests.oracle import answer
from tests.oracle.problems import DRAWN, dropout_stream, later_batches, layer_problem, network_problem, tied
from tests.oracle.runs import BATCHES_SEED, RUNS, STEPS


def difference(ours, theirs) -> float:
    """The largest |ours - theirs| / max(1, |theirs|); NaN where either holds one; ValueError for different shapes."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if ours.shape != theirs.shape:
        raise ValueError(f"Cannot compare the shapes {ours.shape} and {theirs.shape}.")
    return worst([np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))])


def worst(errors) -> float:
    """The largest of numbers and arrays, NaN if any is NaN; 0 for none."""
    return float(max((np.max(error, initial=0.0) for error in errors), key=lambda e: (np.isnan(e), e), default=0.0))


def ask(registry: str, choice, source: str) -> dict:
    """PyTorch's answer for a choice, lists made into arrays."""
    return _arrays(answer(registry, source, show(choice, REGISTRIES[registry])))


def activation(choice, source: str) -> float:
    """f(z) and its derivative."""
    told = ask("activations", choice, source)
    y = choice.forward(told["z"])
    return worst([difference(y, told["y"]), difference(told["dy"] * choice.derivative(told["z"], y), told["dz"])])


def loss(choice, source: str) -> float:
    """The value and its gradient."""
    told = ask("losses", choice, source)
    outputs, targets = told["outputs"], told["targets"]
    return worst(
        [
            difference(choice.value(outputs, targets), told["value"]),
            difference(choice.gradient(outputs, targets), told["gradient"]),
        ]
    )


def layer(choice, source: str) -> float:
    """The output, the gradients of x and of every parameter; what a layer notes down, and predicts by it."""
    told, (x, p, dy) = ask("layers", choice, source), layer_problem(choice)
    about = choice.parameters(x.shape[1:])
    gradients = {name: np.full_like(value, np.nan) for name, value in p.items()}
    y, cache = choice.forward(x, p, dropout_stream())
    errors = [difference(y, told["y"]), difference(choice.backward(dy, cache, p, gradients), told["dx"])]
    errors += [difference(g, told.get(f"d{name}", np.zeros_like(g))) for name, g in gradients.items()]
    if choice.differs_in_training:
        for batch in later_batches(x):
            choice.forward(batch, p, dropout_stream())
        y, cache = choice.forward(x, p)
        errors.append(difference(y, told["predicted"]))
        errors.append(difference(choice.backward(dy, cache, p, gradients), told["predicted_dx"]))
        errors += [difference(p[name], told[f"noted_{name}"]) for name in p if not about[name].learned]
    if (whole := tied(choice, x)) is not None:
        _, cache = choice.forward(whole, p)
        errors.append(difference(choice.backward(dy, cache, p, gradients), told["tied_dx"]))
    return worst(errors)


def network(name: str, source: str) -> float:
    """Outputs, loss, and the gradients of all parameters, L2 included, and of the inputs."""
    told = _arrays(answer("networks", source, name))
    net, loss_, l2, theta, x, targets = network_problem(name)
    passes = backpropagate(net, loss_, theta, x, targets, dropout_stream(), need_dx=True)
    return worst(
        [
            difference(passes.outputs[-1], told["outputs"]),
            difference(passes.loss, told["loss"]),
            difference(passes.gradient + net.weights_mask() * l2 * theta, told["gradient"]),
            difference(passes.dx, told["dx"]),
        ]
    )


def optimiser(choice, source: str) -> float:
    """All parameters of a small classifier after each of 50 steps."""
    told = ask("optimisers", choice, source)
    net, loss_ = Network([Dense(2)], (2,), np.float64), SoftmaxCrossEntropy()
    theta, slots, errors = told["first"], [np.zeros(net.size) for _ in choice.slots], []
    for t, (rows, expected) in enumerate(zip(told["rows"], told["steps"], strict=True), start=1):
        made = step(net, loss_, theta, told["x"][rows], told["targets"][rows], choice, slots, told["rate"], t).update
        theta, slots = made.theta, made.slots
        errors.append(difference(theta, expected))
    return worst(errors)


def schedule(choice, source: str) -> float:
    """The factor at whole epochs."""
    told = ask("schedules", choice, source)
    return difference([choice.factor(told["every"] * n) for n in range(len(told["factors"]))], told["factors"])


def initialiser(choice, source: str) -> float:
    """The exact scale of what is drawn (deviation of a normal law, bound of a uniform one), relative to PyTorch's."""
    told = ask("initialisers", choice, source)
    return worst([abs(scale(choice, where) - told[where]["scale"]) / (told[where]["scale"] or 1) for where in DRAWN])


def run(name: str, source: str) -> float:
    """All parameters at some of 200 steps of the Trainer; infinite for a run that ends before."""
    after = _arrays(answer("runs", source, name))
    net, loss_, _, theta, x, targets = network_problem(RUNS[name].network)
    trainer = Trainer(net, {"train": (x, targets)}, loss_, RUNS[name].settings, batches_seed=BATCHES_SEED)
    trainer.theta[...] = theta
    errors = [difference(trainer.run(steps=int(step) - trainer.step).theta, after[step]) for step in after]
    return worst(errors) if trainer.step == STEPS else math.inf


def drawn(choice, where: str) -> tuple[np.ndarray, object]:
    """60,000 first weights of one of the layers of DRAWN, as the network draws them, and what is known of them."""
    layer_, shape = DRAWN[where]
    net = Network([layer_], shape, np.float64)
    return net.views(net.init(choice, 0))[0]["W"], net.places[0]["W"][1]


def scale(choice, where: str) -> float:
    """The exact factor between what is drawn and the standard law: normal, or uniform from -1 to 1."""
    _, about = drawn(choice, where)
    weights = choice.draw(stream(0, "scale"), about.shape, about.fan_in, about.fan_out)
    generator = stream(0, "scale")
    uniform = getattr(choice, "distribution", "") == "uniform"
    z = generator.uniform(-1, 1, about.shape) if uniform else generator.standard_normal(about.shape)
    return float((weights * z).sum() / (z * z).sum())


def _arrays(told):
    return {name: np.array(value) if isinstance(value, list) else value for name, value in told.items()}
