"""CIFAR-10: small colour photographs, where plain layers soon come to their end."""

from nn_core.activations import ReLU
from nn_core.initialisers import He
from nn_core.layers import Dense
from nn_core.optimisers import Adam
from nn_core.schedules import ExponentialDecay
from playground.datasets.pictures import Cifar10
from playground.datasets.prepare import Pixels
from playground.experiments.config import PIXELS, Config
from playground.ui.page import Recipe, live_page
from playground.ui.pictures.page import convolutional, picture_page


def recipes(data):
    """The recipes of the page on this set."""
    base = Config(data=data, features=PIXELS, pixels=Pixels(mean_image=True), hidden=(Dense(100, ReLU()),),
                  initialiser=He(), optimiser=Adam(), schedule=ExponentialDecay(0.95), learning_rate=0.001,
                  batch_size=200, l2=0.003, stop_epochs=30)  # fmt: skip
    return (
        Recipe(
            "Softmax alone",
            "One blurred picture for each class: a horse with two heads, a red car. Look at Layer by layer.",
            base.replace(hidden=(), l2=0.0),
        ),
        Recipe(
            "100 units",
            "The two-layer net of a student report: about half of the pictures right, first weights with structure.",
            base,
        ),
        Recipe(
            "Convolutional",
            "Filters that slide over the picture: slower by far, and better by far.",
            base.replace(
                hidden=convolutional(data, 256),
                dropout=0.4,
                batch_size=64,
                l2=0.0,
                stop_epochs=10,
            ),
        ),
        Recipe(
            "Five layers",
            "Deeper is not better: five plain layers learn the training pictures by heart and do no better on others.",
            base.replace(hidden=(Dense(128, ReLU()),) * 4, l2=0.0),
        ),
    )  # fmt: skip


PAGE = picture_page("cifar10", "CIFAR-10", Cifar10(), recipes)

if __name__ == "__main__":
    live_page(PAGE)
