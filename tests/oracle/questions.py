"""What PyTorch is asked, and what it answers: one function per topic.

Each `ask_...` returns {text of the choice or name of the problem: {"z": [...], ...}}, numbers in plain lists; inputs
and answers together, except where problems.py draws the inputs. All is float64.
"""

import numpy as np
import torch
from torch.nn import functional

from nn_core.batches import Batches
from nn_core.random import stream
from nn_core.spec import show
from tests.nn_core.members import REGISTRIES, sample_shape, variants
from tests.oracle import twins
from tests.oracle.problems import (
    DRAWN,
    NETWORKS,
    dropout_stream,
    kept,
    later_batches,
    layer_problem,
    network_problem,
    tied,
)
from tests.oracle.runs import BATCHES_SEED, RECORDED, RUNS, STEPS, dropout_of_step

torch.set_num_threads(1)  # the tensors are small: two threads would wait for each other, above all on a busy machine


def ask_activations() -> dict:
    """z, y = f(z), and dz for a gradient dy."""
    z = np.array([-30.0, -7.5, -3.0, -1.25, -0.5, -0.01, 0.01, 0.3, 1.0, 2.75, 8.0, 40.0])
    dy = np.linspace(-1.5, 2.0, len(z))
    answers = {}
    for text, choice, twin in _each("activations", twins.ACTIVATIONS):
        tensor = _leaf(z)
        y = twin(choice)(tensor)
        y.backward(torch.tensor(dy))
        answers[text] = _plain(z=z, dy=dy, y=y, dz=tensor.grad)
    return answers


def ask_losses() -> dict:
    """Outputs and targets, the loss's value and its gradient."""
    answers = {}
    for text, choice, twin in _each("losses", twins.LOSSES):
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
    """For x, parameters and dy of `layer_problem`: y and the gradients of x and of each parameter, in training.

    Of a layer that differs in training, also what it has noted down after two more batches, and what it then predicts
    for x, with the gradient of that; of one that chooses the largest, dx where several are.
    """
    answers = {}
    for text, layer, twin in _each("layers", twins.LAYERS):
        x, p, dy = layer_problem(layer)
        about = layer.parameters(sample_shape(layer))
        tensor = _leaf(x)
        tensors = {key: torch.tensor(value, requires_grad=about[key].learned) for key, value in p.items()}
        y = twin(layer, tensor, tensors, _kept(layer, x, dropout_stream()), True)
        y.backward(torch.tensor(dy))
        answers[text] = _plain(y=y, dx=tensor.grad)
        answers[text] |= _plain(**{f"d{key}": value.grad for key, value in tensors.items() if about[key].learned})
        if layer.differs_in_training:
            for batch in later_batches(x):
                twin(layer, torch.tensor(batch), tensors, _kept(layer, x, dropout_stream()), True)
            tensor = _leaf(x)
            predicted = twin(layer, tensor, tensors, None, False)
            predicted.backward(torch.tensor(dy))
            noted = {f"noted_{key}": value for key, value in tensors.items() if not about[key].learned}
            answers[text] |= _plain(predicted=predicted, predicted_dx=tensor.grad, **noted)
        if (whole := tied(layer, x)) is not None:
            tensor = _leaf(whole)
            twin(layer, tensor, tensors, None, True).backward(torch.tensor(dy))
            answers[text] |= _plain(tied_dx=tensor.grad)
    return answers


def ask_networks() -> dict:
    """For theta, x and targets of `network_problem`: outputs, loss without the penalty, gradients with it, and dx."""
    answers = {}
    for key in NETWORKS:
        network, loss, l2, theta, x, targets = network_problem(key)
        parameters, tensor = _Parameters(network, theta), _leaf(x)
        outputs = parameters.forward(tensor, dropout_stream())
        value = _loss(loss, outputs, targets)
        (value + _penalty(parameters.weights, l2)).backward()
        answers[key] = _plain(
            outputs=outputs,
            loss=value,
            gradient=parameters.flat(lambda p: torch.zeros_like(p) if p.grad is None else p.grad),
            dx=tensor.grad,
        )
    return answers


def ask_optimisers() -> dict:
    """A softmax classifier in mini-batches: its data and its parameters, weights before biases, at each of 50 steps."""
    generator = stream(5, "optimisers")
    x, targets = generator.standard_normal((12, 2)), generator.integers(0, 2, 12)
    first, rows, rate = generator.standard_normal(6), generator.integers(0, 12, (50, 4)), 0.05
    answers = {}
    for text, choice, twin in _each("optimisers", twins.OPTIMISERS):
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
    """Whole runs from what `network_problem` gives: all parameters after some of the steps."""
    return {key: {str(step): theta.tolist() for step, theta in _train(run)} for key, run in RUNS.items()}


