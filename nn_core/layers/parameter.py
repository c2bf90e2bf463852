"""What a layer tells the network of one of its parameter arrays: the shape, and how its first numbers come about."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameter:
    """Shape and role of one parameter array.

    fan_in, fan_out: what the initialisers need; a weight has them, anything else has fan_in 0 and begins with `start`.
    learned=False: running statistics. They live with the parameters, so that saving, stacking and resuming need
    nothing more, but no gradient moves them: the layer itself does, in its forward pass while training.
    """

    shape: tuple[int, ...]
    fan_in: int = 0
    fan_out: int = 0
    start: float = 0.0
    learned: bool = True

    @property
    def is_weight(self) -> bool:
        """Whether an initialiser draws it and penalties act on it."""
        return self.fan_in > 0
