"""The page of a lab: title and recipes, what is varied, Run and Stop, the stage, downloads, the live page."""

import csv
import io
from dataclasses import dataclass

import streamlit as st

from nn_core.spec import Choice, SpecError, name_of
from playground.datasets.registry import DATASETS
from playground.experiments.config import Config
from playground.experiments.experiment import with_data
from playground.experiments.link import read_link, show_link
from playground.figures.labs import (
    FORMATS,
    compare_figure,
    depth_figure,
    drawn,
    grid_figure,
    seeds_figure,
    surface_figure,
)
from playground.ui import session
from playground.ui.copy_link import copy_link
from playground.ui.labs.axes import AXES, read_values, show_values
from playground.ui.labs.frame import compare_frame, depth_frame, grid_frame, seeds_frame, surface_frame
from playground.ui.labs.lab import Lab
from playground.ui.labs.spec import MOST_BUDGET, LabSpec, read_lab, show_lab
from playground.ui.labs.surface import SurfaceLab
from playground.ui.live import live
from playground.ui.page import show_problems
from playground.ui.style import style

SEEDS = {
    "grid": (1, 3, 5, 10),
    "seeds": (10, 20, 50, 100, 200),
    "compare": (3, 5, 10, 20),
    "depth": (3, 5, 10, 20),
    "surface": (1,),
}
PAINTERS = {
    "grid": grid_frame,
    "seeds": seeds_frame,
    "compare": compare_frame,
    "depth": depth_frame,
    "surface": surface_frame,
}
FIGURES = {"grid": grid_figure, "seeds": seeds_figure, "compare": compare_figure, "depth": depth_figure}
# Which axes a form has a control for.
AXES_OF = {
    "grid": ("across", "down"),
    "compare": ("across",),
    "depth": ("across",),
    "surface": ("across",),
    "seeds": (),
}
X_AXES = ("epochs", "updates", "seconds")
FIELDS = (
    "net",
    "activation",
    "optimiser",
    "rate",
    "batch",
    "init",
    "l2",
    "stop_epochs",
)
LABELS = {
    "net": "Hidden layers (16-16; 0 is none)",
    "activation": "Activation",
    "optimiser": "Optimiser",
    "rate": "Learning rate",
    "batch": "Batch",
    "init": "First weights",
    "l2": "L2",
    "stop_epochs": "Epochs",
}
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
}


@dataclass(frozen=True)
class LabRecipe:
    """A lab that shows something, and one sentence on what to look for."""

    label: str
    why: str
    spec: LabSpec


@dataclass(frozen=True)
class LabPage:
    """What makes one lab differ from another. form: "grid", "seeds", "compare", "depth" or "surface"."""

    key: str
    title: str
    form: str
    recipes: tuple[LabRecipe, ...]
    sets: tuple[Choice, ...]


def lab_page(page: LabPage) -> None:
    """Draw the page."""
    style()
    lab = open_lab(page)
    show_problems()
    recipe = next((recipe for recipe in page.recipes if recipe.spec == lab.spec), None)
    with st.container(horizontal=True, key="head", vertical_alignment="center"):
        st.markdown(f"# {page.title}", width="content")
        _recipes(page, lab, recipe)
        with st.container(horizontal=True, key="actions", width="content", horizontal_alignment="right"):
            copy_link()
            with st.popover("Download", key="download-popover", on_change="rerun") as popover:
                if popover.open:
                    _downloads(page, lab)
            with st.popover("Settings", key="settings-popover", on_change="rerun") as popover:
                if popover.open:
                    _settings(page, lab)
    with st.container(horizontal=True, key="bar", vertical_alignment="bottom", wrap=False):
        _bar(page, lab)
    _write_link(page, lab)
    session.note_as_drawn()
    live(page.key, recipe.why if recipe else "Choose what is varied, then press Run; Settings has the rest.")


def open_lab(page: LabPage) -> Lab:
    """The lab of a page: made from the link if there is one, else from the first recipe, or as it was left."""
    memory = session.session()
    query = session.arriving(page.key)
    if page.key not in memory.runs or (query and query not in memory.links.get(page.key, [])):
        default = page.recipes[0].spec
        spec, problems = read_lab(query, default)
        for name in ("across", "down"):
            if name not in AXES_OF[page.form] and getattr(spec, name):
                problems.append(f"The link's {name} was left out: this lab varies no such setting.")
                spec = spec.replace(**{name: None})
        for wanted in (spec, default):
            try:
                memory.runs[page.key] = (SurfaceLab if page.form == "surface" else Lab)(wanted, PAINTERS[page.form])
                break
            except ValueError as error:
                problems.append(f"The link could not be used: {error}")
        memory.problems += problems
    _write_link(page, memory.runs[page.key])
    return memory.runs[page.key]


