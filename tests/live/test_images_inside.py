"""What a network holds and makes of a picture: bytes that are its numbers, and an embedding that stands still."""

import numpy as np
import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.initialisers import He
from nn_core.layers import AveragePool2D, BatchNorm, Conv2D, Dense, LayerNorm, MaxPool2D, Residual
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.optimisers import Adam
from playground.datasets.pictures import Digits
from playground.datasets.prepare import Pixels
from playground.experiments.config import PIXELS, Config
from playground.experiments.experiment import build
from playground.live.images.inside import Embedding, activations, as_tiles, first_weights

CONFIG = Config(
    data=Digits(samples=240),
    features=PIXELS,
    hidden=(Dense(12, ReLU()),),
    initialiser=He(),
    optimiser=Adam(),
    learning_rate=0.003,
    batch_size=20,
)


def built(*hidden, steps=5, **changes):
    experiment = build(CONFIG.replace(hidden=hidden, **changes))
    experiment.trainer.run(steps=steps)
    return experiment


def params(experiment):
    return experiment.network.views(experiment.trainer.theta)


def signed(values):
    """-1..1 of each entry's largest number as 1..255."""
    largest = np.abs(values).reshape(len(values), -1).max(axis=1).reshape(-1, *[1] * (values.ndim - 1))
    return np.rint(128 + 127 * values / largest)


def sheet_of(experiment, most=100):
    data = experiment.data
    return first_weights(experiment.network, experiment.trainer.theta, data.components, data.album.shape, most)


# --- first weights --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [(), (Dense(12, ReLU()),), (Residual(12),)], ids=str)
def test_first_weights_are_pictures(hidden):
    experiment = built(*hidden)
    weights = next(iter(params(experiment)[1].values()))
    sheet = sheet_of(experiment)
    count = weights.shape[1]
    assert sheet.tiles.shape == (count, 8, 8, 1)
    assert sheet.total == count
    assert sheet.signed
    np.testing.assert_allclose(sheet.tiles[..., 0].astype(float), signed(weights.T.reshape(-1, 8, 8)), atol=1)
    assert sheet_of(experiment, 3).tiles.shape == (3, 8, 8, 1)
    assert sheet_of(experiment, 3).total == count
    assert np.array_equal(sheet_of(experiment, 3).tiles, sheet.tiles[:3])


def test_filters_are_pictures():
    experiment = built(Conv2D(6, 5, activation=ReLU()), MaxPool2D(2))
    sheet = sheet_of(experiment)
    weights = params(experiment)[0]["W"]  # (kernel, kernel, channels, filters)
    np.testing.assert_allclose(sheet.tiles[..., 0], signed(np.moveaxis(weights[:, :, 0], -1, 0)), atol=1)
    assert (sheet.total, sheet.tiles.shape) == (6, (6, 5, 5, 1))


def test_filters_of_a_later_layer_where_a_pool_comes_first():
    experiment = built(MaxPool2D(2), Dense(5, Tanh()))
    sheet = sheet_of(experiment)
    assert sheet.tiles.shape == (5, 4, 4, 1)
    np.testing.assert_allclose(sheet.tiles[..., 0], signed(params(experiment)[2]["W"].T.reshape(-1, 4, 4)), atol=1)


@pytest.mark.parametrize("first", [BatchNorm(), LayerNorm()], ids=str)
def test_a_normalisation_before_does_not_hide_them(first):
    experiment = built(first, Dense(5, Tanh()))
    assert sheet_of(experiment).tiles.shape == (5, 8, 8, 1)


def test_weights_on_principal_components_are_seen_through_them():
    experiment = built(Dense(7, Tanh()), pixels=Pixels(components=11))
    pictures = (params(experiment)[0]["W"].T @ experiment.data.components.basis).reshape(7, 8, 8)
    np.testing.assert_allclose(sheet_of(experiment).tiles[..., 0], signed(pictures), atol=1)


def test_what_is_no_picture_is_not_shown():
    network = Network([Dense(4), Dense(3)], (5,))
    assert first_weights(network, np.ones(network.size, np.float32), None, (5,), 9) is None
    network = Network([MaxPool2D(2)], (4, 4, 1))
    assert first_weights(network, np.ones(0, np.float32), None, (4, 4, 1), 9) is None


