"""The status line of the picture pages: how far the run has come, and how long it still takes."""

from playground.live.plane.readings import CHANGED, COMPARE

LARGE = 200_000  # parameters; a checksum over more of them would cost a tenth of a picture's time while it plays


def readings(run) -> list[dict]:
    """The readings of a `PictureRun`, as docs/frame.md describes them."""
    trainer, config, speed = run.trainer, run.config, run.steps_per_second
    changed = run.changed_at is not None
    of = f" of {config.stop_epochs:,}" if config.stop_epochs else ""
    measured = len(trainer.outputs["test"])
    score = 100 * run.results.counts.trace() / measured
    quick = run.playing and trainer.network.size > LARGE
    rows = (
        ("Epoch", f"{trainer.position:.2f}{of}", "Times that the network has seen all training pictures."),
        ("Step", f"{trainer.step:07,}", "Updates of the weights: one for each mini-batch."),
        ("Test accuracy", f"{score:.2f} %", f"Share of {measured:,} test pictures that are answered right."),
        ("Parameters", f"{trainer.network.size:,}", "Weights and biases: the numbers that training moves."),
        ("Steps per second", f"{speed:,.0f}" if speed else "–", "Updates made in a second, pictures included."),
        ("Left", _left(run, speed), "Time to the end of the run, or of the epoch where no end is set; about."),
        (
            "Run",
            f"{run.experiment.fingerprint_of_settings}·…" if quick else run.experiment.fingerprint + "*" * changed,
            COMPARE + (CHANGED.format(run.changed_at) if changed else ""),
        ),
    )
    return [{"label": label, "value": value, "help": text} for label, value, text in rows]


def _left(run, speed: float) -> str:
    """The time that is left at this speed, in words."""
    trainer, config = run.trainer, run.config
    if trainer.state != "running":
        return "–"
    steps = -(-len(run.experiment.data.train) // config.batch_size)
    end = config.stop_epochs or trainer.epoch + 1
    seconds = (end - trainer.position) * steps / speed if speed else 0
    if not seconds > 0:
        return "–"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
