"""MNIST: 70,000 handwritten digits, the same controls as on the plane."""

from nn_core.activations import ReLU
from nn_core.initialisers import Glorot, He
from nn_core.layers import Dense
from nn_core.optimisers import Adam
from nn_core.schedules import Cosine
from playground.datasets.pictures import FashionMnist, Mnist
from playground.datasets.prepare import Pixels
from playground.experiments.config import PIXELS, Config
from playground.ui.page import Recipe, live_page
from playground.ui.pictures.page import convolutional, picture_page


def recipes(data):
    """The recipes of the page on this set."""
    base = Config(
        data=data,
        features=PIXELS,
        hidden=(Dense(64, ReLU()), Dense(32, ReLU())),
        initialiser=He(),
        optimiser=Adam(),
        learning_rate=0.001,
        batch_size=128,
        stop_epochs=10,
    )
    return (
        Recipe(
            "Softmax alone",
            "Without a hidden layer each class has one picture that it looks for: about 92 % of MNIST.",
            base.replace(hidden=()),
        ),
        Recipe("Two layers, 64 and 32", "The classic for a first evening: over 97 % of MNIST in seconds.", base),
        Recipe(
            "Convolutional",
            "Two convolutions with pools, 1,024 units, half of them silenced in each step: about 99 % of MNIST.",
            base.replace(
                hidden=convolutional(data, 1024),
                initialiser=Glorot(),
                schedule=Cosine(3, 0.05),
                dropout=0.5,
                batch_size=50,
                stop_epochs=3,
                pixels=Pixels("standardised"),
            ),
        ),
        Recipe(
            "Too wide for so few",
            "512 units and only 1,000 pictures: the training loss goes to zero, the test loss turns up again.",
            base.replace(data=type(data)(samples=1000), hidden=(Dense(512, ReLU()),), batch_size=32, stop_epochs=60),
        ),
    )


PAGE = picture_page("mnist", "MNIST", Mnist(), recipes, others=(FashionMnist(),))

if __name__ == "__main__":
    live_page(PAGE)
