"""The page of the studies: choose one, run it, see our figure beside the report's."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from nn_core.spec import SpecError
from playground.datasets.base import DataError
from playground.experiments.studies import STUDIES, Study, find, missing
from playground.figures.studies import figure
from playground.live.labs.check import CheckRun
from playground.live.labs.lab import Lab
from playground.live.labs.spec import MOST_RUNS, MOST_SEEDS
from playground.live.labs.study import StudySpec
from playground.ui import session
from playground.ui.labs.bar import run_button, seeds_box, x_axis_box
from playground.ui.labs.downloads import downloads, figures
from playground.ui.labs.wait import wait
from playground.ui.live import live
from playground.ui.shell import Shell
from playground.ui.style import is_dark

SEEDS = (1, 3, 5, 10, 20, 50, 100)
FIRST = "B2"  # the study that the page opens with
# Where the pictures that a study needs can be fetched.
FETCHED = {"mnist": ("views/mnist.py", "Open MNIST"), "cifar10": ("views/cifar10.py", "Open CIFAR-10")}


@dataclass(frozen=True)
class StudyPage:
    """The name of the page."""

    key: str
    title: str


def study_page(page: StudyPage) -> None:
    """Draw the page."""
    run: Lab | CheckRun = session.opened(page.key, _opened)
    if isinstance(run, CheckRun) and run.study.cells and not missing(run.study):  # its pictures have come meanwhile
        run = session.put(_made(run.study, run.seeds, session.session().problems))
    study, is_lab = _study(run), isinstance(run, Lab)
    Shell(
        page.key,
        page.title,
        _link(run),
        lambda: _choice(study),
        _bar if is_lab else _bar_of_check,
        behind={"Download": _downloads},
        words=lambda: _words(study),
    ).draw()
    if is_lab:
        live()
    else:
        _check()


def _opened(query: Mapping[str, str], known: Lab | CheckRun | None) -> Lab | CheckRun:
    """The study that the link names, else the one that was left, else the first."""
    problems = session.session().problems
    study, trials = _read(query, _study(known) if known else STUDIES[FIRST], problems)
    return _made(study, trials, problems)


def _read(query, default: Study, problems: list[str]) -> tuple[Study, int]:
    study = default
    if "study" in query:
        try:
            study = find(query["study"])
        except SpecError as error:
            problems.append(f"The link's study was left out: {error}")
    trials = query.get("trials", "")
    if trials.isascii() and trials.isdigit() and len(trials) < 7:
        return study, int(trials)
    if "trials" in query:
        problems.append(f"The link's trials was left out: it must be a whole number of at most {MOST_SEEDS}.")
    return study, study.seeds


def _made(study: Study, seeds: int, problems: list[str]) -> Lab | CheckRun:
    if study.kind == "check":
        return CheckRun(study)
    try:
        spec = StudySpec(study, seeds)
        return spec.form.lab(spec)
    except DataError as error:
        if missing(study):
            return CheckRun(study, seeds)
        problems.append(str(error))  # its pictures are damaged
        return _made(STUDIES[FIRST], STUDIES[FIRST].seeds, problems)
    except SpecError as error:
        problems.append(f"The link's trials was left out: {error}")
        return _made(study, study.seeds, problems)


def _study(run: Lab | CheckRun) -> Study:
    return run.spec.study if isinstance(run, Lab) else run.study


def _link(run: Lab | CheckRun) -> dict[str, str]:
    if isinstance(run, Lab):
        return {"study": run.spec.study.id, "trials": str(run.spec.seeds)}
    return {"study": run.study.id} | ({"trials": str(run.seeds)} if run.study.cells else {})


def _choice(study: Study):
    st.session_state["study"] = study.id

    def changed():
        session.current().pause()
        chosen = STUDIES[st.session_state["study"]]
        session.put(_made(chosen, chosen.seeds, session.session().problems))

    st.selectbox(
        "Study",
        list(STUDIES),
        key="study",
        format_func=lambda id: f"{id} · {STUDIES[id].title}",
        label_visibility="collapsed",
        on_change=changed,
    )


def _words(study: Study):
    with st.container(key="study-words"):
        left, right = st.columns([1, 1.35], gap="medium")
        left.markdown(f"**{study.question}**  \nThe report: {study.report}.")
        right.markdown(f"**What to see.** {study.look_for}")


def _bar():
    run_button()
    spec: StudySpec = session.current().spec
    study = spec.study
    columns = st.columns([0.6, 0.7, 3], gap="small")
    with columns[0]:
        most = MOST_RUNS // len(study.cells)
        seeds_box(tuple(seeds for seeds in (*SEEDS, study.seeds) if seeds <= most))
    if spec.form.has_curves:
        with columns[1]:
            x_axis_box()
    with columns[-1]:
        st.caption(f"As a command: `python -m playground.experiments run {study.id}`")


def _bar_of_check():
    run: CheckRun = session.current()
    with st.container(key="lab-run", width="content"):
        words = {"playing": "Measuring …", "finished": "Measured"}.get(run.state, "Measure")
        st.button(
            words, key="play", type="primary", shortcut="Space", on_click=lambda: session.current().play(),
            disabled=run.state not in ("ready", "failed"),
        )  # fmt: skip
    st.caption(f"As a command: `python -m playground.experiments run {run.study.id}`")


def _check():
    """What a measurement has found, or what there is to wait for."""
    run: CheckRun = session.current()
    match run.state:
        case "missing":
            st.info(missing(run.study), icon=":material/info:")
            if run.study.needs in FETCHED:
                page, words = FETCHED[run.study.needs]
                st.page_link(page, label=words, icon=":material/arrow_forward:")
        case "failed":
            st.warning(run.problem, icon=":material/warning:")
        case "playing":
            wait(run.measurement, "up to a minute for nets on pictures")
        case "finished":
            _found(run)


def _found(run: CheckRun):
    """The figure and the table beside it; pictures, and a table without a figure, have the whole width."""
    beside = {"slopes": (1.5, 1), "cost": (1, 1), "variance": (1, 1)}.get(run.study.figure)
    with st.container(key="study-found"):
        if beside:
            left, right = st.columns(beside, gap="medium")
        else:
            left = right = st.container()
        if run.study.figure != "table":
            left.image(run.png(is_dark()), width="stretch")
        right.dataframe(
            [{"what": row["label"], "report": row["report"], "ours": row["value"], "verdict": row["verdict"]}
             for row in run.found.rows],
            hide_index=True, width="stretch", height="content",
        )  # fmt: skip
        right.caption(f"Measured in {run.found.seconds:.1f} s.")


def _downloads():
    run: Lab | CheckRun = session.current()
    study = _study(run)
    if isinstance(run, Lab):
        downloads(study.id, lambda results: figure(study, results))
    elif run.found is None:
        st.caption("Nothing to download yet: press Measure first.")
    else:
        out = io.StringIO()
        rows = csv.DictWriter(out, list(run.found.rows[0]), lineterminator="\n")
        rows.writeheader()
        rows.writerows(run.found.rows)
        st.download_button("Table (CSV)", out.getvalue(), f"{study.id}.csv", "text/csv", key="csv", width="stretch")
        figures(study.id, run.figure())
