"""Experiments on pictures: what fits is built and trains the same run each time, what does not has one sentence."""

import numpy as np
import pytest

from nn_core.activations import ELU, ReLU, Tanh
from nn_core.initialisers import He
from nn_core.layers import (
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    LayerNorm,
    MaxPool2D,
    Residual,
)
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.optimisers import Adam
from nn_core.spec import SpecError
from playground.datasets.augment import Augment
from playground.datasets.base import DataError
from playground.datasets.pictures import PICTURES, Cifar10, Digits, FashionMnist, Mnist
from playground.datasets.plane import Moons
from playground.datasets.prepare import Pixels
from playground.experiments import experiment as experiment_module
from playground.experiments.config import PIXELS, Config, forces_restart
from playground.experiments.experiment import build, with_data
from playground.experiments.link import read_link, show_link
from tests.datasets.test_pictures import forget, point_to
from tests.pages import PAGES

CONFIG = Config(
    data=Digits(samples=240),  # 220 to train on: 11 steps an epoch
    features=PIXELS,
    hidden=(Dense(12, ReLU()),),
    initialiser=He(),
    optimiser=Adam(),
    learning_rate=0.003,
    batch_size=20,
)
CONVOLUTIONAL = CONFIG.replace(hidden=(Conv2D(4, 3, activation=ReLU()), MaxPool2D(2), Dense(8, Tanh())))
LIVELY = CONVOLUTIONAL.replace(augment=Augment(1, 15.0), dropout=0.2, l2=1e-3, pixels=Pixels("standardised", True))


def refused(error, function, *args, **kwargs) -> str:
    """The one sentence with which a call is refused."""
    with pytest.raises(error) as caught:
        function(*args, **kwargs)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert len(sentence) < 300
    return sentence


def kinds(experiment):
    return [type(layer) for layer in experiment.network.layers]


@pytest.mark.parametrize(
    ("hidden", "layers"),
    [
        ((), [Flatten, Dense]),
        ((Dense(5, ReLU()),), [Flatten, Dense, Dropout, Dense]),
        ((Residual(5),), [Flatten, Residual, Dropout, Dense]),
        ((Conv2D(4, 3, activation=ReLU()),), [Conv2D, Flatten, Dense]),
        ((Conv2D(4, 3, 2, "valid"),), [Conv2D, Flatten, Dense]),
        ((Conv2D(4, 8, padding="valid"),), [Conv2D, Flatten, Dense]),
        ((MaxPool2D(),), [MaxPool2D, Flatten, Dense]),
        ((MaxPool2D(3, 1),), [MaxPool2D, Flatten, Dense]),
        ((AveragePool2D(8),), [AveragePool2D, Flatten, Dense]),
        ((BatchNorm(),), [BatchNorm, Flatten, Dense]),
        ((LayerNorm(),), [LayerNorm, Flatten, Dense]),
        ((Dense(5), BatchNorm(), LayerNorm()), [Flatten, Dense, Dropout, BatchNorm, LayerNorm, Dense]),
        (
            (Conv2D(4, 3), BatchNorm(), MaxPool2D(2), Residual(5), Dense(6)),
            [Conv2D, BatchNorm, MaxPool2D, Flatten, Residual, Dropout, Dense, Dropout, Dense],
        ),
        ((Dense(3),) * 12, [Flatten, *[Dense, Dropout] * 12, Dense]),
    ],
    ids=str,
)
def test_every_kind_of_layer_is_built_and_learns(hidden, layers):
    experiment = build(CONFIG.replace(hidden=hidden, dropout=0.1))
    assert kinds(experiment) == layers
    assert experiment.network.input_shape == (8, 8, 1)
    assert experiment.network.output_shape == (10,)
    before = experiment.trainer.theta.copy()
    experiment.trainer.run(epochs=1)
    assert experiment.trainer.step == 11
    assert not np.array_equal(experiment.trainer.theta, before)
    assert {name: len(outputs) for name, outputs in experiment.trainer.outputs.items()} == {
        "train": 220,
        "validation": 20,
        "test": 360,
    }
    assert all(np.all(np.isfinite(outputs)) for outputs in experiment.trainer.outputs.values())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_both_dtypes(dtype):
    experiment = build(CONVOLUTIONAL, dtype=dtype)
    experiment.trainer.run(steps=3)
    assert experiment.trainer.theta.dtype == experiment.trainer.outputs["test"].dtype == dtype
    picture = experiment.data.album.test[:2]
    assert experiment.encode(picture).dtype == dtype
    np.testing.assert_array_equal(experiment.encode(picture), experiment.data.test.x[:2])