def _write_link(page: LabPage, lab: Lab) -> None:
    session.put_link(page.key, show_lab(lab.spec))


def _recipes(page: LabPage, lab: Lab, recipe: LabRecipe | None):
    labels = {one.label: one for one in page.recipes}
    st.session_state["recipe"] = recipe.label if recipe else None

    def changed():
        chosen = st.session_state["recipe"]
        if chosen in labels:  # on the way from page to page it may be another page's
            session.attempt(lambda: lab.apply(labels[chosen].spec))

    st.pills("Recipes", list(labels), key="recipe", label_visibility="collapsed", on_change=changed)


def _bar(page: LabPage, lab: Lab):
    """Run or Stop, the axes with their values, the seeds."""
    runs = len(lab.configs)
    with st.container(key="lab-run", width="content"):
        if lab.playing:
            st.button("Stop", key="pause", type="primary", shortcut="Space", on_click=lab.pause)
        else:
            words = f"Run {runs}" if lab.state in ("ready", "finished") else "Go on"
            st.button(words, key="play", type="primary", shortcut="Space", on_click=lab.play)
    axes = AXES_OF[page.form]
    widths = {
        "grid": [1, 1.5, 1, 1.5, 0.7],
        "compare": [1, 1.5, 0.7, 0.8],
        "depth": [1, 2.6, 0.7, 0.9],
        "surface": [1, 3],
        "seeds": [0.7, 4],
    }[page.form]
    columns = st.columns(widths, gap="small")
    place = iter(columns)
    for name in axes:
        with next(place):
            _axis(lab, name)
        with next(place):
            _values(lab, name)
    if page.form == "surface":
        return  # one run each, from the same first weights
    with next(place):
        options = sorted({*SEEDS[page.form], lab.spec.seeds})
        st.session_state["lab-seeds"] = lab.spec.seeds
        st.selectbox(
            "Seeds",
            options,
            key="lab-seeds",
            help="How many trainings of each, that differ in their first weights and the order of their batches.",
            on_change=lambda: _change(lab, seeds=st.session_state["lab-seeds"]),
        )
    if page.form == "depth":
        with next(place):
            st.session_state["lab-budget"] = lab.spec.budget
            st.number_input(
                "Budget",
                0,
                MOST_BUDGET,
                key="lab-budget",
                step=10,
                help="The most parameters that a network may have; one above it is refused. 0 is no limit.",
                on_change=lambda: _change(lab, budget=st.session_state["lab-budget"]),
            )
    if page.form == "compare":
        with next(place):
            st.session_state["lab-x"] = lab.show
            st.selectbox(
                "Curves over",
                X_AXES,
                key="lab-x",
                help="What stands under the curves: epochs, updates of the weights, or seconds of training.",
                on_change=lambda: setattr(lab, "show", st.session_state["lab-x"]),
            )


def _axis(lab: Lab, name: str):
    axis = getattr(lab.spec, name)
    key = f"lab-{name}"
    st.session_state[key] = axis[0] if axis else None

    def changed():
        chosen = st.session_state[key]
        session.attempt(
            lambda: lab.apply(
                lab.spec.replace(**{name: (chosen, read_values(chosen, AXES[chosen].example)) if chosen else None})
            )
        )

    st.selectbox(
        name.capitalize(),
        list(AXES),
        key=key,
        format_func=lambda one: AXES[one].label,
        help="The setting that is varied." if name == "across" else "The second setting that is varied.",
        on_change=changed,
    )


def _values(lab: Lab, name: str):
    axis = getattr(lab.spec, name)
    key = f"lab-{name}-values"
    st.session_state[key] = show_values(*axis) if axis else ""
    st.text_input(
        "Values",
        key=key,
        help="Separated by commas; knobs in brackets: adam(beta1=0.8).",
        disabled=axis is None,
        on_change=lambda: session.attempt(
            lambda: lab.apply(lab.spec.replace(**{name: (axis[0], read_values(axis[0], st.session_state[key]))}))
        ),
    )


def _change(lab: Lab, **changes):
    session.attempt(lambda: lab.apply(lab.spec.replace(**changes)))


