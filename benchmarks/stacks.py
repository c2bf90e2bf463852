"""Many models of one shape at once: nn_core's stack beside PyTorch, one model after the other and under vmap."""

import numpy as np
import torch
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.nn import functional

from benchmarks.peers import PyTorch, Rows, torch_model
from benchmarks.workloads import Workload

MODELS = (1, 10, 30, 100)


class OurStack:
    """A stack of nn_core's trainer; each model has its own first weights and its own order of the samples."""

    def __init__(self, work: Workload, x: np.ndarray, targets: np.ndarray, models: int):
        self._trainer = work.trainer(x, targets, models)

    def ready(self) -> None:
        """To the second step of an epoch."""
        self._trainer.run(epochs=1)
        self._trainer.run(steps=1)

    def run(self, steps: int) -> None:
        self._trainer.run(steps=steps)


class Loop:
    """As many PyTorch models, each with a plain optimiser of its own, one thread, trained one after the other."""

    def __init__(self, work: Workload, x, targets, models: int):
        self._models = [PyTorch(work, x, targets, 1, "fused") for _ in range(models)]

    def ready(self) -> None:
        """One thread."""
        self._models[0].ready()

    def run(self, steps: int) -> None:
        for model in self._models:
            model.run(steps)


class Vmap:
    """PyTorch's torch.func: the gradient of a functional call, vectorised over the models, and SGD by hand."""

    def __init__(self, work: Workload, x, targets, models: int, threads: int = 1):
        torch.manual_seed(0)
        self._threads = threads
        self._model = torch_model(work)
        self._parameters, _ = stack_module_state([torch_model(work) for _ in range(models)])
        self._parameters = {name: p.detach() for name, p in self._parameters.items()}
        orders = [np.random.default_rng(k).permutation(work.samples) for k in range(models)]
        self._x = torch.tensor(np.stack([x[order] for order in orders]))
        self._targets = torch.tensor(np.stack([targets[order] for order in orders]))
        self._rate, self._rows = work.settings.learning_rate, Rows(work)
        self._gradients = vmap(grad(self._loss))

    def _loss(self, parameters, x, targets):
        return functional.cross_entropy(functional_call(self._model, parameters, (x,)), targets)

    def ready(self) -> None:
        """So many threads from now on."""
        torch.set_num_threads(self._threads)

    def run(self, steps: int) -> None:
        for _ in range(steps):
            rows = self._rows.next()
            gradients = self._gradients(self._parameters, self._x[:, rows], self._targets[:, rows])
            torch._foreach_add_(list(self._parameters.values()), list(gradients.values()), alpha=-self._rate)