def test_principal_components_take_the_place_of_pixels():
    experiment = build(CONFIG.replace(pixels=Pixels(components=17)))
    assert kinds(experiment) == [Dense, Dropout, Dense]
    assert experiment.network.input_shape == (17,)
    picture = experiment.data.album.test[:3]
    np.testing.assert_allclose(experiment.encode(picture), experiment.data.test.x[:3], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("hidden", "words"),
    [
        ((Conv2D(4, 9),), "Conv2D has a kernel of 9 x 9 pixels, larger than its picture of 8 x 8."),
        ((Conv2D(4, 9, padding="valid"),), "Conv2D has a kernel of 9 x 9 pixels"),
        ((MaxPool2D(9),), "MaxPool2D has a window of 9 x 9 pixels, larger than its picture of 8 x 8."),
        ((AveragePool2D(1000),), "AveragePool2D has a window of 1,000 x 1,000 pixels"),
        ((MaxPool2D(2),) * 4, "MaxPool2D has a window of 2 x 2 pixels, larger than its picture of 1 x 1."),
        ((MaxPool2D(4), Conv2D(4, 3)), "Conv2D has a kernel of 3 x 3 pixels, larger than its picture of 2 x 2."),
        ((Dense(4), Conv2D(4, 3)), "Conv2D takes pictures, (height, width, channels), but its input has"),
        ((Residual(4), MaxPool2D()), "MaxPool2D takes pictures, (height, width, channels), but its input has"),
    ],
    ids=str,
)
def test_layers_that_do_not_fit_have_one_sentence(hidden, words):
    sentence = refused(SpecError, build, CONFIG.replace(hidden=hidden))
    assert sentence.startswith("net does not fit the data: ")
    assert words in sentence


def test_layers_on_pictures_do_not_fit_principal_components():
    for layer in (Conv2D(4, 3), MaxPool2D(), AveragePool2D()):
        sentence = refused(SpecError, build, CONFIG.replace(hidden=(layer,), pixels=Pixels(components=9)))
        assert "takes pictures" in sentence


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden": (Dense(2048),) * 4}, "net may have at most 10,000,000 parameters here, not 12,742,666."),
        ({"hidden": (Conv2D(256, 3), Conv2D(2048, 3))}, "net asks for 304 million multiplications a picture"),
        (
            {"hidden": (Conv2D(128, 3), Conv2D(128, 3)), "batch_size": 2048},
            "net asks for 10 million multiplications a picture with a batch of 2,048; "
            "60 million a picture and 8 billion a batch are the most.",
        ),
    ],
    ids=str,
)
def test_too_large_a_net_has_one_sentence(changes, words):
    assert words in refused(SpecError, build, CONFIG.replace(**changes))


@pytest.mark.parametrize(("batch", "word"), [(0, "full"), (2049, "2049"), (1_000_000, "1000000")])
def test_too_large_a_batch_has_one_sentence(batch, word):
    assert refused(SpecError, CONFIG.replace, batch_size=batch) == (
        f"batch must be from 1 to 2,048 pictures, not {word}."
    )