def _settings(page: LabPage, lab: Lab):
    """The base of the lab: its data, and everything that is not varied."""
    st.caption("What all runs share; what the bar varies stands there. A change starts the lab afresh.")
    by_name = {name_of(data, DATASETS): data for data in page.sets}
    current = name_of(lab.config.data, DATASETS)
    st.session_state["lab-data"] = current
    st.selectbox(
        "Data set",
        list(by_name if current in by_name else {**by_name, current: lab.config.data}),
        key="lab-data",
        format_func=lambda name: DATASETS[name].label,
        help="What all runs learn.",
        on_change=lambda: session.attempt(
            lambda: _change(
                lab,
                base=with_data(lab.config, by_name[st.session_state["lab-data"]], None, len(lab.data.inputs)),
            )
        ),
    )
    link = {"l2": "0", "stop_epochs": "0", "activation": "none", **show_link(lab.config)}
    columns = st.columns(2)
    for number, name in enumerate(FIELDS):
        with columns[number % 2]:
            key = f"lab-base-{name}"
            st.session_state[key] = link[name]
            st.text_input(
                LABELS[name],
                key=key,
                disabled=name == "activation" and not lab.config.hidden,
                on_change=lambda name=name, key=key: _set_field(lab, name, st.session_state[key]),
            )


def _set_field(lab: Lab, name: str, value: str):
    """One field of the base, read as a link reads it."""

    def change():
        base, problems = read_link({name: value}, lab.config)
        if problems:
            raise SpecError(problems[0].replace("The link's ", "").replace(" was left out:", " stays as it was:"))
        lab.apply(lab.spec.replace(base=base))

    session.attempt(change)


def _downloads(page: LabPage, lab: Lab):
    """The table, the figure, and the run of the chosen cell on its live page."""
    places, results = lab.begun(), lab.results()
    if not any(len(result.history["epochs"]) > 1 for result in results):
        st.caption("Nothing to download yet: press Run first.")
        return
    st.download_button(
        "Table (CSV)", _csv(lab, places, results), f"{page.key}.csv", "text/csv", key="csv", width="stretch"
    )
    if len(places) < len(lab.configs):
        st.caption("The figure is there when every run has begun.")
    else:
        _figures(page, lab, results)
    config = _chosen(lab, results)
    st.caption("Open the chosen run on its live page: the same numbers, step by step.")
    if st.button("Open in the live page", key="open-live", icon=":material/open_in_new:", width="stretch"):
        view = LIVE.get(name_of(config.data, DATASETS), "swiss_roll")
        st.switch_page(f"views/{view}.py", query_params=show_link(config))


def _figures(page: LabPage, lab: Lab, results):
    if page.form == "surface":
        names = [lab.spec.label(lab.spec.across, k) for k in range(lab.spec.columns)]
        figure = surface_figure(page.title, names, lab)
    else:
        figure = FIGURES[page.form](page.title, lab.spec, results)
    for column, name in zip(st.columns(len(FORMATS)), FORMATS, strict=True):
        with column:
            st.download_button(
                name.upper(),
                drawn(figure, name),
                f"{page.key}.{name}",
                FORMATS[name],
                key=f"figure-{name}",
                width="stretch",
            )


def _chosen(lab: Lab, results) -> Config:
    """The config of the cell that was clicked, or of the best run."""
    if lab.chosen:
        return lab.configs[(lab.chosen[0] * lab.spec.columns + lab.chosen[1]) * lab.spec.seeds]
    fine = [result for result in results if not result.diverged] or results
    return max(fine, key=lambda result: result.final.get("test_metric", -1e9)).config


def _csv(lab: Lab, places, results) -> str:
    """One row a run: what was varied, the seeds, what came of it, its fingerprint and its link."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    axes = [axis for axis in (lab.spec.down, lab.spec.across) if axis]
    names = ["train_loss", "validation_loss", "test_loss", "train_metric", "validation_metric", "test_metric"]
    rows.writerow([*(AXES[axis[0]].label for axis in axes), "seed_weights", "seed_batches", "state", "steps", "seconds",
                   *names, "fingerprint", "link"])  # fmt: skip
    for number, result in zip(places, results, strict=True):
        cell = number // lab.spec.seeds
        places = (cell // lab.spec.columns, cell % lab.spec.columns)
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
                "diverged" if result.diverged else result.state if lab.is_done(number) else "running",
                result.steps,
                f"{result.seconds:.4f}",
                *(result.final.get(name, "") for name in names),
                result.fingerprint,
                "&".join(f"{key}={value}" for key, value in show_link(result.config).items()),
            ]
        )
    return out.getvalue()
