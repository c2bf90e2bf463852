"""Circles: a ring around a ring. What is it that one unit more can do?"""

from nn_core.activations import LeakyReLU, Tanh
from nn_core.layers import Dense
from nn_core.optimisers import Adam
from playground.datasets.plane import Circles
from playground.experiments.config import Config
from playground.ui.page import Page, Recipe, live_page, too_hot

FOUR = Config(data=Circles(), hidden=(Dense(4, Tanh()),), optimiser=Adam(), learning_rate=0.03, batch_size=10)

PAGE = Page(
    key="circles",
    title="Circles",
    sets=(Circles(),),
    start=2,
    recipes=(
        Recipe(
            "A straight line cannot",
            "No line has a ring on one side and what it surrounds on the other: half of the points stay wrong.",
            FOUR.replace(hidden=()),
        ),
        Recipe(
            "Two units leave a gap",
            "Each unit gives one bend; two of them make a band whose ends are open, where the outer ring leaks in.",
            FOUR.replace(hidden=(Dense(2, Tanh()),)),
        ),
        Recipe(
            "Four close the ring", "Three bends can close a boundary around the inner ring; four do it at ease.", FOUR
        ),
        Recipe(
            "Squares, no layer",
            "With x₁² and x₂² as features a circle is a straight line: the right features save the hidden layer.",
            FOUR.replace(hidden=(), features=("x1^2", "x2^2"), learning_rate=0.1),
        ),
        too_hot(FOUR.replace(hidden=(Dense(8, LeakyReLU()),) * 2)),
    ),
)

if __name__ == "__main__":
    live_page(PAGE)