@pytest.mark.parametrize("batch", [1, 2048])
def test_the_smallest_and_the_largest_batch(batch):
    experiment = build(CONFIG.replace(batch_size=batch))
    experiment.trainer.run(epochs=1)
    assert experiment.trainer.step == -(-220 // batch)


def test_work_is_counted_when_the_batch_grows_in_mid_run(monkeypatch):
    monkeypatch.setattr(experiment_module, "MOST_WORK_A_STEP", 50_000)  # 910 multiplications a picture
    experiment = build(CONFIG)
    sentence = refused(SpecError, experiment.change, CONFIG.replace(batch_size=2048))
    assert "with a batch of 2,048" in sentence
    assert experiment.config == CONFIG
    assert experiment.trainer.settings.batch_size == 20


# --- links ----------------------------------------------------------------------------------------------------------


def random_layer(rng):
    """Any layer that a link has a name for, with an activation that differs from layer to layer."""
    bend = [ReLU(), Tanh(), ELU(0.25)][rng.integers(3)]
    whole = lambda high: int(rng.integers(1, high + 1))  # noqa: E731
    return [
        Conv2D(whole(2048), whole(99), whole(9), ["same", "valid"][rng.integers(2)], bend),
        Conv2D(whole(64), 3, activation=bend),
        MaxPool2D(whole(99), int(rng.integers(100))),
        AveragePool2D(whole(99), int(rng.integers(100))),
        BatchNorm(),
        LayerNorm(),
        Dense(whole(2048), bend),
        Residual(whole(2048), bend),
    ][rng.integers(8)]


def random_config(seed):
    rng = np.random.default_rng(seed)
    data = [Digits, Mnist, FashionMnist, Cifar10][rng.integers(4)](samples=int(rng.integers(100, 1438)))
    components = int(rng.integers(2) * rng.integers(501))
    moved = Augment() if components else Augment(int(rng.integers(7)), float(rng.random() * 45))
    return CONFIG.replace(
        data=data,
        hidden=tuple(random_layer(rng) for _ in range(rng.integers(13))),
        pixels=Pixels(["0-1", "standardised"][rng.integers(2)], bool(rng.integers(2)), components),
        augment=moved,
        learning_rate=float(10 ** rng.uniform(-5, 2)),
        batch_size=int(rng.integers(1, 2049)),
        dropout=float(rng.integers(2) * rng.random() * 0.9),
        stop_epochs=int(rng.integers(2) * 7),
        seed_split=int(rng.integers(2**32)),
    )


@pytest.mark.parametrize("seed", range(200))
def test_random_configs_survive_their_links(seed):
    config = random_config(seed)
    page = Config(data=Mnist(), features=PIXELS, hidden=(Conv2D(5, 4),))
    link = show_link(config)
    assert read_link(link, page) == (config, [])
    assert read_link(link, config) == (config, [])
    assert show_link(read_link(link, page)[0]) == link


@pytest.mark.parametrize(
    "layer",
    [
        Conv2D(8, 3, stride=10),
        Conv2D(8, 3, stride=1000),
        MaxPool2D(2, 100),
        AveragePool2D(2, 1000),
        Conv2D(8, 100),
        MaxPool2D(100),
    ],
    ids=str,
)
def test_a_layer_that_can_be_chosen_survives_its_link(layer):
    config = CONFIG.replace(hidden=(layer,))
    assert read_link(show_link(config), CONFIG) == (config, [])


@pytest.mark.parametrize("layer", [BatchNorm(momentum=0.5), BatchNorm(epsilon=0.1), LayerNorm(epsilon=0.1)], ids=str)
def test_normalisations_with_turned_knobs_are_refused(layer):
    """A link could not tell them from the usual ones."""
    assert "usual knobs" in refused(SpecError, CONFIG.replace, hidden=(layer,))


@pytest.mark.parametrize(
    "net",
    [
        "conv0x0",
        "conv0x3",
        "conv8x0",
        "conv99999x5",
        "conv3x",
        "convx3",
        "conv",
        "conv3x3x3",
        "conv8x3s0",
        "conv8x3s",
        "conv8x3vs2",
        "conv8x3vv",
        "conv-3x3",
        "conv 8x3",
        "CONV8x3",
        "conv٣x٣",
        "conv8x３",
        "max0",
        "max",
        "max-2",
        "max2s",
        "max٢",
        "avg0",
        "avg2.5",
        "bn2",
        "ln0",
        "bnbn",
        "resconv8x3",
        "resmax2",
        "res0",
        "res",
        "2049",
        "-",
        "0-0",
        "²",
        "9" * 1999,
        "conv" + "9" * 1990,
        "max2" * 400,
        "conv8x3-" * 200,
        "4" + "-4" * 12,
        "4" * 10_000,
        "(" * 10_000,
        "<img src=x onerror=alert(1)>",
    ],
    ids=lambda text: text[:30],
)
def test_hostile_nets_cost_one_sentence_and_themselves(net):
    config, problems = read_link({"net": net, "rate": "0.25"}, CONVOLUTIONAL)
    assert config == CONVOLUTIONAL.replace(learning_rate=0.25)
    assert len(problems) == 1
    assert problems[0].startswith("The link's net was left out: ")
    assert "\n" not in problems[0]
    assert len(problems[0]) < 300
    assert problems[0].endswith(".")


def test_too_many_filters_cost_one_sentence_as_well():
    config, problems = read_link({"net": "conv9999x5", "rate": "0.25"}, CONVOLUTIONAL)
    assert config == CONVOLUTIONAL.replace(learning_rate=0.25)
    assert len(problems) == 1
    assert problems[0].endswith("net must have from 1 to 2,048 units in each layer, not 9,999.")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("pixels", "pixels(components=501)"),
        ("pixels", "pixels(scale=big)"),
        ("pixels", "augment"),
        ("pixels", "pixels(components=-1)"),
        ("augment", "augment(shift=7)"),
        ("augment", "augment(turn=nan)"),
        ("augment", "augment(shift=1.5)"),
        ("augment", "x" * 10_000),
        ("batch", "full"),
        ("batch", "0"),
        ("batch", "2049"),
        ("features", "x1,x2"),
        ("data", "digits(samples=99)"),
        ("data", "digits(samples=1438)"),
        ("data", "mnist(samples=60001)"),
        ("loss", "mse"),
    ],
    ids=lambda text: text[:30],
)
def test_other_hostile_parts_cost_one_sentence_and_themselves(key, text):
    config, problems = read_link({key: text, "net": "conv4x3-max2-8", "rate": "0.25"}, CONFIG)
    hidden = (Conv2D(4, 3, activation=ReLU()), MaxPool2D(2), Dense(8, ReLU()))
    assert config == CONFIG.replace(learning_rate=0.25, hidden=hidden)
    assert len(problems) == 1
    assert problems[0].startswith(f"The link's {key} was left out: ")
    assert problems[0].endswith(".")


