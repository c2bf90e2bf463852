"""Peaks: five bands of height of a hilly surface, so five classes that wind around each other."""

from nn_core.activations import LeakyReLU, Tanh
from nn_core.layers import Dense, Residual
from nn_core.optimisers import Adam
from playground.datasets.plane import Peaks
from playground.datasets.shipped import Shipped
from playground.experiments.config import Config
from playground.ui.page import Page, Recipe, live_page, too_hot

EIGHT = Dense(8, Tanh())
TWO = Config(data=Peaks(), hidden=(EIGHT, EIGHT), optimiser=Adam(), learning_rate=0.01, batch_size=32)

PAGE = Page(
    key="peaks",
    title="Peaks",
    sets=(Peaks(), Shipped("peaks")),
    start=1,
    recipes=(
        Recipe(
            "A straight line cannot",
            "Softmax alone cuts the plane into five wedges; it cannot draw an island: little over half right.",
            TWO.replace(hidden=()),
        ),
        Recipe(
            "Two layers draw islands",
            "Eight tanh units bend, eight more close the bends to islands: a valley can lie inside a ridge.",
            TWO,
        ),
        Recipe(
            "Residual blocks",
            "Each block adds a correction to what comes in, x + f(x W1 + b) W2, so depth does not hinder learning.",
            TWO.replace(hidden=(EIGHT, Residual(8, Tanh()), Residual(8, Tanh()))),
        ),
        too_hot(TWO.replace(hidden=(Dense(8, LeakyReLU()),) * 2)),
    ),
)

if __name__ == "__main__":
    live_page(PAGE)
