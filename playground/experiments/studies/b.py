"""Group B: a two-layer net derived by hand, on circles."""

from nn_core.activations import Tanh
from nn_core.layers import Dense
from nn_core.schedules import Constant, Cosine, ExponentialDecay, StepDecay, TimeBasedDecay, WarmUpCoolDown
from playground.datasets.plane import Circles
from playground.experiments.config import Config
from playground.experiments.studies.derivatives import formulas, naive_costs
from playground.experiments.studies.study import Cell, Study, over

# 200 points to train with, 44 to validate and 200 to test; with this noise the rings overlap as the report's must have.
RINGS = Config(data=Circles(samples=444, noise=0.14), hidden=(Dense(10, Tanh()),), learning_rate=0.03, batch_size=10,
               test_share=0.45, validation_share=0.1, stop_epochs=150)  # fmt: skip
BATCHES, RATES = (1, 10, 50, 100, 0), (0.01, 0.05, 0.1, 0.5, 1.0, 5.0)
SCHEDULES = {
    "constant": Constant(),
    "time-based": TimeBasedDecay(0.02),
    "step": StepDecay(50, 0.5),
    "exponential": ExponentialDecay(0.98),
    "cosine": Cosine(150),
    "warm-up, cool-down": WarmUpCoolDown(10, 70, 70),
}


def batch_name(batch: int) -> str:
    """The label of a batch size; all 200 training points are the full batch."""
    return str(batch) if batch else "200 (full)"


STUDIES = (
    Study(
        "B1",
        "Circles, epoch by epoch",
        "How well does 2-10-2 tanh learn circles with batch 10, rate .03 and 150 epochs?",
        "93 to 93.5 % on the test part",
        "The report does not say how noisy its rings are. With a noise of 0.14 they overlap so far that the median is "
        "near the report's; with the page's 0.08 it is 98.8 %.",
        "curves",
        (Cell("batch 10, rate .03", RINGS, 0.9325),),
    ),
    Study(
        "B2",
        "The wall of batches and learning rates",
        "Which of 30 pairs of batch and learning rate learn the circles in 150 epochs, and which run away?",
        "best about 93.5 %; batch 1 with rate 5 diverges to NaN",
        "Small batches make more steps and so need smaller rates. Batch 1 with rate 5 runs away: our stable softmax "
        "gives a finite loss up to tens of times its first value where the report's gave NaN, and both count as "
        "diverged.",
        "wall",
        tuple(
            Cell(
                f"batch {batch_name(batch)}, rate {rate:g}",
                RINGS.replace(batch_size=batch, learning_rate=rate),
                None,
                batch_name(batch),
                f"{rate:g}",
            )
            for batch in BATCHES
            for rate in RATES
        ),
        axes=("batch", "learning rate"),
    ),
    Study(
        "B3",
        "Full batch, mini-batch, online",
        "How do full-batch, mini-batch and online gradient descent differ from the same data and first weights?",
        "described in words",
        "Online descent (batch 1) learns fastest per epoch, since it makes 200 steps where the full batch makes one; "
        "its curve is also the roughest. The full batch has hardly begun after 150 steps.",
        "curves",
        over(RINGS, "batch_size", (0, 10, 1), {0: "full batch (200)", 10: "mini-batch (10)", 1: "online (1)"}.get),
        metric="train_loss",
    ),
    Study(
        "B4",
        "Learning-rate schedules",
        "What do time-based, step, exponential, cosine and warm-up schedules change?",
        "described in words",
        "Where the constant rate is low enough to be stable, as here, a schedule that lowers it only slows training "
        "down: the order of the losses is the order of the summed rates. Schedules pay where the rate starts high.",
        "curves",
        tuple(Cell(name, RINGS.replace(schedule=schedule)) for name, schedule in SCHEDULES.items()),
        metric="train_loss",
    ),
    Study(
        "B5",
        "Backpropagation with numbers",
        "Do the formulas of the two-layer net give the network's own numbers, one mini-batch at a time?",
        "the formulas",
        "Each quantity by its formula (its first number is printed) differs from the network's by rounding alone.",
        "table",
        measure=formulas,
    ),
    Study(
        "B6",
        "Naive gradient against backpropagation",
        "What does a gradient cost with one perturbation per parameter, and what by backpropagation?",
        "N passes against one",
        "The ratio grows with the number of parameters: N + 1 forward passes against one forward and one backward "
        "pass, which together cost about two. Times on a busy machine scatter.",
        "cost",
        measure=naive_costs,
    ),
)
