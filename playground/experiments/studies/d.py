"""Group D: a two-layer net on pictures, the toy net and CIFAR-10."""

from nn_core.activations import ReLU
from nn_core.initialisers import He, Normal
from nn_core.layers import Dense
from nn_core.optimisers import SGD, Adam
from nn_core.schedules import ExponentialDecay
from playground.datasets.pictures import Cifar10
from playground.datasets.prepare import Pixels
from playground.experiments.config import PIXELS, Config
from playground.experiments.studies.derivatives import toy_net
from playground.experiments.studies.pictures import explained_variance, first_weights
from playground.experiments.studies.study import Cell, Study, over

PHOTOS = Config(data=Cifar10(), features=PIXELS, pixels=Pixels(mean_image=True), hidden=(Dense(50, ReLU()),),
                initialiser=He(), optimiser=Adam(), schedule=ExponentialDecay(0.95), learning_rate=0.001,
                batch_size=200, l2=0.003, stop_epochs=15)  # fmt: skip
TABLES = PHOTOS.replace(data=Cifar10(samples=10_000), stop_epochs=5)
UNITS, RATES = (10, 30, 50, 80, 120), (0.0003, 0.001, 0.003, 0.01)
DEEP = PHOTOS.replace(data=Cifar10(samples=10_000), l2=0.0, stop_epochs=10)


def hidden(units: int, layers: int = 1) -> tuple[Dense, ...]:
    """Hidden layers of ReLU units."""
    return (Dense(units, ReLU()),) * layers


def tables() -> tuple[Cell, ...]:
    """Rate and units as a heat map, and one table for each of the other settings."""
    grid = [
        Cell(f"rate {rate:g}, {units} units", TABLES.replace(hidden=hidden(units), learning_rate=rate), None,
             f"{units} units", f"{rate:g}")
        for units in UNITS
        for rate in RATES
    ]  # fmt: skip
    grid += over(TABLES, "batch_size", (100, 300, 400, 500), lambda v: f"batch: {v}")
    grid += over(TABLES, "l2", (0.0, 0.01, 0.1, 1.0), lambda v: f"L2: {v:g}")
    grid += over(TABLES, "dropout", (0.25, 0.5, 0.75), lambda v: f"dropout keeps: {1 - v:g}")
    pca = [Pixels(mean_image=True, components=count) for count in (50, 250)]
    return (*grid, *over(TABLES, "pixels", pca, lambda v: f"PCA: {v.components} components"))


STUDIES = (
    Study(
        "D1",
        "The toy net",
        "Do scores, loss and gradients of a 4-10-3 net agree with the published ones?",
        "every relative error under 1e-8",
        "Scores and loss agree to every printed digit, and the largest relative error of each parameter's gradient "
        "against finite differences is far below 1e-8.",
        "table",
        measure=toy_net,
    ),
    Study(
        "D2",
        "Two-layer nets on CIFAR-10",
        "What do 3072-50-10 and 3072-100-10 with ReLU reach on CIFAR-10?",
        "52 to 54 %",
        "The report's rate of .001 is for pixels from 0 to 255; ours run from 0 to 1, where the same SGD hardly moves, "
        "as the last line shows. So we train with Adam, L2 of .003 and 15 epochs; the report's penalty "
        ".25 sum(W^2) is .5 by our convention. With a part of the training pictures the accuracy is lower.",
        "curves",
        (
            *over(PHOTOS, "hidden", (hidden(50), hidden(100)), lambda h: f"3072-{h[0].units}-10 Adam", (0.53, 0.53)),
            Cell("3072-50-10 SGD as printed", PHOTOS.replace(optimiser=SGD(), l2=0.5, initialiser=Normal(0.0001))),
        ),
        needs="cifar10",
    ),
    Study(
        "D3",
        "Tables of settings on CIFAR-10",
        "What do rate, units, batch, L2, dropout and principal components change?",
        "a table for each setting",
        "Each entry is 5 epochs on 10,000 pictures, so that the whole takes minutes. Units matter "
        "most, up to 50 or so; each width has its best rate; strong L2 and dropout only hinder a net that has not yet "
        "learned by heart; 250 components lose a few percent and save nearly all of the time. The table of iterations "
        "is the curve of the live page.",
        "tables",
        tables(),
        axes=("hidden units", "learning rate"),
        needs="cifar10",
    ),
    Study(
        "D4",
        "First-layer weights as pictures",
        "Do the first layer's weights look like something?",
        "pictures",
        "Before training neighbouring pixels' weights have nothing to do with each other; afterwards they are alike, "
        "so the weights show blurred colours and outlines.",
        "pictures",
        measure=first_weights,
        needs="cifar10",
    ),
    Study(
        "D5",
        "Principal components",
        "How many principal components hold 95 % of the variance of CIFAR-10?",
        "a curve and the number of components",
        "The curve rises steeply: far less than a tenth of the 3,072 numbers hold 95 % of the variance. What a net "
        "makes of the projection is in D3's table.",
        "variance",
        measure=explained_variance,
        needs="cifar10",
    ),
    Study(
        "D6",
        "Deeper stacks on CIFAR-10",
        "Can stacks of 2 to 5 dense layers be trained, and what does the initialisation do?",
        "5 layers fail to train with a poor initialisation",
        "With weights from N(0, .01²) the signal shrinks in every layer: from three layers on all stay at chance "
        "(10 %), where He's initialisation trains all depths alike. 10 epochs on 10,000 pictures with SGD at rate .05.",
        "bars",
        tuple(
            Cell(
                f"{layers} layers, {name}",
                DEEP.replace(
                    hidden=hidden(100, layers - 1), initialiser=initialiser, optimiser=SGD(), learning_rate=0.05
                ),
            )
            for name, initialiser in (("He", He()), ("N(0, .01²)", Normal(0.01)))
            for layers in (2, 3, 4, 5)
        ),
        needs="cifar10",
    ),
)
