"""Group A: a classifier, its optimiser, a network, a residual network; Swiss Roll, Peaks, a Gaussian mixture."""

import numpy as np

from nn_core.activations import ReLU, Tanh
from nn_core.initialisers import Normal
from nn_core.layers import Dense, Residual
from nn_core.losses import MeanSquaredError
from nn_core.random import stream
from playground.datasets.base import Drawn, fingerprint, input_names
from playground.datasets.shipped import Shipped
from playground.experiments.config import Config, Own
from playground.experiments.studies.derivatives import classifier_slopes, layer_slopes, network_slopes
from playground.experiments.studies.study import Cell, Study, over

FIVE = tuple(f"x{number}" for number in range(1, 6))
ROLL = Config(data=Shipped("swiss_roll"), hidden=(), initialiser=Normal(), learning_rate=0.01, batch_size=64,
              stop_epochs=200)  # fmt: skip
PEAKS = ROLL.replace(data=Shipped("peaks"))
MIXTURE = ROLL.replace(data=Shipped("gmm"), features=FIVE)
TWENTY = Dense(20, Tanh())


def tanh_net(*widths: int) -> tuple[Dense, ...]:
    """Hidden layers with tanh."""
    return tuple(Dense(width, Tanh()) for width in widths)


def budget_cell(*widths: int, parameters: int, report: float) -> Cell:
    """A network of the budget study on two inputs and two classes."""
    name = "-".join(map(str, (2, *widths, 2)))
    return Cell(f"{name} ({parameters})", ROLL.replace(hidden=tanh_net(*widths)), report)


def plane() -> Drawn:
    """100 samples to train with, y = x1 + 2 x2 + 3 x3 + 0.5 with a little noise, and 100 that are set aside."""
    draw = stream(0, "least squares")
    x = draw.standard_normal((200, 3))
    y = x @ np.array([[1.0], [2.0], [3.0]]) + 0.5 + 0.05 * draw.standard_normal((200, 1))
    return Drawn(x, y, (), input_names(3), "A plane", "y = x₁ + 2 x₂ + 3 x₃ + 0.5 with a little noise.", 100)


PLANE = plane()

