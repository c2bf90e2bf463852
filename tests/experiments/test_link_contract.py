"""Links are a promise: one that was sent years ago must still mean the same run. So here they stand letter by letter.

Where a test of this file breaks, a default or a name was changed under the links that people have kept. The way out is
to keep the old meaning (a new name for the new thing), not to change the test.
"""

import pytest

from nn_core.activations import ACTIVATIONS, ELU, LeakyReLU, ReLU, Tanh
from nn_core.initialisers import INITIALISERS, Glorot, He, Normal, Zeros
from nn_core.layers import AveragePool2D, BatchNorm, Conv2D, Dense, LayerNorm, MaxPool2D, Residual
from nn_core.losses import LOSSES, MeanSquaredError, SoftmaxCrossEntropy
from nn_core.optimisers import OPTIMISERS, SGD, Adam, AdamW
from nn_core.schedules import SCHEDULES, Constant, ExponentialDecay, WarmUpCoolDown
from nn_core.spec import knobs
from playground.datasets.augment import Augment
from playground.datasets.pictures import Cifar10, Digits, Mnist
from playground.datasets.plane import GaussianMixture, Moons
from playground.datasets.prepare import Pixels
from playground.datasets.shipped import Shipped
from playground.datasets.values import Sine
from playground.experiments.config import PIXELS, SOURCES, Config
from playground.experiments.link import QUIET_OF_PICTURES, read_link, show_link
from tests.pages import PAGES, PICTURES, PLANE

REGISTRIES = {knob.name: knob.registry for knob in knobs(Config)}

