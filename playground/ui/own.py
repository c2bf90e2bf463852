"""Data of one's own: points painted onto the output, a pasted table, an uploaded CSV, .mat or .npz file.

Whatever cannot be used is said in one sentence next to where it was brought, and the data that were there stay.
"""

import functools
from collections.abc import Callable

import streamlit as st

from nn_core.spec import clip
from playground.datasets.arrays import read_pair
from playground.datasets.base import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, DataError, Drawn, fingerprint
from playground.datasets.mat import open_mat
from playground.datasets.upload import from_points
from playground.experiments.config import Own
from playground.ui import session
from playground.ui.preview import Brought, show_preview
from playground.ui.words import plain

MOST_POINTS = 2000  # that can be painted
SHAPES = ("●", "▲", "■", "◆", "✚")  # the markers of the first classes, as the stage draws them
SIZE = f"at most {MAX_BYTES // 1_000_000} MB, {MAX_ROWS:,} rows and {MAX_COLUMNS} inputs"


def palette() -> int | None:
    """The brushes, beside the title: returns the class that a stroke on the output adds points of; None is no brush."""
    data = session.current().experiment.data
    if data.task != "classes" or len(data.inputs) != 2:
        return None
    brush = st.segmented_control(
        "Paint points",
        SHAPES,
        default=SHAPES[0],
        key="brush",
        label_visibility="collapsed",
        help="Choose a class, then click or drag on the output to add points of it.",
    )
    return SHAPES.index(brush) if brush else None


def paint_points(memory: session.Session, page: str, stroke: dict) -> None:
    """Add the points of a stroke (docs/frame.md) to the data. Raises DataError where they cannot be added.

    The stage calls it, so it knows no Streamlit: memory is that of the session, page the one that the stage is on.
    """
    run = memory.runs[page]
    points = memory.points if isinstance(run.config.data, Own) else []
    try:
        label = int(stroke["class"])
        added = [(float(x), float(y), label) for x, y in stroke["points"]]
    except (KeyError, TypeError, ValueError):
        raise DataError("The stroke did not arrive whole; paint it again.") from None
    if not 0 <= label < len(SHAPES):
        raise DataError(f"A class must be one of the {len(SHAPES)} brushes.")
    points = [*(points or _points_on_screen(run)), *added]
    if len(points) > MOST_POINTS:
        raise DataError(f"There can be {MOST_POINTS:,} painted points at most; clear some first.")
    use(memory, from_points(points), points, page)


def bring() -> None:
    """The ways to bring data, at the head of what is behind "Data"."""
    upload, paste, paint = st.tabs(["Upload", "Paste", "Paint"])
    with upload:
        st.file_uploader(
            "CSV, .mat or .npz file",
            type=["csv", "tsv", "txt", "mat", "npz"],
            help="CSV: a row for each sample. .mat: fields Yt, Ct, Yv, Cv. .mat or .npz: X (samples x features) and y "
            f"(labels). {SIZE[0].upper()}{SIZE[1:]}.",
            key="upload",
            on_change=_uploaded,
        )
        _say("upload")
    with paste:
        st.text_area(
            "Rows of a table",
            placeholder="x, y, label\n0.1, 0.7, red\n0.4, 0.2, blue",
            height=130,
            max_chars=MAX_BYTES + 1,  # one too many: what is cut off there is refused with a sentence
            help=f"Separated by commas, semicolons, tabs or spaces; {SIZE}.",
            key="paste",
            persist_state="session",
        )
        st.button("Read this table", key="paste-read", on_click=_pasted)
        _say("paste")
    with paint:
        st.caption("Choose a brush beside the title, then click or drag on the output. Five classes, two inputs.")
        st.button("Start over with a few points", on_click=lambda: session.attempt(_start_over), key="start-over")
    brought = session.session().brought
    if brought is not None:
        st.button(
            f"How {plain(clip(brought.name))} was read",
            icon=":material/table:",
            on_click=lambda: _show(brought),
            key="read-again",
            help="Columns, separator, decimal sign: look at them again, and change them.",
        )


def preview() -> None:
    """The table that was brought, in a dialog, as long as that is open."""
    brought = session.session().brought
    if brought is not None and brought.is_open:
        st.session_state["data-popover"] = False  # it would lie upon the dialog
        show_preview(brought, functools.partial(use, session.session()))


def _uploaded() -> None:
    """Show how an uploaded file is read, or use it where it brings its own split."""
    file = st.session_state["upload"]
    _attempt("upload", lambda: _open(file.getvalue(), file.name) if file else None)


def _pasted() -> None:
    _attempt("paste", lambda: _show(Brought("Pasted table", raw=st.session_state["paste"] or "")))


def _open(raw: bytes, name: str) -> None:
    ending = name.lower()[-4:]
    found = open_mat(raw, clip(name)) if ending == ".mat" else read_pair(raw, name) if ending == ".npz" else None
    if isinstance(found, Drawn):
        use(session.session(), found)
    else:
        _show(Brought(name, raw=raw if found is None else "", arrays=found))


def _show(brought: Brought) -> None:
    """Let the preview show a table. Raises DataError where it cannot be cut into cells."""
    brought.check()
    session.current().pause()  # nobody watches what goes on behind the dialog
    session.session().brought = brought
    brought.show()


def _attempt(way: str, action: Callable[[], object]) -> None:
    """Do it; what is wrong is kept, to be said beside the way by which the data came."""
    st.session_state[f"problem-{way}"] = ""
    try:
        action()
    except ValueError as error:  # DataError and SpecError are ValueErrors
        st.session_state[f"problem-{way}"] = str(error)


def _say(way: str) -> None:
    if problem := st.session_state.get(f"problem-{way}"):
        st.error(plain(problem))


def use(memory: session.Session, drawn: Drawn, points: list | None = None, page: str = "") -> None:
    """Put the data before the network of a page, of the one that is open where none is named.

    Raises DataError or SpecError, and changes nothing, where it cannot.
    """
    before = memory.own, memory.points
    memory.own, memory.points = drawn, points or []
    try:
        session.put_data(memory, Own(fingerprint(drawn)), drawn, page)
    except ValueError:
        memory.own, memory.points = before
        raise


def _points_on_screen(run) -> list[tuple[float, float, int]]:
    """The points that the page shows, as if they had been painted; none where there are more than can be."""
    data = run.experiment.data
    parts = (data.train, data.validation, data.test)
    points = [(float(x[0]), float(x[1]), int(y)) for part in parts for x, y in zip(part.x, part.y, strict=True)]
    return points if len(points) <= MOST_POINTS // 2 else []


def _start_over() -> None:
    corners = [(x, y) for x in (-1.2, -0.9, -0.6) for y in (-1.0, -0.6)]
    points = [(x, y, 0) for x, y in corners] + [(-x, -y, 1) for x, y in corners]
    use(session.session(), from_points(points), points)