def test_three_channels_are_colours_and_others_their_mean():
    rng = np.random.default_rng(0)
    colours = rng.normal(size=(4, 5, 5, 3))
    tiles = as_tiles(colours)
    assert tiles.shape == (4, 5, 5, 3)
    assert tiles.reshape(4, -1).min(axis=1).tolist() == [0] * 4
    assert tiles.reshape(4, -1).max(axis=1).tolist() == [255] * 4
    many = rng.normal(size=(4, 5, 5, 7))
    np.testing.assert_allclose(as_tiles(many)[..., 0], signed(many.mean(axis=-1)), atol=1)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("value", [0.0, 1e-30, 1e30, np.nan, np.inf, -np.inf])
def test_whatever_the_numbers_are_there_are_tiles(channels, value):
    pictures = np.zeros((2, 3, 3, channels), np.float32)
    pictures[0, 1, 1] = value
    with np.errstate(all="ignore"):
        tiles = as_tiles(pictures)
    assert tiles.dtype == np.uint8
    assert len(np.unique(tiles[1])) == 1  # a picture of zeros is even, whatever the other one is


# --- activations ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hidden", "titles", "maps"),
    [
        ((), [], []),
        ((Dense(12, ReLU()),), ["12 ReLU"], [False]),
        ((Dense(1200, Tanh()), Residual(5, ReLU())), ["1,200 tanh", "1,200 x + ReLU"], [False, False]),
        (
            (Conv2D(6, 3, activation=ReLU()), MaxPool2D(2), AveragePool2D(2), Dense(9, Tanh())),
            ["6 filters 3×3, ReLU", "6 maps, max of 2×2", "6 maps, mean of 2×2", "9 tanh"],
            [True, True, True, False],
        ),
        ((BatchNorm(), Dense(9), LayerNorm()), ["1 normalised", "9 linear", "9 normalised"], [True, False, False]),
    ],
    ids=str,
)
def test_layers_have_titles(hidden, titles, maps):
    experiment = built(*hidden, steps=1)
    x = experiment.encode(experiment.data.album.test[:1])
    logits, found = activations(experiment.network, experiment.trainer.theta, x)
    assert [layer.title.lower() for layer in found] == [title.lower() for title in titles]
    assert [layer.are_maps for layer in found] == maps
    np.testing.assert_array_equal(logits, experiment.network.predict(x, experiment.trainer.theta)[0])


def test_bytes_of_the_layers_are_what_the_layers_make():
    experiment = built(Conv2D(6, 3, activation=Tanh()), MaxPool2D(2), Dense(9, Tanh()), steps=30, dropout=0.5)
    x = experiment.encode(experiment.data.album.test[7:8])
    _, found = activations(experiment.network, experiment.trainer.theta, x)
    p, layers = params(experiment), experiment.network.layers
    maps, _ = layers[0].forward(x, p[0])
    pooled, _ = layers[1].forward(maps, p[1])
    units = np.tanh(pooled.reshape(1, -1) @ p[3]["W"] + p[3]["b"])
    np.testing.assert_allclose(found[0].values[..., 0], signed(np.moveaxis(maps[0], -1, 0)), atol=1)
    np.testing.assert_allclose(found[1].values[..., 0], signed(np.moveaxis(pooled[0], -1, 0)), atol=1)
    np.testing.assert_allclose(found[2].values, signed(units)[0], atol=1)
    assert all(layer.values.dtype == np.uint8 for layer in found)


def test_looking_changes_nothing():
    experiment = built(BatchNorm(), Conv2D(4, 3), Dense(5), dropout=0.3)
    before = experiment.fingerprint
    x = experiment.encode(experiment.data.album.test[:1])
    activations(experiment.network, experiment.trainer.theta, x)
    sheet_of(experiment)
    assert experiment.fingerprint == before


# --- the embedding --------------------------------------------------------------------------------------------------


class Clock:
    """Seconds that pass as a test says."""

    def __init__(self, each=0.0):
        self.time, self.each = 0.0, each

    def __call__(self):
        self.time += self.each
        return self.time


def embedding_of(experiment, count=60):
    return Embedding(experiment.network, CONFIG.loss, experiment.data.test.x[:count])


def hidden_of(experiment, count=60):
    """What the last hidden layer makes of the first test pictures."""
    x = experiment.data.test.x[:count]
    for layer, p in zip(experiment.network.layers[:-1], params(experiment)[:-1], strict=True):
        x, _ = layer.forward(x, p)
    return x.reshape(count, -1).astype(np.float64)


def distances(xy):
    return np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))


