"""Moons: two half circles that grip each other, the smallest picture that a straight line cannot part."""

from nn_core.activations import ReLU, Tanh
from nn_core.layers import Dense
from nn_core.optimisers import Adam
from playground.datasets.plane import Moons
from playground.experiments.config import Config
from playground.ui.page import Page, Recipe, live_page, too_hot

SIX = Dense(6, Tanh())
TWO = Config(data=Moons(), hidden=(SIX, SIX), optimiser=Adam(), learning_rate=0.01, batch_size=16)

PAGE = Page(
    key="moons",
    title="Moons",
    sets=(Moons(),),
    start=1,
    recipes=(
        Recipe(
            "A straight line cannot",
            "Without a hidden layer the boundary is a straight line, and the tips of the moons stay on the wrong side.",
            TWO.replace(hidden=()),
        ),
        Recipe(
            "Two layers grip",
            "Six tanh units each bend the boundary once; the second layer joins the bends into an S between the moons.",
            TWO,
        ),
        Recipe(
            "Three corners",
            "Three ReLU units make a boundary of straight pieces with three corners: just enough.",
            TWO.replace(hidden=(Dense(3, ReLU()),)),
        ),
        too_hot(TWO),
    ),
)

if __name__ == "__main__":
    live_page(PAGE)
