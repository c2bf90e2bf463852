"""Regression: a network that answers with a number, and so draws a curve or a surface."""

from nn_core.activations import ReLU, Tanh
from nn_core.layers import Dense
from nn_core.losses import MeanSquaredError
from nn_core.optimisers import SGD, Adam
from playground.datasets.values import Line, PeaksHeight, Sine
from playground.experiments.config import Config
from playground.ui.page import Page, Recipe, live_page

SINE = Config(
    data=Sine(),
    features=("x1",),
    loss=MeanSquaredError(),
    hidden=(Dense(8, Tanh()),),
    optimiser=Adam(),
    learning_rate=0.01,
    batch_size=32,
)
SIXTEEN = Dense(16, Tanh())

PAGE = Page(
    key="regression",
    title="Regression",
    sets=(Line(), Sine(), PeaksHeight()),
    start=2,
    recipes=(
        Recipe(
            "A line fits a line",
            "No hidden layer: the network is y = w x + b, and gradient descent finds what least squares would.",
            SINE.replace(data=Line(), hidden=(), optimiser=SGD(), learning_rate=0.03),
        ),
        Recipe(
            "A line cannot wave",
            "Without a hidden layer the best answer to a sine is nearly flat.",
            SINE.replace(hidden=()),
        ),
        Recipe("Eight units wave", "Each tanh unit is one soft step; eight of them add up to the wave.", SINE),
        Recipe(
            "Corners",
            "ReLU units add straight pieces: count the corners.",
            SINE.replace(hidden=(Dense(8, ReLU()),)),
        ),
        Recipe(
            "A surface",
            "Two inputs, one height: colour is the value, and points that match the ground are fitted.",
            SINE.replace(data=PeaksHeight(), features=("x1", "x2"), hidden=(SIXTEEN, SIXTEEN)),
        ),
        Recipe(
            "Too hot: diverges",
            "A squared error grows with the square of the weights: a learning rate of 3 is enough to blow it up.",
            SINE.replace(optimiser=SGD(), learning_rate=3.0),
        ),
    ),
)

if __name__ == "__main__":
    live_page(PAGE)
