"""The same layers, faster: a reader of nn_core may skip this folder.

The plain layers say what is computed; here is how the trainer computes it, without a new array for every intermediate
result. Both give the same numbers but for rounding, which the tests check; this way is always taken, live, in a sweep
and from a script, so that the last bit is the same everywhere.

    vectors.py    rows of Dense, Residual and Dropout; stages.py, bends.py, losses.py: their parts
    flattened.py  the same behind a Flatten: dense layers on pictures
    pictures.py   convolutions and pools; winograd.py, im2col.py, planes.py, buffers.py: their parts
    mixed.py      whatever else there is, by the plain layers
    updates.py    an optimiser's step in blocks; products.py, threads.py: large things in two halves
"""

import numpy as np

from nn_core.fast.flattened import Flattened
from nn_core.fast.mixed import Mixed
from nn_core.fast.products import take
from nn_core.fast.updates import Update
from nn_core.fast.vectors import Vectors
from nn_core.kinds import Loss
from nn_core.network import Network

Engine = Vectors | Flattened | Mixed

__all__ = ["Engine", "Flattened", "Mixed", "Update", "Vectors", "engine", "take"]


def engine(network: Network, loss: Loss, theta: np.ndarray, gradient: np.ndarray | None = None) -> Engine:
    """What computes gradients and outputs of this network fastest. It works on `theta` and `gradient` themselves."""
    if network.size and len(network.input_shape) == 1 and Vectors.takes_all(network.layers):
        return Vectors(network, loss, theta, gradient)
    return (Flattened if network.size and Flattened.takes(network) else Mixed)(network, loss, theta, gradient)
