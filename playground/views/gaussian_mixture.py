"""Gaussian mixture: clouds in five dimensions, of which the screen shows one plane at a time."""

from nn_core.activations import ReLU
from nn_core.layers import Dense
from nn_core.optimisers import Adam
from playground.datasets.plane import GaussianMixture
from playground.datasets.shipped import Shipped
from playground.experiments.config import Config
from playground.ui.page import Page, Recipe, live_page, too_hot

WIDE = Config(
    data=GaussianMixture(),
    features=("x1", "x2", "x3", "x4", "x5"),
    hidden=(Dense(16, ReLU()),),
    optimiser=Adam(),
    learning_rate=0.01,
    batch_size=32,
)

PAGE = Page(
    key="gaussian_mixture",
    title="Gaussian mixture",
    sets=(GaussianMixture(), Shipped("gmm")),
    start=1,
    recipes=(
        Recipe(
            "Softmax alone cannot",
            "Each class owns several clouds with other classes between them, and no straight cut can join those.",
            WIDE.replace(hidden=()),
        ),
        Recipe(
            "One layer finds all",
            "Sixteen ReLU units fence the clouds off in five dimensions; the picture is but a slice of that.",
            WIDE,
        ),
        Recipe(
            "Two inputs are too few",
            "With x₁ and x₂ alone the clouds lie on top of each other: no network can part what it cannot see.",
            WIDE.replace(features=("x1", "x2")),
        ),
        too_hot(WIDE),
    ),
)

if __name__ == "__main__":
    live_page(PAGE)
