"""The status line: what a run has come to, in figures that are ready to be printed."""

from playground.live.curves import three

COMPARE = (
    "Fingerprint: four digits for the settings, four for the weights at this step. "
    "Two laptops that show the same have made the same run."
)
EXPLAINED = "Share of the test values' variance that is explained, "
UNDEFINED = "Undefined: the test part has a single sample, which has no variance that could be explained."
CHANGED = " *: changed by hand at step {:,}; a link to these settings gives what Rewind and Play give."


def readings(run) -> list[dict]:
    """The readings of a `Run`, as docs/frame.md describes them."""
    trainer, config = run.trainer, run.config
    score, loss = float(trainer.history.last["test_metric"]), float(trainer.history.last["test_loss"])
    classes = config.loss.task == "classes"
    changed = run.changed_at is not None
    several = len(run.experiment.data.test) > 1
    speed = run.steps_per_second
    after = "after the last whole epoch."
    rows = (
        ("Epoch", f"{trainer.epoch:07,}", "Times that the network has seen all training samples."),
        ("Step", f"{trainer.step:07,}", "Updates of the weights: one for each mini-batch."),
        ("Test loss", three(loss), "How wrong the test answers are, " + after),
        ("Test accuracy", f"{100 * score:.1f} %", "Share of test samples that are answered right, " + after)
        if classes
        else ("Test R²", three(score), EXPLAINED + after if several else UNDEFINED),
        ("Parameters", f"{trainer.network.size:,}", "Weights and biases: the numbers that training moves."),
        ("Steps per second", f"{speed:,.0f}" if speed else "–", "Updates made in a second, pictures included."),
        (
            "Run",
            run.experiment.fingerprint + "*" * changed,
            COMPARE + (CHANGED.format(run.changed_at) if changed else ""),
        ),
    )
    return [{"label": label, "value": value, "help": text} for label, value, text in rows]
