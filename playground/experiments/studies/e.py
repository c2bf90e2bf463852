"""Group E: n-layer networks on moons, and a convolutional network on MNIST."""

import dataclasses

from nn_core.activations import LeakyReLU, ReLU, Sigmoid, Tanh
from nn_core.initialisers import Glorot, He, LeCun
from nn_core.layers import Dense
from nn_core.optimisers import SGD, Adam, Momentum
from playground.datasets.pictures import Mnist
from playground.datasets.plane import Moons
from playground.datasets.prepare import Pixels
from playground.experiments.config import PIXELS, Config
from playground.experiments.studies.pictures import STACK, activation_maps, monitoring
from playground.experiments.studies.study import Cell, Study

# Full-batch descent with a small rate follows the gradient: 500 epochs at .5 are 25,000 at the report's .01.
MOONS = Config(data=Moons(), hidden=(Dense(3, Tanh()),), initialiser=LeCun(), learning_rate=0.5, batch_size=0,
               l2=0.01, stop_epochs=500)  # fmt: skip
SUMMED = 0.00005  # the report's L2 of .01 where its loss is a sum over some 200 samples
BENDS = {"tanh": Tanh(), "sigmoid": Sigmoid(), "ReLU": ReLU()}
SHAPES = ((3,), (6,), (4, 3), (4, 3, 2))
CONV = Config(data=Mnist(), features=PIXELS, pixels=Pixels("standardised"), hidden=STACK, initialiser=Glorot(),
              optimiser=Adam(), learning_rate=0.001, batch_size=50, dropout=0.5, stop_epochs=2)  # fmt: skip
QUICK = CONV.replace(data=Mnist(samples=10_000), stop_epochs=1)
SHORT = "One epoch on 10,000 pictures, so that all cells take minutes."


def bent(activation) -> tuple:
    """The hidden layers of the convolutional net with another activation."""
    return tuple(dataclasses.replace(layer, activation=activation) if hasattr(layer, "activation") else layer
                 for layer in STACK)  # fmt: skip


def moons_net(widths, activation) -> Config:
    """A net on moons."""
    return MOONS.replace(hidden=tuple(Dense(width, activation) for width in widths))


STUDIES = (
    Study(
        "E1",
        "Activations and widths on moons",
        "Do tanh, sigmoid and ReLU learn the moons with 3, 6 and 9 hidden units?",
        "ReLU failed in the report",
        "ReLU trains. In the report it failed because of a bug of its own: the derivative was taken at the output of "
        "another activation. An L2 of .01 beside a loss that is a mean is strong and holds most nets near a straight "
        "line; beside a loss that is a sum over the samples, as in many courses, it is .00005 of ours: the last three "
        "cells. Sigmoid, with its small slope, is slow either way. 500 epochs at rate .5 follow the same way down as "
        "25,000 at the report's .01.",
        "bars",
        tuple(
            Cell(f"{units} {name}", moons_net((units,), activation))
            for name, activation in BENDS.items()
            for units in (3, 6, 9)
        )
        + tuple(
            Cell(f"6 {name}, L2 .00005", moons_net((6,), activation).replace(l2=SUMMED))
            for name, activation in BENDS.items()
        ),
    ),
    Study(
        "E2",
        "A wall of nets on moons",
        "Which boundaries do 2-3-2, 2-6-2, 2-4-3-2 and 2-4-3-2-2 draw with each activation?",
        "a wall of boundaries",
        "tanh bends smoothly, ReLU in corners. Depth helps ReLU; tanh is there with six units already. Sigmoids, whose "
        "slope is at most a quarter in each layer, have not got beyond a straight line after 500 epochs. L2 is .00005 "
        "as at the end of E1.",
        "wall",
        tuple(
            Cell(
                "-".join(map(str, (2, *widths, 2))) + f" {name}",
                moons_net(widths, activation).replace(l2=SUMMED),
                None,
                "-".join(map(str, (2, *widths, 2))),
                name,
            )
            for widths in SHAPES
            for name, activation in BENDS.items()
        ),
        axes=("network", "activation"),
    ),
    Study(
        "E3",
        "Convolutional network on MNIST",
        "What does the convolutional net reach on MNIST?",
        "about 99 %",
        "About 99 % after two epochs on 55,000 pictures: more than any dense net here, at many times the cost.",
        "curves",
        (Cell("conv 32, pool, conv 64, pool, 1024", CONV, 0.99),),
        needs="mnist",
        seeds=3,
    ),
    Study(
        "E4",
        "Monitoring while it trains",
        "Can every weight, bias, pre-activation and activation be watched without changing the run?",
        "watched in TensorBoard, described in words",
        "Minimum, maximum, mean, spread and histogram of every quantity of every layer are there at each look, and "
        "the run with looks is the run without to the last bit. On the page they stand under Layer by layer.",
        "table",
        measure=monitoring,
        needs="mnist",
    ),
    Study(
        "E5",
        "Activations, initialisations and optimisers of the convolutional net",
        "Which activation, initialisation and optimiser trains the convolutional net fastest?",
        "Adam with ReLU fast and spiky, tanh with momentum slower and smooth",
        "Adam with ReLU or leaky ReLU is ahead, tanh with momentum not far behind; sigmoid and plain SGD (rate .01, as "
        f"momentum) have only begun. {SHORT}",
        "curves",
        (
            Cell("ReLU, Glorot, Adam", QUICK),
            Cell("ReLU, He, Adam", QUICK.replace(initialiser=He())),
            Cell("leaky ReLU .1, Glorot, Adam", QUICK.replace(hidden=bent(LeakyReLU(0.1)))),
            Cell("sigmoid, Glorot, Adam", QUICK.replace(hidden=bent(Sigmoid()))),
            Cell("tanh, Glorot, Adam", QUICK.replace(hidden=bent(Tanh()))),
            Cell(
                "tanh, Glorot, momentum", QUICK.replace(hidden=bent(Tanh()), optimiser=Momentum(), learning_rate=0.01)
            ),
            Cell("ReLU, Glorot, momentum", QUICK.replace(optimiser=Momentum(), learning_rate=0.01)),
            Cell("ReLU, Glorot, SGD", QUICK.replace(optimiser=SGD(), learning_rate=0.01)),
        ),
        needs="mnist",
        seeds=3,
    ),
    Study(
        "E6",
        "Filters and activation maps",
        "What do the filters of the convolutions look like, and what do they make of one digit?",
        "pictures",
        "The first maps show strokes and edges of the digit, the second ones single places; some maps stay dark, "
        "because their filter finds nothing in this digit. One epoch on 10,000 pictures.",
        "pictures",
        measure=activation_maps,
        needs="mnist",
    ),
)