# Names, knobs and defaults of everything that a link can name: a knob at its default is not written into a link.
FOREVER = {
    "activation": (
        ACTIVATIONS,
        "linear: Linear()",
        "relu: ReLU()",
        "leaky_relu: LeakyReLU(slope=0.01)",
        "tanh: Tanh()",
        "sigmoid: Sigmoid()",
        "softplus: Softplus()",
        "elu: ELU(alpha=1.0)",
        "gelu: GELU()",
        "silu: SiLU()",
    ),
    "init": (
        INITIALISERS,
        "zeros: Zeros()",
        "normal: Normal(std=1.0)",
        "glorot: Glorot(distribution='normal')",
        "he: He(distribution='normal')",
        "lecun: LeCun(distribution='normal')",
    ),
    "loss": (
        LOSSES,
        "cross_entropy: SoftmaxCrossEntropy()",
        "mse: MeanSquaredError(mean_over='samples and outputs')",
    ),
    "optimiser": (
        OPTIMISERS,
        "sgd: SGD()",
        "momentum: Momentum(momentum=0.9)",
        "nesterov: Nesterov(momentum=0.9)",
        "adagrad: AdaGrad(epsilon=1e-10)",
        "rmsprop: RMSProp(decay=0.99, epsilon=1e-08)",
        "adam: Adam(beta1=0.9, beta2=0.999, epsilon=1e-08)",
        "adamw: AdamW(beta1=0.9, beta2=0.999, epsilon=1e-08, weight_decay=0.01)",
    ),
    "schedule": (
        SCHEDULES,
        "constant: Constant()",
        "step: StepDecay(every=50, gamma=0.5)",
        "exponential: ExponentialDecay(gamma=0.98)",
        "time: TimeBasedDecay(decay=0.02)",
        "cosine: Cosine(epochs=200, floor=0.0)",
        "warm_up: WarmUpCoolDown(warm_up=10, hold=100, cool_down=90, floor=0.01)",
    ),
    "data": (
        SOURCES,
        "swiss_roll: SwissRoll(samples=450, noise=0.035, classes=2, turns=1.2)",
        "peaks: Peaks(samples=500, noise=0.0, classes=5)",
        "gmm: GaussianMixture(samples=500, dimensions=5, classes=5, components=3, spread=0.6)",
        "moons: Moons(samples=400, noise=0.1)",
        "circles: Circles(samples=400, noise=0.08, factor=0.5)",
        "xor: Xor(samples=400, noise=0.1, gap=0.3)",
        "blobs: Blobs(samples=400, noise=0.45, classes=3)",
        "checkerboard: Checkerboard(samples=500, noise=0.05, cells=4)",
        "curve: Curve(samples=400, shape='sine', margin=0.15, noise=0.05)",
        "line: Line(samples=400, slope=0.5, intercept=0.25, noise=0.2)",
        "sine: Sine(samples=400, periods=1.5, noise=0.1)",
        "peaks_height: PeaksHeight(samples=500, noise=0.02)",
        "shipped: Shipped(name='swiss_roll')",
        "digits: Digits(samples=1437)",
        "mnist: Mnist(samples=60000)",
        "fashion_mnist: FashionMnist(samples=60000)",
        "cifar10: Cifar10(samples=50000)",
        "own: Own(fingerprint='none')",
    ),
    "pixels": (REGISTRIES["pixels"], "pixels: Pixels(scale='0-1', mean_image=False, components=0)"),
    "augment": (REGISTRIES["augment"], "augment: Augment(shift=0, turn=0.0)"),
}
# Layers on pictures, with all that their short names leave out.
LAYERS = {
    "conv32x5": Conv2D(32, 5, 1, "same", Tanh()),
    "conv8x3s2v": Conv2D(8, 3, 2, "valid", Tanh()),
    "conv2048x99s9": Conv2D(2048, 99, 9, "same", Tanh()),
    "conv1x1v": Conv2D(1, 1, 1, "valid", Tanh()),
    "max2": MaxPool2D(2, 0),
    "max3s1": MaxPool2D(3, 1),
    "avg2": AveragePool2D(2, 0),
    "avg99s99": AveragePool2D(99, 99),
    "bn": BatchNorm(0.1, 1e-5),
    "ln": LayerNorm(1e-5),
    "res64": Residual(64, Tanh()),
    "1024": Dense(1024, Tanh()),
    "2048": Dense(2048, Tanh()),
}
# What a link leaves out.
QUIET = {
    "standardise": False,
    "standardise_targets": False,
    "l1": 0.0,
    "l2": 0.0,
    "dropout": 0.0,
    "validation_share": 0.15,
    "test_share": 0.25,
    "stop_epochs": 0,
    "stop_accuracy": 0.0,
    "stop_patience": 0,
    "pixels": Pixels("0-1", False, 0),
    "augment": Augment(0, 0.0),
}
LINKS = {
    "data=shipped&features=x1,x2&net=16-16&activation=tanh&init=normal&loss=cross_entropy&optimiser=sgd"
    "&schedule=constant&rate=0.01&batch=32&stop_epochs=200&seeds=0-0-0-0": Config(
        data=Shipped("swiss_roll"),
        features=("x1", "x2"),
        hidden=(Dense(16, Tanh()), Dense(16, Tanh())),
        initialiser=Normal(std=1.0),
        loss=SoftmaxCrossEntropy(),
        optimiser=SGD(),
        schedule=Constant(),
        learning_rate=0.01,
        batch_size=32,
        stop_epochs=200,
        **dict.fromkeys(("seed_data", "seed_split", "seed_weights", "seed_batches"), 0),
    ),
    "data=moons(samples=120,noise=0.25)&features=x1,x2,x1^2,x2^2,x1x2,sin1,sin2&net=8-res4-4&activation=relu,elu(alpha=0.5)"
    ",leaky_relu&init=he(distribution=uniform)&loss=cross_entropy&optimiser=adamw(beta1=0.8,weight_decay=0.1)"
    "&schedule=warm_up(warm_up=5,floor=0.1)&rate=0.003&batch=full&standardise=on&l1=0.0001&l2=0.001&dropout=0.2"
    "&validation_share=0.1&test_share=0.3&stop_epochs=500&stop_accuracy=0.99&stop_patience=40"
    "&seeds=1-2-3-4294967295": Config(
        data=Moons(samples=120, noise=0.25),
        features=("x1", "x2", "x1^2", "x2^2", "x1x2", "sin1", "sin2"),
        standardise=True,
        hidden=(Dense(8, ReLU()), Residual(4, ELU(0.5)), Dense(4, LeakyReLU(0.01))),
        initialiser=He("uniform"),
        loss=SoftmaxCrossEntropy(),
        optimiser=AdamW(beta1=0.8, beta2=0.999, epsilon=1e-8, weight_decay=0.1),
        schedule=WarmUpCoolDown(warm_up=5, hold=100, cool_down=90, floor=0.1),
        learning_rate=0.003,
        batch_size=0,
        l1=0.0001,
        l2=0.001,
        dropout=0.2,
        seed_data=1,
        seed_split=2,
        seed_weights=3,
        seed_batches=4294967295,
        validation_share=0.1,
        test_share=0.3,
        stop_epochs=500,
        stop_accuracy=0.99,
        stop_patience=40,
    ),
    "data=sine&features=x1&net=0&init=glorot&loss=mse&optimiser=adam&schedule=constant&rate=0.01&batch=32"
    "&seeds=0-0-0-0": Config(
        data=Sine(samples=400, periods=1.5, noise=0.1),
        features=("x1",),
        hidden=(),
        initialiser=Glorot("normal"),
        loss=MeanSquaredError("samples and outputs"),
        optimiser=Adam(0.9, 0.999, 1e-8),
        learning_rate=0.01,
        batch_size=32,
    ),
    "data=gmm(dimensions=3)&features=x1,x3&net=64&activation=gelu&init=zeros&loss=cross_entropy&optimiser=momentum"
    "&schedule=cosine&rate=10&batch=1&seeds=0-0-0-7": None,  # its text alone
}
# On picture pages some of what links leave out is on, so all of that is turned here.
PICTURE_LINKS = {
    "data=mnist(samples=2000)&net=conv32x5-max2-bn-conv8x3s2v-avg2s1-ln-res64-1024"
    "&activation=relu,elu(alpha=0.5),tanh,leaky_relu&init=he&loss=cross_entropy&optimiser=adam&schedule=constant"
    "&rate=0.001&batch=64&pixels=pixels(scale=standardised,mean_image=on)&augment=augment(shift=2,turn=7.5)"
    "&l1=0.0001&l2=0.001&dropout=0.5&stop_epochs=3&stop_accuracy=0.99&stop_patience=2&seeds=1-2-3-4": Config(
        data=Mnist(samples=2000),
        features=PIXELS,
        hidden=(
            Conv2D(32, 5, 1, "same", ReLU()),
            MaxPool2D(2, 0),
            BatchNorm(0.1, 1e-5),
            Conv2D(8, 3, 2, "valid", ELU(0.5)),
            AveragePool2D(2, 1),
            LayerNorm(1e-5),
            Residual(64, Tanh()),
            Dense(1024, LeakyReLU(0.01)),
        ),
        initialiser=He("normal"),
        loss=SoftmaxCrossEntropy(),
        optimiser=Adam(0.9, 0.999, 1e-8),
        schedule=Constant(),
        learning_rate=0.001,
        batch_size=64,
        pixels=Pixels("standardised", True, 0),
        augment=Augment(2, 7.5),
        l1=0.0001,
        l2=0.001,
        dropout=0.5,
        stop_epochs=3,
        stop_accuracy=0.99,
        stop_patience=2,
        seed_data=1,
        seed_split=2,
        seed_weights=3,
        seed_batches=4,
    ),
    "data=cifar10&net=100&activation=relu&init=he&loss=cross_entropy&optimiser=sgd&schedule=exponential(gamma=0.95)"
    "&rate=0.1&batch=200&pixels=pixels(components=99)&l2=0.003&stop_epochs=30&seeds=0-0-0-0": Config(
        data=Cifar10(samples=50_000),
        features=PIXELS,
        hidden=(Dense(100, ReLU()),),
        initialiser=He("normal"),
        optimiser=SGD(),
        schedule=ExponentialDecay(0.95),
        learning_rate=0.1,
        batch_size=200,
        pixels=Pixels("0-1", False, 99),
        l2=0.003,
        stop_epochs=30,
    ),
    "data=digits&net=0&init=zeros&loss=cross_entropy&optimiser=sgd&schedule=constant&rate=0.5&batch=2048"
    "&pixels=pixels(scale=standardised)&l2=1&stop_epochs=9&seeds=0-7-0-0": Config(
        data=Digits(samples=1437),
        features=PIXELS,
        hidden=(),
        initialiser=Zeros(),
        optimiser=SGD(),
        learning_rate=0.5,
        batch_size=2048,
        pixels=Pixels("standardised", False, 0),
        l2=1.0,
        stop_epochs=9,
        seed_split=7,
    ),
    "data=fashion_mnist(samples=100)&net=2048&activation=gelu&init=lecun&loss=cross_entropy&optimiser=momentum"
    "&schedule=cosine&rate=10&batch=1&pixels=pixels(mean_image=on)&l2=2&stop_epochs=1&seeds=0-0-0-7": None,
}


