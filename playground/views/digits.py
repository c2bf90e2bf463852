"""Digits: 1,797 handwritten digits of 8x8 pixels, which come with scikit-learn and need no download."""

from nn_core.activations import ReLU
from nn_core.initialisers import He
from nn_core.layers import Conv2D, Dense, MaxPool2D
from nn_core.optimisers import Adam
from playground.datasets.augment import Augment
from playground.datasets.pictures import Digits
from playground.experiments.config import PIXELS, Config
from playground.ui.page import Recipe, live_page
from playground.ui.pictures.page import picture_page


def recipes(data):
    """The recipes of the page on this set."""
    base = Config(
        data=data,
        features=PIXELS,
        hidden=(Dense(32, ReLU()), Dense(16, ReLU())),
        initialiser=He(),
        optimiser=Adam(),
        learning_rate=0.003,
        batch_size=32,
        stop_epochs=60,
    )
    return (
        Recipe(
            "Softmax alone",
            "Without a hidden layer each class has one picture that it looks for: look at Layer by layer.",
            base.replace(hidden=()),
        ),
        Recipe("Two layers", "Small pictures, quickly learned: it is done before you have looked around.", base),
        Recipe(
            "Convolutional",
            "Small windows that slide over the picture, with the same weights everywhere, then a layer that decides.",
            base.replace(hidden=(Conv2D(16, 3, activation=ReLU()), MaxPool2D(2), Dense(64, ReLU())), dropout=0.3),
        ),
        Recipe(
            "Moved pictures",
            "Each training picture is shifted and turned a little, anew each time: harder to learn, better on others.",
            base.replace(hidden=(Dense(128, ReLU()),), augment=Augment(1, 10.0), stop_epochs=150),
        ),
    )


PAGE = picture_page("digits", "Digits", Digits(), recipes)

if __name__ == "__main__":
    live_page(PAGE)
