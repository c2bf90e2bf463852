"""XOR and more: the pattern that once stopped neural networks, and its relatives."""

from nn_core.activations import Tanh
from nn_core.layers import Dense
from nn_core.optimisers import Adam
from playground.datasets.plane import Blobs, Checkerboard, Curve, Xor
from playground.experiments.config import Config
from playground.ui.page import Page, Recipe, live_page

EIGHT = Config(data=Xor(), hidden=(Dense(8, Tanh()),), optimiser=Adam(), learning_rate=0.03, batch_size=10)
SIXTEEN = Dense(16, Tanh())

PAGE = Page(
    key="xor",
    title="XOR and more",
    sets=(Xor(), Blobs(), Checkerboard(), Curve()),
    start=1,
    recipes=(
        Recipe(
            "A straight line cannot",
            "Opposite corners belong together, so every line is half wrong: Minsky and Papert's case of 1969.",
            EIGHT.replace(hidden=()),
        ),
        Recipe(
            "A hidden layer can",
            "Eight tanh units cut off the corners, and the output joins them; four can do it, but often get stuck.",
            EIGHT,
        ),
        Recipe(
            "The product knows",
            "XOR is the sign of x₁x₂: given that one feature, no hidden layer is needed.",
            EIGHT.replace(hidden=(), features=("x1x2",)),
        ),
        Recipe(
            "Checkerboard",
            "Sixteen squares need many bends: two layers of 16 units, and patience.",
            EIGHT.replace(data=Checkerboard(), hidden=(SIXTEEN, SIXTEEN), learning_rate=0.01, batch_size=32),
        ),
        Recipe(
            "Above a sine",
            "Above or below a sine wave: eight units trace the wave, one bend each.",
            EIGHT.replace(data=Curve()),
        ),
    ),
)

if __name__ == "__main__":
    live_page(PAGE)