def test_activations_are_those_of_the_layers_that_have_one():
    config, problems = read_link({"net": "conv4x3-bn-max2-res8-6", "activation": "relu,tanh,elu"}, CONFIG)
    assert problems == []
    assert [getattr(layer, "activation", None) for layer in config.hidden] == [ReLU(), None, None, Tanh(), ELU()]
    config, problems = read_link({"net": "bn-max2", "activation": "relu,tanh"}, CONFIG)
    assert len(problems) == 1
    assert "names 2 activations for 0 hidden layers" in problems[0]
    assert config == CONFIG.replace(hidden=(BatchNorm(), MaxPool2D(2)))


def test_a_plane_data_set_on_a_picture_page_is_refused_and_nothing_is_lost():
    config, problems = read_link({"data": "moons", "rate": "0.25"}, CONFIG)
    assert problems == ["The link's data was left out: data Moons is not a picture set; open it on its own page."]
    assert config == CONFIG.replace(learning_rate=0.25)
    config, problems = read_link({"data": "sine", "net": "conv4x3", "rate": "0.25"}, CONFIG)
    assert len(problems) == 1
    assert config == CONFIG.replace(learning_rate=0.25, hidden=(Conv2D(4, 3, activation=ReLU()),))


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_set_on_a_plane_page_is_refused_and_nothing_is_lost(name):
    page = PAGES["moons"].default
    config, problems = read_link({"data": name, "rate": "0.25", "net": "3"}, page)
    assert problems == [
        f"The link's data was left out: data {PICTURES[name].label} is a picture set, which has a page of its own; "
        "open it on its own page."
    ]
    assert config == page.replace(learning_rate=0.25, hidden=(Dense(3, Tanh()),))


def test_the_whole_link_of_a_plane_run_leaves_a_picture_page_its_pictures():
    config, problems = read_link(show_link(PAGES["moons"].default), CONFIG)
    assert config.data == CONFIG.data
    assert config.features == PIXELS
    assert 1 <= len(problems) <= 2  # data, and perhaps its features
    build(config)


def test_data_that_change_in_a_run():
    """A lab changes from the plane to pictures; what else does not fit them is refused, and nothing is lost."""
    plane = PAGES["moons"].default
    assert "is not a picture set" in refused(SpecError, CONFIG.replace, data=Moons())
    assert with_data(CONFIG, Digits(500)) == CONFIG.replace(data=Digits(500))
    assert with_data(plane, Digits(500)) == plane.replace(data=Digits(500), features=PIXELS)
    assert "batch must be from 1 to 2,048 pictures, not full." in refused(
        SpecError, with_data, plane.replace(batch_size=0), Digits()
    )
    assert with_data(CONFIG, Moons()) == CONFIG.replace(data=Moons(), features=("x1", "x2"))


# --- runs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "config",
    [LIVELY, CONFIG.replace(augment=Augment(2, 0.0), dropout=0.3), CONFIG.replace(pixels=Pixels(components=20))],
    ids=["convolutional", "dense", "components"],
)
def test_in_slices_and_resumed_it_is_the_same_run(config):
    whole, cut, resumed = build(config), build(config), build(config)
    whole.trainer.run(steps=37)
    for steps in (1, 2, 3, 14):
        cut.trainer.run(steps=steps)
    resumed.trainer.restore(cut.trainer.save())
    resumed.trainer.run(steps=17)
    for seconds in (0.0, 0.0, 0.0):  # at least one step each
        cut.trainer.run(seconds=seconds)
    cut.trainer.run(steps=37 - cut.trainer.step)
    for other in (cut, resumed):
        assert other.fingerprint == whole.fingerprint
        assert np.array_equal(other.trainer.theta, whole.trainer.theta)
        assert other.trainer.history.last == whole.trainer.history.last
        assert np.array_equal(other.trainer.outputs["test"], whole.trainer.outputs["test"])


