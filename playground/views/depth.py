"""Depth and budget: how deep may a network be, and what does a parameter buy?"""

from nn_core.activations import Tanh
from nn_core.layers import Dense
from nn_core.optimisers import Adam
from playground.datasets.plane import Circles, Moons, Peaks, SwissRoll, Xor
from playground.experiments.config import Config
from playground.live.labs.axes import axis
from playground.live.labs.forms import FORMS
from playground.live.labs.spec import LabSpec
from playground.ui.labs.page import LabPage, LabRecipe, lab_page

ROLL = Config(
    data=SwissRoll(),
    hidden=(Dense(20, Tanh()),),
    optimiser=Adam(),
    learning_rate=0.01,
    batch_size=64,
    stop_epochs=200,
)

PAGE = LabPage(
    key="depth",
    title="Depth and budget",
    form=FORMS["depth"],
    sets=(SwissRoll(), Moons(), Circles(), Peaks(), Xor()),
    recipes=(
        LabRecipe(
            "200 parameters",
            "Five networks within 200 parameters. A report counted 175 for 10-12-7; add it: it has 269.",
            LabSpec(
                ROLL,
                axis("net", "25, 9-9-5, 7-7-6-6, 6-6-5-5-4-3, 5-5-4-4-3-3-3-3-3"),
                seeds=10,
                budget=200,
            ),
        ),
        LabRecipe(
            "0 to 8 layers of 20",
            "The same width, deeper and deeper: one layer is not enough, many are harder to train.",
            LabSpec(ROLL, axis("layers", "0, 1, 2, 3, 4, 6, 8"), seeds=5),
        ),
        LabRecipe(
            "One layer, wider",
            "One hidden layer that is made wider and wider: how many units does it take?",
            LabSpec(ROLL, axis("units", "2, 4, 8, 16, 32, 64"), seeds=5),
        ),
    ),
)

if __name__ == "__main__":
    lab_page(PAGE)
