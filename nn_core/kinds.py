"""What the parts of a network must have, as types: an activation, a layer, a loss, an optimiser, and so on.

Each is a small frozen dataclass that stands in a plain dict (ACTIVATIONS, LAYERS, ...); nothing inherits from these.
The file of each kind says in words what its methods do, and what shapes they take.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from nn_core.random import Streams

if TYPE_CHECKING:
    from nn_core.layers.parameter import Parameter

Array = np.ndarray
Shape = tuple[int, ...]
Params = dict[str, np.ndarray]  # the parameters of one layer, or their gradients, by name
Rate = np.floating | np.ndarray | float  # one number, or a column of one per model
Rng = np.random.Generator | Streams | None  # one for each model; None: the network predicts
Seeds = int | Sequence[int]  # one number, or, for a stack, one per model


class Activation(Protocol):
    """See activations.py."""

    @property
    def label(self) -> str: ...
    def forward(self, z: Array) -> Array: ...
    def derivative(self, z: Array, a: Array) -> Array: ...


class Layer(Protocol):
    """See layers/__init__.py."""

    @property
    def label(self) -> str: ...
    @property
    def differs_in_training(self) -> bool: ...
    def output_shape(self, input_shape: Shape) -> Shape: ...
    def parameters(self, input_shape: Shape) -> "dict[str, Parameter]": ...
    def forward(self, x: Array, p: Params, rng: Rng = None) -> tuple[Array, Any]: ...
    def backward(self, dy: Array, cache: Any, p: Params, g: Params, need_dx: bool = True) -> Array | None: ...


class Loss(Protocol):
    """See losses.py."""

    @property
    def task(self) -> str: ...
    def value(self, outputs: Array, targets: Array, /) -> Array: ...
    def gradient(self, outputs: Array, targets: Array, /) -> Array: ...


class Optimiser(Protocol):
    """See optimisers.py."""

    @property
    def slots(self) -> Sequence[str]: ...
    def update(self, theta: Array, gradient: Array, slots: list[Array], rate: Any, t: int, weights: Array) -> None: ...
    def pull(self, strength: Any, slots: list[Array], rate: Any, t: int) -> Any: ...


class Schedule(Protocol):
    """See schedules.py."""

    def factor(self, epoch: float) -> float: ...


class Initialiser(Protocol):
    """See initialisers.py."""

    def draw(self, generator: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> Array: ...