STUDIES = (
    Study(
        "A1",
        "Gradient test of softmax and cross-entropy",
        "Is the gradient of softmax and cross-entropy with respect to W, b and x right?",
        "slopes 1 and 2",
        "The zero-order error halves with the step and the first-order error falls to a quarter, so the lines have the "
        "slopes 1 and 2; a wrong gradient would leave both at 1.",
        "slopes",
        measure=classifier_slopes,
    ),
    Study(
        "A2",
        "Least squares by gradient descent",
        "Does gradient descent find the plane w = (1, 2, 3), b = 0.5 from 100 noisy samples?",
        "the loss falls steadily",
        "The loss falls in every epoch, because a full batch and a small rate never overshoot. After 200 steps it has "
        "not quite come down to the variance of the noise, 0.0025, below which no plane can be expected to come.",
        "curves",
        (
            Cell(
                "rate .01, full batch",
                Config(
                    data=Own(fingerprint(PLANE)),
                    features=FIVE[:3],
                    loss=MeanSquaredError(),
                    hidden=(),
                    initialiser=Normal(),
                    learning_rate=0.01,
                    batch_size=0,
                    stop_epochs=200,
                ),
            ),
        ),
        metric="train_loss",
        own=PLANE,
    ),
    Study(
        "A3",
        "Softmax alone on Peaks",
        "How far does a classifier without a hidden layer come on Peaks?",
        "about 57 %",
        "Straight cuts through the plane cannot draw an island, so all seeds end at the same accuracy, little over a "
        "half; our file is our own, so the figure need not be the report's to the percent.",
        "curves",
        (Cell("softmax alone", PEAKS.replace(batch_size=200), 0.57),),
        metric="validation_metric",
    ),
    Study(
        "A4",
        "Softmax alone on a Gaussian mixture",
        "How far does a classifier without a hidden layer come on five-dimensional clouds?",
        "about 49 %",
        "Each class owns several clouds with others between them, so straight cuts get about half of them right, "
        "whatever the first weights.",
        "curves",
        (Cell("softmax alone", MIXTURE.replace(batch_size=256), 0.49),),
        metric="validation_metric",
    ),
    Study(
        "A5",
        "Learning rate and batch",
        "Which learning rate and which batch are best for softmax alone on Peaks in 50 epochs?",
        "best with rate .1 and batch 64",
        "Rate .01 is best and steadiest at nearly every batch here: .001 has not arrived after 50 epochs of a large "
        "batch, and from .1 on the noise of the steps costs more than the rate gains. Where it is largest, at .1 "
        "and with small batches, the seeds differ as much as the settings do: one run cannot name the best cell there.",
        "heatmap",
        tuple(
            Cell(
                f"batch {batch}, rate {rate:g}",
                PEAKS.replace(batch_size=batch, learning_rate=rate, stop_epochs=50),
                None,
                str(batch),
                f"{rate:g}",
            )
            for batch in (32, 64, 128, 200, 256)
            for rate in (0.001, 0.01, 0.1, 0.5)
        ),
        axes=("batch", "learning rate"),
        metric="validation_metric",
    ),
    Study(
        "A6",
        "Jacobian test of every layer",
        "Is the backward pass of each dense layer and residual block the derivative of its forward pass?",
        "slopes 1 and 2; W2 of a residual block is linear, with a first-order error of about 1e-13",
        "Slopes 1 and 2 everywhere but where an array enters linearly: there the first-order error is rounding noise "
        "and has no slope, as for W2 of a residual block and for all of a layer without an activation.",
        "slopes",
        measure=layer_slopes,
    ),
    Study(
        "A7",
        "Gradient test of the whole network",
        "Is the gradient of the loss right through all layers of 2-10-10-2 and of a residual network?",
        "slopes 1 and 2",
        "Every parameter, the inputs, and all parameters together have the slopes 1 and 2. A slope above 2 is right as "
        "well: along that direction the loss hardly bends, and the next order shows.",
        "slopes",
        measure=network_slopes,
    ),
    Study(
        "A8",
        "Networks on three data sets",
        "What do small networks reach in 200 epochs of plain gradient descent?",
        "97.08 / 92.62 / 94.94 % on the validation part, with losses of .135 / .295 / .247",
        "All three come within a few percent of the report on files of our own. The spread over seeds is what one "
        "printed figure hides.",
        "bars",
        (
            Cell("Swiss Roll 2-16-16-2 tanh", ROLL.replace(hidden=tanh_net(16, 16), batch_size=32), 0.9708),
            Cell("Peaks 2-20-20-5 ReLU", PEAKS.replace(hidden=(Dense(20, ReLU()),) * 2, batch_size=128), 0.9262),
            Cell("Mixture 5-24-5 ReLU", MIXTURE.replace(hidden=(Dense(24, ReLU()),), batch_size=256), 0.9494),
        ),
        metric="validation_metric",
        also="validation_loss",
    ),
    Study(
        "A9",
        "Residual networks on three data sets",
        "What do blocks x + f(x W1 + b) W2 reach where A8 has dense layers?",
        "96.20 / 90.08 / 95.86 % on the validation part",
        "A block is as wide as its input, here 2 or 5, so it bends the plane instead of lifting it into 16 "
        "dimensions. With weights from N(0, 1), two ReLU blocks on Peaks start with large outputs: look at the worst.",
        "bars",
        (
            Cell(
                "Swiss Roll, 2 blocks of 16 tanh",
                ROLL.replace(hidden=(Residual(16, Tanh()),) * 2, batch_size=32),
                0.9620,
            ),
            Cell(
                "Peaks, 2 blocks of 20 ReLU", PEAKS.replace(hidden=(Residual(20, ReLU()),) * 2, batch_size=128), 0.9008
            ),
            Cell(
                "Mixture, 1 block of 24 ReLU", MIXTURE.replace(hidden=(Residual(24, ReLU()),), batch_size=256), 0.9586
            ),
        ),
        metric="validation_metric",
        also="validation_loss",
    ),
    Study(
        "A10",
        "Depth on the Swiss Roll",
        "How many hidden layers of 20 tanh units does the Swiss Roll need?",
        "55.7, 79.0, 97.24, 97.06, 95.86 % with 0, 1, 2, 4 and 8 hidden layers",
        "The step is from one hidden layer to two; more depth gives nothing. One hidden layer does worse than none "
        "here and in A11, where the report has 57 % for 25 units, which its 79.0 % for 20 contradicts; our first "
        "biases are zero, and with biases from N(0, 1) one run had 74 % (data/README.md). The report prints five "
        "figures for 0 to 8 layers, which we take for 0, 1, 2, 4 and 8.",
        "bars",
        over(
            ROLL,
            "hidden",
            [(TWENTY,) * depth for depth in (0, 1, 2, 4, 8)],
            lambda hidden: f"{len(hidden)} hidden",
            (0.557, 0.790, 0.9724, 0.9706, 0.9586),
        ),
        metric="validation_metric",
    ),
    Study(
        "A11",
        "A budget of 200 parameters",
        "Which shape makes the most of 100 parameters per class on the Swiss Roll?",
        "57, 97.2, 96.8, 89.1, 62.8 % with what it counts as 127, 175, 196, 197 and 199 parameters",
        "Only the first of the report's counts is right: by the sum of n_in n_out + n_out its nets have 127, 269, 225, "
        "172 and 160 parameters, so the second and third exceed the budget of 200. One layer wastes it; with two and "
        "more nearly all is learned, and the deeper and narrower the net, the further apart its seeds lie. The "
        "report's last two figures, on its own data, lie below the worst of our ten seeds.",
        "bars",
        (
            budget_cell(25, parameters=127, report=0.57),
            budget_cell(10, 12, 7, parameters=269, report=0.972),
            budget_cell(7, 8, 8, 6, parameters=225, report=0.968),
            budget_cell(6, 6, 5, 5, 4, 3, parameters=172, report=0.891),
            budget_cell(5, 5, 4, 4, 3, 3, 3, 3, 3, parameters=160, report=0.628),
        ),
        metric="validation_metric",
    ),
)