def _train(run):
    """The parameters after each step of RECORDED."""
    network, loss, l2, theta, x, targets = network_problem(run.network)
    settings, parameters, batches = run.settings, _Parameters(network, theta), Batches(x, targets, BATCHES_SEED)
    kind = twins.name(settings.optimiser, "optimisers")
    optimiser = twins.OPTIMISERS[kind](
        settings.optimiser, parameters.weights, parameters.others, settings.learning_rate, l2
    )
    schedule_kind = twins.name(settings.schedule, "schedules")
    if within := schedule_kind in twins.WITHIN_EPOCHS:
        schedule = twins.WITHIN_EPOCHS[schedule_kind](settings.schedule, optimiser)
    else:
        schedule, _ = twins.SCHEDULES[schedule_kind](settings.schedule, optimiser)
    epoch = row = 0
    for step in range(1, STEPS + 1):
        batch, wanted, size = batches.take(epoch, row, settings.batch_size)
        if within:
            schedule.step(epoch + row / len(x))
        optimiser.zero_grad()
        outputs = parameters.forward(torch.tensor(batch), dropout_of_step(step - 1))
        in_loss = l2 if kind == "adamw" else 0  # the others take it as PyTorch's weight_decay
        (_loss(loss, outputs, wanted) + _penalty(parameters.weights, in_loss)).backward()
        optimiser.step()
        row += size
        if row == len(x):
            epoch, row = epoch + 1, 0
            if not within:
                schedule.step()
        if step in RECORDED:
            yield step, parameters.flat(lambda p: p.detach())


def ask_schedules() -> dict:
    """The factor at the start of each of the first 260 epochs, or as far as the two agree by definition."""
    answers = {}
    for text, choice, twin in _each("schedules", twins.SCHEDULES):
        optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
        schedule, last = twin(choice, optimiser)
        factors = []
        for _ in range(260 if last is None else min(260, last + 1)):
            factors.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            schedule.step()
        answers[text] = {"factors": factors[::4], "every": 4}
    return answers | {"no twin": twins.NO_TWIN}


def ask_initialisers() -> dict:
    """Of 60,000 weights of a dense and of a convolutional layer: mean, standard deviation, largest size, and scale.

    The scale is the exact factor between what the initialiser draws and what the standard law (normal with deviation 1,
    or uniform from -1 to 1) draws from the same seed: the deviation or the bound that PyTorch works out.
    """
    answers = {}
    for text, choice, twin in _each("initialisers", twins.INITIALISERS):
        answers[text] = {}
        for where, (layer, shape) in DRAWN.items():
            w = torch.empty(layer.parameters(shape)["W"].shape, dtype=torch.float64)
            w = torch.movedim(w, (-1, -2), (0, 1)).contiguous()  # PyTorch: outputs, inputs, rows, columns
            torch.manual_seed(1)
            twin(choice)(w)
            torch.manual_seed(1)
            uniform = getattr(choice, "distribution", "") == "uniform"
            z = torch.empty_like(w).uniform_(-1, 1) if uniform else torch.empty_like(w).normal_()
            answers[text][where] = _plain(mean=w.mean(), std=w.std(), largest=w.abs().max(), scale=_scale(w, z))
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


class _Parameters:
    """The layers' parameters by name, as tensors; what is learned gathers gradients."""

    def __init__(self, network, theta):
        self._layers, self._tensors = network.layers, []
        self.weights, self.others = [], []  # what penalties act on, and what else is learned
        for views, places in zip(network.views(theta), network.places, strict=True):
            self._tensors.append({})
            for key, (_, about) in places.items():
                tensor = torch.tensor(views[key], requires_grad=about.learned)
                self._tensors[-1][key] = tensor
                if about.learned:
                    (self.weights if about.is_weight else self.others).append(tensor)

    def forward(self, x, rng):
        """Outputs in training; rng decides what dropouts keep, in the order in which they stand."""
        for layer, p in zip(self._layers, self._tensors, strict=True):
            twin = twins.LAYERS[twins.name(layer, "layers")]
            x = twin(layer, x, p, _kept(layer, x.detach().numpy(), rng), True)
        return x

    def flat(self, look):
        """What `look` says of each parameter, in theta's order."""
        return torch.cat([look(value).flatten() for views in self._tensors for value in views.values()])


def _each(registry, table):
    """(text, choice, twin) of each variant that has a twin. Where one is missing, the member's own test says so."""
    kinds = REGISTRIES[registry]
    return [
        (show(choice, kinds), choice, table[key]) for key in kinds if key in table for choice in variants(kinds[key])
    ]


def _loss(loss, outputs, targets):
    return twins.LOSSES[twins.name(loss, "losses")](loss)(outputs, torch.tensor(targets))


def _penalty(weights, l2):
    return sum(l2 / 2 * (w**2).sum() for w in weights)


def _kept(layer, x, rng):
    mask = kept(layer, x, rng)
    return None if mask is None else torch.tensor(mask)


def _scale(drawn, standard):
    """The factor by which one is the other."""
    return (drawn * standard).sum() / (standard * standard).sum()


def _leaf(array):
    return torch.tensor(np.asarray(array), requires_grad=True)


def _plain(**numbers):
    """Tensors and arrays as nested lists."""
    return {
        key: value.tolist() if isinstance(value, (torch.Tensor, np.ndarray)) else value
        for key, value in numbers.items()
    }
