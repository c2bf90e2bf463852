"""Compare: the values of one setting side by side, each with several seeds and the band around them."""

from nn_core.activations import ReLU, Tanh
from nn_core.initialisers import Glorot
from nn_core.layers import Dense
from nn_core.optimisers import Adam
from playground.datasets.pictures import Cifar10, Digits, FashionMnist, Mnist
from playground.datasets.plane import Circles, Moons, Peaks, SwissRoll, Xor
from playground.experiments.config import PIXELS, Config
from playground.live.labs.axes import axis
from playground.live.labs.forms import FORMS
from playground.live.labs.spec import LabSpec
from playground.ui.labs.page import LabPage, LabRecipe, lab_page

ROLL = Config(data=SwissRoll(), hidden=(Dense(8, Tanh()),) * 3, initialiser=Glorot(), optimiser=Adam(),
              learning_rate=0.02, batch_size=32, stop_epochs=300)  # fmt: skip
DIGITS = Config(data=Digits(), features=PIXELS, hidden=(Dense(64, ReLU()), Dense(32, ReLU())), initialiser=Glorot(),
                learning_rate=0.001, batch_size=128, stop_epochs=50)  # fmt: skip
SCHEDULES = axis("schedule", "constant, step(every=100), exponential(gamma=0.99), cosine(epochs=300)")

PAGE = LabPage(
    key="compare",
    title="Compare",
    form=FORMS["compare"],
    sets=(SwissRoll(), Moons(), Circles(), Peaks(), Xor(), Digits(), Mnist(), FashionMnist(), Cifar10()),
    recipes=(
        LabRecipe("Optimisers",
            "At one rate for all, RMSProp and Adam are there first; plain SGD would want a far higher rate.",
            LabSpec(ROLL, axis("optimiser", "sgd, momentum, nesterov, rmsprop, adam"), seeds=5)),
        LabRecipe("Activations",
            "Tanh, ReLU and GELU wrap the roll; the sigmoid lags: its slope is a quarter at best, in each layer.",
            LabSpec(ROLL, axis("activation", "sigmoid, tanh, relu, leaky_relu(slope=0.1), gelu"), seeds=5)),
        LabRecipe("Batches, by updates",
            "A small batch makes many updates an epoch, a full one makes one: change the axis, and the order changes.",
            LabSpec(ROLL.replace(learning_rate=0.01), axis("batch", "8, 32, 128, full"), seeds=5)),
        LabRecipe("First weights",
            "All zeros never learn, because every unit stays like its neighbour; the others get there, some sooner.",
            LabSpec(ROLL, axis("init", "zeros, normal, glorot, he, lecun"), seeds=5)),
        LabRecipe("Schedules",
            "The same start, the same optimiser: look at the end of the loss, and how much each still jumps there.",
            LabSpec(ROLL.replace(learning_rate=0.05), SCHEDULES, seeds=5)),
        LabRecipe("Widths",
            "Two units in each of three layers cannot wrap the roll; from four on they can, the wider the sooner.",
            LabSpec(ROLL, axis("units", "2, 4, 8, 16, 32"), seeds=5)),
        LabRecipe("Digits",
            "Handwritten digits at a rate of .001: Adam's steps do not shrink with the gradient. Settings has MNIST.",
            LabSpec(DIGITS, axis("optimiser", "sgd, momentum, rmsprop, adam"), seeds=3)),
    ),
)  # fmt: skip

if __name__ == "__main__":
    lab_page(PAGE)