@pytest.mark.parametrize("key", FOREVER)
def test_names_and_defaults_of_what_links_name_stay(key):
    registry, *promised = FOREVER[key]
    assert [f"{name}: {kind()!r}" for name, kind in registry.items()][: len(promised)] == promised


def test_what_links_leave_out_stays():
    rest = Config()
    assert {name: getattr(rest, name) for name in QUIET} == QUIET


@pytest.mark.parametrize("view", PICTURES)
def test_what_links_of_pictures_leave_out_is_off_on_every_page(view):
    page, rest = PAGES[view].default, Config()
    assert all(getattr(page, name) == getattr(rest, name) for name in QUIET_OF_PICTURES)


@pytest.mark.parametrize("token", LAYERS)
def test_names_of_layers_on_pictures_stay(token):
    page = Config(data=Mnist(), features=PIXELS)
    config, problems = read_link({"net": token, "activation": "tanh"}, page)
    assert (config.hidden, problems) == ((LAYERS[token],), [])
    assert show_link(config)["net"] == token


def means_the_same(text, expected, view):
    query = dict(part.split("=", 1) for part in text.split("&"))
    config, problems = read_link(query, PAGES[view].default)
    assert problems == []
    assert expected in (config, None)
    assert show_link(config) == query


@pytest.mark.parametrize("text", LINKS)
@pytest.mark.parametrize("view", PLANE)
def test_a_link_means_the_same_on_every_page_for_ever(text, view):
    means_the_same(text, LINKS[text], view)


@pytest.mark.parametrize("text", PICTURE_LINKS)
@pytest.mark.parametrize("view", PICTURES)
def test_a_link_means_the_same_on_every_picture_page_for_ever(text, view):
    means_the_same(text, PICTURE_LINKS[text], view)


def test_a_short_link_takes_the_rest_from_the_page():
    page = PAGES["moons"].default
    config, problems = read_link({"rate": "0.1", "net": "3", "data": "gmm"}, page)
    assert problems == []
    assert config == page.replace(
        learning_rate=0.1,
        hidden=(Dense(3, Tanh()),),
        data=GaussianMixture(samples=500, dimensions=5, classes=5, components=3, spread=0.6),
    )


@pytest.mark.parametrize("view", PICTURES)
def test_what_is_off_in_a_picture_run_is_off_in_its_link(view):
    """Whatever the page itself has on: penalties, stop rules, mean picture."""
    page = PAGES[view].default
    config = page.replace(**QUIET)
    assert read_link(show_link(config), page) == (config, [])


@pytest.mark.parametrize("view", PLANE)
def test_pages_open_with_nothing_on_that_links_leave_out(view):
    assert {name: getattr(PAGES[view].default, name) for name in QUIET} == QUIET
