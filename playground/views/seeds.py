"""Seeds: one config trained many times, because one training says little."""

from nn_core.activations import Tanh
from nn_core.layers import Dense
from nn_core.losses import MeanSquaredError
from nn_core.optimisers import SGD, Adam
from playground.datasets.plane import Blobs, Circles, Moons, Peaks, SwissRoll, Xor
from playground.datasets.values import Line, Sine
from playground.experiments.config import Config
from playground.live.labs.forms import FORMS
from playground.live.labs.spec import LabSpec
from playground.ui.labs.page import LabPage, LabRecipe, lab_page

XOR = Config(
    data=Xor(), hidden=(Dense(4, Tanh()),), optimiser=Adam(), learning_rate=0.03, batch_size=32, stop_epochs=100
)
LINE = Config(data=Line(samples=200), features=("x1",), hidden=(), loss=MeanSquaredError(), optimiser=SGD(),
              learning_rate=0.01, batch_size=0, stop_epochs=1000)  # fmt: skip
CLOUDS = Config(data=Blobs(samples=200, classes=2), hidden=(), learning_rate=0.1, stop_epochs=100)

PAGE = LabPage(
    key="seeds",
    title="Seeds",
    form=FORMS["seeds"],
    sets=(Xor(), Moons(), Circles(), Peaks(), SwissRoll(), Blobs(), Line(), Sine()),
    recipes=(
        LabRecipe(
            "XOR, 4 units",
            "A hundred trainings that differ in chance alone: most solve XOR, a few are stuck for ever.",
            LabSpec(XOR, seeds=100),
        ),
        LabRecipe(
            "XOR, 8 units",
            "Twice the units, and none is stuck: width buys luck.",
            LabSpec(XOR.replace(hidden=(Dense(8, Tanh()),)), seeds=100),
        ),
        LabRecipe(
            "A straight line",
            "Least squares has one minimum: every training ends in it, whatever it began with.",
            LabSpec(LINE, seeds=100),
        ),
        LabRecipe(
            "Two clouds",
            "Softmax alone on two clouds: one minimum again, and the boundaries of best and worst hardly differ.",
            LabSpec(CLOUDS, seeds=100),
        ),
        LabRecipe(
            "Swiss Roll",
            "The band stays wide for long: some trainings find the inner turns late, or never.",
            LabSpec(
                XOR.replace(data=SwissRoll(), hidden=(Dense(8, Tanh()),) * 3, learning_rate=0.02, stop_epochs=300),
                seeds=20,
            ),
        ),
    ),
)

if __name__ == "__main__":
    lab_page(PAGE)
