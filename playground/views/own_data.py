"""Your own data: painted with the mouse, pasted, or loaded from a CSV, .mat or .npz file."""

from nn_core.activations import Tanh
from nn_core.layers import Dense
from nn_core.optimisers import Adam
from playground.datasets.plane import Blobs
from playground.experiments.config import Config
from playground.ui.own import bring, palette, preview
from playground.ui.page import Page, Recipe, live_page

SIX = Dense(6, Tanh())
START = Config(
    data=Blobs(samples=60, classes=2, noise=0.6), hidden=(SIX, SIX), optimiser=Adam(), learning_rate=0.01, batch_size=10
)

PAGE = Page(
    key="own_data",
    title="Your own data",
    sets=(),
    hint="Paste or upload a table behind Data; where there are two inputs, a brush beside the title paints points.",
    recipes=(
        Recipe(
            "Two clouds",
            "Two clouds to begin with: paint more points onto the output with the mouse, or bring a file behind Data.",
            START,
        ),
        Recipe(
            "A straight line",
            "Without a hidden layer: paint a point that makes it impossible.",
            START.replace(hidden=()),
        ),
    ),
    palette=palette,
    bring=bring,
    more=preview,
)

if __name__ == "__main__":
    live_page(PAGE)