def test_rewound_it_is_the_same_run():
    experiment = build(LIVELY)
    experiment.trainer.run(steps=15)
    then = experiment.fingerprint
    experiment.trainer.rewind()
    experiment.trainer.run(steps=15)
    assert experiment.fingerprint == then


@pytest.mark.parametrize("seed", ["seed_split", "seed_weights", "seed_batches"])
def test_each_seed_matters(seed):
    first, second = build(LIVELY), build(LIVELY.replace(**{seed: 1}))
    first.trainer.run(steps=3)
    second.trainer.run(steps=3)
    assert not np.array_equal(first.trainer.theta, second.trainer.theta)


@pytest.mark.parametrize("change", [{"augment": Augment(2)}, {"pixels": Pixels("standardised")}, {"data": Digits(241)}])
def test_what_is_done_to_pictures_matters(change):
    first, second = build(CONFIG), build(CONFIG.replace(**change))
    first.trainer.run(steps=3)
    second.trainer.run(steps=3)
    assert not np.array_equal(first.trainer.theta, second.trainer.theta)


def test_augmentation_may_change_in_mid_run():
    moved = CONFIG.replace(augment=Augment(1, 20.0))
    assert not forces_restart(CONFIG, moved)
    first, second, never, always = build(CONFIG), build(CONFIG), build(CONFIG), build(moved)
    for experiment in (first, second):
        experiment.trainer.run(steps=15)
        before = experiment.trainer.theta.copy()
        experiment.change(moved)
        assert experiment.config == moved
        assert experiment.trainer.step == 15
        assert np.array_equal(experiment.trainer.theta, before)
        experiment.trainer.run(steps=7)
    never.trainer.run(steps=22)
    always.trainer.run(steps=22)
    assert np.array_equal(first.trainer.theta, second.trainer.theta)
    assert not np.array_equal(first.trainer.theta, never.trainer.theta)
    assert not np.array_equal(first.trainer.theta, always.trainer.theta)
    first.trainer.rewind()
    first.trainer.run(steps=22)
    assert first.fingerprint == always.fingerprint


def test_augmentation_changes_what_is_learned_from_and_not_what_is_measured():
    plain, moved = build(CONFIG), build(CONFIG.replace(augment=Augment(3, 30.0)))
    assert plain.trainer.history.last == moved.trainer.history.last  # at step 0


def test_another_scale_restarts():
    for pixels in (Pixels("standardised"), Pixels(mean_image=True), Pixels(components=5)):
        assert forces_restart(CONFIG, CONFIG.replace(pixels=pixels))


def test_augmentation_on_the_plane_does_no_harm():
    config, problems = read_link({"augment": "augment(shift=2)"}, PAGES["moons"].default)
    assert len(problems) <= 1
    experiment = build(config)
    experiment.trainer.run(steps=2)
    experiment.change(PAGES["moons"].default)
    assert experiment.config == PAGES["moons"].default


# --- sets that are not here -----------------------------------------------------------------------------------------


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """All places where pictures are looked for, empty."""
    point_to(tmp_path, monkeypatch)
    forget()


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (Mnist(150), "MNIST is not on this computer; fetch it with Download on its page, or put the four files into"),
        (FashionMnist(150), "Fashion-MNIST is not on this computer; fetch it with Download on its page"),
        (Cifar10(150), "CIFAR-10 is not on this computer; fetch it with Download on its page, or put the .bin files"),
    ],
)
def test_a_set_that_is_missing_has_one_sentence(data, words):
    assert not data.is_here()
    config = CONFIG.replace(data=data, pixels=Pixels("standardised", True))
    assert refused(DataError, build, config).startswith(words)
    assert refused(DataError, build, config.replace(pixels=Pixels(components=5))).startswith(words)
    assert refused(DataError, with_data, CONFIG, data).startswith(words)
    assert refused(DataError, data.draw, np.random.default_rng(0)).startswith(data.label)


@pytest.mark.usefixtures("nowhere")
def test_the_digits_are_always_here():
    assert Digits().is_here()
    assert build(CONFIG).config.loss == SoftmaxCrossEntropy()
