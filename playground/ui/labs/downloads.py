"""What a lab gives away: its table, its figure, and a run on its live page."""

import csv
import io
from collections.abc import Callable, Sequence

import streamlit as st
from matplotlib.figure import Figure

from nn_core.spec import name_of
from playground.experiments.config import SOURCES, Config, Own
from playground.experiments.link import show_link
from playground.experiments.results import Result
from playground.figures.labs import FORMATS, drawn
from playground.live.labs.lab import Lab
from playground.live.labs.parts import cell_name
from playground.ui import session

# The live page on which runs on a data set are opened; any other opens on the first page, which takes all.
LIVE = {
    "peaks": "peaks",
    "gmm": "gaussian_mixture",
    "moons": "moons",
    "circles": "circles",
    "xor": "xor",
    "line": "regression",
    "sine": "regression",
    "peaks_height": "regression",
    "digits": "digits",
    "mnist": "mnist",
    "fashion_mnist": "mnist",
    "cifar10": "cifar10",
}
MEASURES = ("train_loss", "validation_loss", "test_loss", "train_metric", "validation_metric", "test_metric")


def downloads(name: str, figure: Callable[[Sequence[Result]], Figure]) -> None:
    """The table, the figure of all results, and the run of the chosen cell on its live page. name: of the files."""
    lab: Lab = session.current()
    places, results = lab.begun(), lab.results()
    if not any(len(result.history["epochs"]) > 1 for result in results):
        st.caption("Nothing to download yet: press Run first.")
        return
    st.download_button(
        "Table (CSV)", table(lab, places, results), f"{name}.csv", "text/csv", key="csv", width="stretch"
    )
    if not lab.has_figure:
        st.caption("The figure is there when every run has begun.")
    else:
        figures(name, figure(results))
    if isinstance(lab.config.data, Own):
        return  # no live page has these samples
    config = _chosen(lab, places, results)
    st.caption("This run on its live page: the same numbers, step by step.")
    if st.button("Open in the live page", key="open-live", icon=":material/open_in_new:", width="stretch"):
        view = LIVE.get(name_of(config.data, SOURCES), "swiss_roll")
        st.switch_page(f"views/{view}.py", query_params=show_link(config))


def _chosen(lab: Lab, places: Sequence[int], results: Sequence[Result]) -> Config:
    """The config of the cell that was clicked, or chosen here, where the keyboard comes to as well; else the best."""
    fine = [place for place, result in enumerate(results) if not result.diverged] or range(len(results))
    best = max(fine, key=lambda place: results[place].final.get(f"{lab.spec.part}_metric", -1e9))
    config, cells = results[best].config, lab.spec.rows * lab.spec.columns
    if cells > 1:
        names = {None: f"the best run: {cell_name(lab, places[best] // lab.spec.seeds)}"}
        names |= {cell: cell_name(lab, cell) for cell in range(cells)}
        chosen = lab.chosen and lab.chosen[0] * lab.spec.columns + lab.chosen[1]
        st.session_state["lab-chosen"] = chosen

        def changed():
            cell = st.session_state["lab-chosen"]
            session.current().chosen = None if cell is None else divmod(cell, lab.spec.columns)

        st.selectbox("Run to open", list(names), key="lab-chosen", format_func=names.get, on_change=changed)
        config = config if chosen is None else lab.configs[chosen * lab.spec.seeds]
    return config


def figures(name: str, figure: Figure) -> None:
    """Buttons for a figure in each format."""
    for column, kind in zip(st.columns(len(FORMATS)), FORMATS, strict=True):
        with column:
            st.download_button(
                kind.upper(),
                drawn(figure, kind),
                f"{name}.{kind}",
                FORMATS[kind],
                key=f"figure-{kind}",
                width="stretch",
            )


def table(lab: Lab, runs: Sequence[int], results: Sequence[Result]) -> str:
    """CSV, one row a run: what was varied, the seeds, what came of it, its fingerprint and its link."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    axes = [axis for axis in (lab.spec.down, lab.spec.across) if axis]
    rows.writerow([*(lab.spec.name(axis) for axis in axes), "seed_weights", "seed_batches", "state", "steps", "seconds",
                   *MEASURES, "fingerprint", "link"])  # fmt: skip
    for run, result in zip(runs, results, strict=True):
        places = divmod(run // lab.spec.seeds, lab.spec.columns)
        values = [
            lab.spec.label(axis, place)
            for axis, place in zip((lab.spec.down, lab.spec.across), places, strict=True)
            if axis
        ]
        rows.writerow(
            [
                *values,
                result.config.seed_weights,
                result.config.seed_batches,
                "diverged" if result.diverged else result.state if lab.is_done(run) else "running",
                result.steps,
                f"{result.seconds:.4f}",
                *(result.final.get(name, "") for name in MEASURES),
                result.fingerprint,
                "&".join(f"{key}={value}" for key, value in show_link(result.config).items()),
            ]
        )
    return out.getvalue()
