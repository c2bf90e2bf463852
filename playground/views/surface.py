"""Loss surface: least squares and softmax alone, and the way that each optimiser takes down."""

from nn_core.losses import MeanSquaredError
from nn_core.optimisers import SGD
from playground.datasets.plane import Blobs, Peaks
from playground.datasets.values import Line
from playground.experiments.config import Config
from playground.live.labs.axes import axis
from playground.live.labs.forms import FORMS
from playground.live.labs.spec import LabSpec
from playground.ui.labs.page import LabPage, LabRecipe, lab_page

LINE = Config(data=Line(samples=200), features=("x1",), hidden=(), loss=MeanSquaredError(), optimiser=SGD(),
              learning_rate=0.05, batch_size=0, seed_weights=3, stop_epochs=150)  # fmt: skip
CLOUDS = Config(data=Blobs(samples=300, classes=2), hidden=(), learning_rate=0.1, batch_size=32, stop_epochs=30)
BANDS = CLOUDS.replace(data=Peaks(samples=1000), batch_size=200, learning_rate=0.05, stop_epochs=100)

PAGE = LabPage(
    key="surface",
    title="Loss surface",
    form=FORMS["surface"],
    sets=(Line(), Blobs(classes=2), Peaks()),
    recipes=(
        LabRecipe(
            "Least squares",
            "A bowl: gradient descent goes straight down, momentum swings through, Adam takes equal steps at first.",
            LabSpec(LINE, axis("optimiser", "sgd, momentum, nesterov, adam")),
        ),
        LabRecipe(
            "Rates",
            "The same bowl: a small rate crawls, a larger one is quick, one that is too large jumps from side to side.",
            LabSpec(LINE, axis("rate", "0.005, 0.05, 0.25, 0.33")),
        ),
        LabRecipe(
            "Batches",
            "The full batch goes smoothly; single samples stagger down, because each sees a bowl of its own.",
            LabSpec(LINE, axis("batch", "1, 10, 50, full")),
        ),
        LabRecipe(
            "Softmax, two clouds",
            "Six parameters in the plane of the paths: the valley goes on for ever, because the clouds can be parted.",
            LabSpec(CLOUDS, axis("optimiser", "sgd, momentum, rmsprop, adam")),
        ),
        LabRecipe(
            "Softmax, five bands",
            "Fifteen parameters and one valley floor, which all reach: softmax alone has no other minimum.",
            LabSpec(BANDS, axis("optimiser", "sgd, momentum, rmsprop, adam")),
        ),
    ),
)

if __name__ == "__main__":
    lab_page(PAGE)
