"""Group C: a framework from first principles, on a line, blobs, XOR and MNIST."""

from nn_core.activations import ReLU, Sigmoid, Tanh
from nn_core.initialisers import Glorot, Normal
from nn_core.layers import Dense
from nn_core.losses import MeanSquaredError
from nn_core.optimisers import SGD, Adam, Momentum
from playground.datasets.pictures import Mnist
from playground.datasets.plane import Blobs, Xor
from playground.datasets.values import Line
from playground.experiments.config import PIXELS, Config
from playground.experiments.studies.study import Cell, Study, over

TRIALS = Config(data=Line(samples=200), features=("x1",), loss=MeanSquaredError(), hidden=(), initialiser=Normal(),
                learning_rate=0.01, batch_size=0, stop_epochs=1000)  # fmt: skip
DIGITS = Config(data=Mnist(), features=PIXELS, hidden=(Dense(64, ReLU()), Dense(32, ReLU())), initialiser=Glorot(),
                optimiser=Adam(), learning_rate=0.001, batch_size=128, stop_epochs=10)  # fmt: skip
SHORT = "Trained for 10 epochs here where the report trained for 50."


def both(activation) -> Config:
    """The net on MNIST with another activation in both hidden layers."""
    return DIGITS.replace(hidden=(Dense(64, activation), Dense(32, activation)))


STUDIES = (
    Study(
        "C1",
        "Linear regression, 100 trials",
        "Does gradient descent find the same line from 100 different first weights?",
        "a curve with its band",
        "The band closes: the loss has one lowest point, and every start comes to it, at the variance of the noise "
        "(0.04). The median and the worst model are the same line.",
        "bands",
        (Cell("y = w x + b", TRIALS),),
        metric="test_loss",
        seeds=100,
    ),
    Study(
        "C2",
        "Linear classification, 100 trials",
        "Does softmax alone part two blobs from 100 different first weights?",
        "a curve with its band",
        "The loss has one lowest point here too, but far away, so the band narrows more slowly; the boundaries of the "
        "median and the worst model hardly differ in what they get right.",
        "bands",
        (
            Cell(
                "softmax alone",
                TRIALS.replace(data=Blobs(samples=200, classes=2), loss=Config().loss, features=("x1", "x2")),
            ),
        ),
        seeds=100,
    ),
    Study(
        "C3",
        "XOR with a hidden layer, 100 trials",
        "How often does a small hidden layer learn XOR, and how often does it get stuck?",
        "a curve with its band",
        "With a hidden layer the way down depends on the start: the band stays wide, and while the median model parts "
        "the corners, the worst still cuts one of them off wrongly. Four tanh units, batch 10, rate .03, 300 "
        "epochs, weights N(0, 1).",
        "bands",
        (
            Cell(
                "2-4-2 tanh",
                TRIALS.replace(
                    data=Xor(samples=200),
                    loss=Config().loss,
                    features=("x1", "x2"),
                    hidden=(Dense(4, Tanh()),),
                    batch_size=10,
                    learning_rate=0.03,
                    stop_epochs=300,
                ),
            ),
        ),
        seeds=100,
    ),
    Study(
        "C4",
        "MNIST with 784-64-32-10",
        "What does a small dense net reach on MNIST with Adam in 50 epochs?",
        "about 96 to 97 %",
        "The training loss goes to zero while the test loss turns up again after some ten epochs: the net grows surer "
        "of its mistakes, though the test accuracy still creeps up. The misclassified pictures can be looked at on the "
        "page MNIST.",
        "curves",
        (Cell("784-64-32-10 ReLU", DIGITS.replace(stop_epochs=50), 0.965),),
        needs="mnist",
        seeds=3,
    ),
    Study(
        "C5",
        "Activations on MNIST",
        "Which of ReLU, sigmoid and tanh learns MNIST best?",
        "tanh slightly over ReLU, sigmoid behind",
        f"Sigmoid is behind, since its slope is at most a quarter; tanh and ReLU differ by less than seeds do. {SHORT}",
        "curves",
        (Cell("ReLU", DIGITS), Cell("sigmoid", both(Sigmoid())), Cell("tanh", both(Tanh()))),
        needs="mnist",
        seeds=3,
    ),
    Study(
        "C6",
        "Batch sizes on MNIST",
        "What does the batch change at the same learning rate?",
        "batches of 32, 64, 128 and 256",
        "Smaller batches make more steps per epoch and are ahead at first, but each epoch takes longer; at the end the "
        f"four differ by little more than the seeds do. {SHORT}",
        "curves",
        over(DIGITS, "batch_size", (32, 64, 128, 256), lambda batch: f"batch {batch}"),
        needs="mnist",
        seeds=3,
    ),
    Study(
        "C7",
        "Widths on MNIST",
        "How wide must two hidden layers be?",
        "wider is better, with little gain after 64",
        f"Wider is better all the way, and the first doubling gains most. {SHORT}",
        "bars",
        over(
            DIGITS,
            "hidden",
            [(Dense(width, ReLU()),) * 2 for width in (16, 32, 64, 128)],
            lambda hidden: f"[{hidden[0].units}, {hidden[0].units}]",
        ),
        needs="mnist",
        seeds=3,
    ),
    Study(
        "C8",
        "Optimisers on MNIST",
        "Which of SGD, momentum and Adam is best at rate .001?",
        "Adam best",
        "Adam is far ahead at the same rate, but that is not a fair race: the size of Adam's step does not depend on "
        f"that of the gradient, and plain SGD needs a much higher rate. {SHORT}",
        "curves",
        over(DIGITS, "optimiser", (SGD(), Momentum(), Adam()), lambda optimiser: optimiser.label),
        needs="mnist",
        seeds=3,
    ),
)