NETS = [
    (),
    (Dense(12, ReLU()),),
    (Dense(100, Tanh()),),
    (Dense(1, Tanh()),),
    (Dense(2, Tanh()),),
    (Conv2D(4, 3, activation=ReLU()), MaxPool2D(2)),
    (Dense(6), Residual(5)),
    (BatchNorm(),),
]


@pytest.mark.parametrize("hidden", NETS, ids=str)
def test_the_embedding_is_the_two_principal_directions(hidden):
    experiment = built(*hidden)
    xy = embedding_of(experiment).update(experiment.trainer.theta, 5)
    assert xy.shape == (60, 2)
    assert xy.dtype == np.float32
    hidden = hidden_of(experiment)
    u, sizes, _ = np.linalg.svd(hidden - hidden.mean(axis=0), full_matrices=False)
    places = (u * sizes)[:, :2]
    places = np.c_[places, np.zeros((60, 2 - places.shape[1]))]
    places /= np.quantile(np.hypot(*places.T), 0.99)
    np.testing.assert_allclose(distances(xy), distances(places), atol=2e-3)


def test_it_stands_still_when_nothing_is_trained():
    experiment = built(Dense(12, ReLU()))
    embedding = embedding_of(experiment)
    first = embedding.update(experiment.trainer.theta, 5)
    for _ in range(3):
        assert embedding.update(experiment.trainer.theta, 5) is first


def test_it_is_turned_to_where_it_stood():
    experiment = built(Dense(12, Tanh()))
    embedding = embedding_of(experiment)
    before = embedding.update(experiment.trainer.theta, experiment.trainer.step, now=Clock())
    for _ in range(6):
        experiment.trainer.run(steps=3)
        after = embedding.update(experiment.trainer.theta, experiment.trainer.step, now=Clock())
        assert after is not before
        hidden = hidden_of(experiment)
        u, sizes, _ = np.linalg.svd(hidden - hidden.mean(axis=0), full_matrices=False)
        places = (u * sizes)[:, :2]
        places /= np.quantile(np.hypot(*places.T), 0.99)
        np.testing.assert_allclose(distances(after), distances(places), atol=2e-3)  # turned, not bent
        missed = np.linalg.norm(after - before)
        for angle in np.linspace(0, 2 * np.pi, 73):
            turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            for mirror in (1, -1):
                assert np.linalg.norm(after @ turn * [1, mirror] - before) >= missed - 1e-4
        before = after


def test_the_same_weights_at_a_later_step_stay_where_they_are():
    experiment = built(Dense(12, Tanh()))
    embedding = embedding_of(experiment)
    first = embedding.update(experiment.trainer.theta, 5, now=Clock())
    again = embedding.update(experiment.trainer.theta, 6, now=Clock())
    np.testing.assert_allclose(again, first, atol=1e-4)


def test_it_is_worked_out_only_as_often_as_it_may_cost():
    experiment = built(Dense(12, Tanh()))
    embedding, clock = embedding_of(experiment), Clock(each=1.0)
    first = embedding.update(experiment.trainer.theta, 5, now=clock)
    clock.each = 0.0
    experiment.trainer.run(steps=1)
    assert embedding.update(experiment.trainer.theta, 6, now=clock) is first  # it took a second, so wait for a dozen
    clock.time += 100
    assert embedding.update(experiment.trainer.theta, 6, now=clock) is not first


def test_after_a_rewind_it_shows_the_first_weights_again():
    experiment = built(Dense(12, Tanh()), steps=0)
    embedding = embedding_of(experiment)
    first = embedding.update(experiment.trainer.theta, 0, now=Clock())
    experiment.trainer.run(epochs=3)
    moved = embedding.update(experiment.trainer.theta, experiment.trainer.step, now=Clock())
    experiment.trainer.rewind()
    again = embedding.update(experiment.trainer.theta, 0, now=Clock())
    assert np.abs(distances(moved) - distances(first)).max() > 0.01
    np.testing.assert_allclose(distances(again), distances(first), atol=1e-4)


def test_numbers_that_are_lost_have_places_as_well():
    experiment = built(Dense(12, ReLU()))
    for value in (np.nan, 0.0, 3e38):
        theta = np.full_like(experiment.trainer.theta, value)
        with np.errstate(all="ignore"):
            xy = Embedding(experiment.network, SoftmaxCrossEntropy(), experiment.data.test.x[:60]).update(theta, 1)
        assert np.all(np.isfinite(xy))
