"""Grid: two settings, all combinations of their values, a wall of boundaries that grow together."""

from nn_core.activations import ReLU, Tanh
from nn_core.initialisers import He
from nn_core.layers import Dense
from nn_core.optimisers import SGD, Adam
from playground.datasets.pictures import Cifar10, Digits, FashionMnist, Mnist
from playground.datasets.plane import Circles, Moons, Peaks, SwissRoll, Xor
from playground.experiments.config import PIXELS, Config
from playground.live.labs.axes import axis
from playground.live.labs.forms import FORMS
from playground.live.labs.spec import LabSpec
from playground.ui.labs.page import LabPage, LabRecipe, lab_page

CIRCLES = Config(data=Circles(samples=400, noise=0.2), hidden=(Dense(10, Tanh()),), optimiser=SGD(), test_share=0.45,
                 validation_share=0.05, stop_epochs=150)  # fmt: skip
DEEP = CIRCLES.replace(
    data=SwissRoll(), hidden=(Dense(8, Tanh()),), optimiser=Adam(), learning_rate=0.02, batch_size=32, stop_epochs=300
)
BANDS = CIRCLES.replace(data=Peaks(samples=2000), hidden=(), stop_epochs=50)
BENT = DEEP.replace(data=Moons(), hidden=(Dense(6, Tanh()),), learning_rate=0.03)
DIGITS = Config(data=Digits(), features=PIXELS, hidden=(Dense(30, ReLU()),), initialiser=He(), optimiser=Adam(),
                batch_size=128, stop_epochs=20)  # fmt: skip

PAGE = LabPage(
    key="grid",
    title="Grid",
    form=FORMS["grid"],
    sets=(Circles(), Moons(), Peaks(), SwissRoll(), Xor(), Digits(), Mnist(), FashionMnist(), Cifar10()),
    recipes=(
        LabRecipe(
            "Circles: batch × rate",
            "Small batches take many steps an epoch: they want a small rate. Batch and rate grow together, diagonally.",
            LabSpec(CIRCLES, axis("rate", "0.01, 0.05, 0.1, 0.5, 1, 5"), axis("batch", "1, 10, 50, 100, full")),
        ),
        LabRecipe(
            "Peaks: rate × batch",
            "Softmax alone draws straight lines between five bands: under 60 %, whatever the rate.",
            LabSpec(BANDS, axis("rate", "0.001, 0.01, 0.1, 0.5"), axis("batch", "32, 64, 128, 200, 256")),
        ),
        LabRecipe(
            "Moons: units × activation",
            "Linear units draw a straight line however many there are; with tanh or ReLU three units can be enough.",
            LabSpec(BENT, axis("units", "1, 2, 3, 6, 9"), axis("activation", "linear, sigmoid, tanh, relu")),
        ),
        LabRecipe(
            "Swiss Roll: depth × width",
            "One layer bends too little however wide it is, three wrap the roll, four narrow ones are hard to train.",
            LabSpec(DEEP, axis("layers", "1, 2, 3, 4"), axis("units", "4, 8, 16")),
        ),
        LabRecipe(
            "Digits",
            "Each width has its best rate: the smallest has not arrived, the largest shakes. Settings has CIFAR-10.",
            LabSpec(DIGITS, axis("rate", "0.0003, 0.001, 0.003, 0.01, 0.03"), axis("units", "5, 10, 30, 100")),
        ),
    ),
)

if __name__ == "__main__":
    lab_page(PAGE)
