"""Swiss Roll: spirals rolled into each other, the classic that needs depth."""

from nn_core.activations import LeakyReLU, Tanh
from nn_core.initialisers import Normal
from nn_core.layers import Dense
from nn_core.optimisers import SGD, Adam
from playground.datasets.plane import SwissRoll
from playground.datasets.shipped import Shipped
from playground.experiments.config import Config
from playground.ui.page import Page, Recipe, live_page, too_hot

EIGHT = Dense(8, Tanh())
DEEP = Config(data=SwissRoll(), hidden=(EIGHT, EIGHT, Dense(4, Tanh())), optimiser=Adam(), learning_rate=0.03,
              batch_size=32, seed_weights=1)  # fmt: skip
BY_THE_BOOK = Config(data=Shipped("swiss_roll"), hidden=(Dense(16, Tanh()),) * 2, initialiser=Normal(), optimiser=SGD(),
                     learning_rate=0.01, batch_size=32, stop_epochs=200)  # fmt: skip

PAGE = Page(
    key="swiss_roll",
    title="Swiss Roll",
    sets=(SwissRoll(), Shipped("swiss_roll")),
    start=2,
    recipes=(
        Recipe(
            "A straight line cannot",
            "Without a hidden layer the boundary is a straight line: it gets about two thirds of the roll right.",
            DEEP.replace(hidden=()),
        ),
        Recipe(
            "One layer bends",
            "One hidden layer of 8 units bends the line, but has to bend it everywhere at once and is stuck for long.",
            DEEP.replace(hidden=(EIGHT,)),
        ),
        Recipe(
            "Deep and certain",
            "Three hidden layers bend the bends of the layer before, so that few units wrap the whole spiral.",
            DEEP,
        ),
        Recipe(
            "20,000 points",
            "A net from a student report, 2-16-16-2 with plain SGD, on the file in data/: 200 epochs, over 96 %.",
            BY_THE_BOOK,
        ),
        too_hot(DEEP.replace(hidden=(Dense(8, LeakyReLU()),) * 2)),
    ),
)

if __name__ == "__main__":
    live_page(PAGE)
