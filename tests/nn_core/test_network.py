"""Networks: where parameters stand in the flat array, what the penalties act on, and that nothing changes the dtype."""

import dataclasses

import numpy as np
import pytest

from nn_core.activations import Tanh
from nn_core.layers import Dense, Dropout, Residual
from nn_core.network import Network
from tests.nn_core.members import members
from tests.nn_core.runs import LAYERS, SETTINGS, same_bits, trainer


def test_views_are_windows_and_places_point_into_them():
    network = Network((Dense(4, Tanh()), Residual(3), Dense(2)), (5,))
    assert network.size == 5 * 4 + 4 + 4 * 3 + 3 + 3 * 4 + 4 * 2 + 2
    assert network.output_shape == (2,)
    theta = np.zeros((3, network.size), np.float32)
    theta[1, network.place(1, "W2", 2, 3)] = 9
    views = network.views(theta)
    assert views[1]["W2"].shape == (3, 3, 4)
    assert views[1]["W2"][1, 2, 3] == 9
    assert sum(np.count_nonzero(view) for layer in views for view in layer.values()) == 1
    views[2]["b"][0, 1] = 4
    assert theta[0, network.place(2, "b", 1)] == theta[0, -1] == 4


def test_mask_is_one_for_weights_alone():
    network = Network((Dense(4), Residual(3), Dropout(), Dense(2)), (5,))
    for layer in network.views(network.weights_mask()):
        assert {name: set(view.ravel()) for name, view in layer.items()} == {
            name: {0.0} if name == "b" else {1.0} for name in layer
        }


def test_a_change_of_one_layer_leaves_the_first_weights_of_the_others():
    run, other = trainer(), trainer((LAYERS[0], Dropout(0.1), Dense(9, Tanh()), LAYERS[3]))
    a, b = run.network.views(run.theta), other.network.views(other.theta)
    assert same_bits(a[0]["W"], b[0]["W"])
    assert not a[0]["b"].any()


@pytest.mark.parametrize("layer", members("layers"))
def test_dtype_is_kept(layer):
    for dtype in (np.float32, np.float64):
        run = trainer((Dense(4), layer, Dense(3)), dtype=dtype)
        run.run(steps=2)
        outputs, caches = run.network.forward(run.parts["test"][0], run._params)
        assert run.theta.dtype == outputs.dtype == dtype
        dx = run.network.backward(np.ones_like(outputs), caches, run._params, run._gradients, need_dx=True)
        assert dx.dtype == dtype
        assert dx.shape == run.parts["test"][0].shape


def test_a_learning_rate_of_numpys_own_kind_changes_nothing():
    plain = trainer(settings=dataclasses.replace(SETTINGS, learning_rate=0.1))
    numpys = trainer(settings=dataclasses.replace(SETTINGS, learning_rate=np.float64(0.1), batch_size=np.int64(8)))
    plain.run(steps=9)
    numpys.run(steps=9)
    assert same_bits(plain.theta, numpys.theta)
