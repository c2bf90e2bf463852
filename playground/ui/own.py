"""Data of one's own: points painted onto the output, a pasted table, an uploaded CSV or .mat file.

Whatever cannot be used is said in one sentence next to where it was brought, and the data that were there stay.
"""

import streamlit as st

from playground.datasets.base import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, DataError, Drawn, fingerprint
from playground.datasets.mat import read_mat
from playground.datasets.table import Table, read_table
from playground.datasets.upload import TASKS, from_points, table_to_data
from playground.experiments.config import Own
from playground.ui import session
from playground.ui.words import plain

MOST_POINTS = 2000  # that can be painted
SHAPES = ("●", "▲", "■", "◆", "✚")  # the markers of the first classes, as the stage draws them
SIZE = f"at most {MAX_BYTES // 1_000_000} MB, {MAX_ROWS:,} rows and {MAX_COLUMNS} columns"
TASK_NAMES = {"auto": "Decide for me", "classes": "Classes", "values": "Values to predict"}
HEADER_NAMES = {"Decide for me": None, "Has names": True, "Is data": False}


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
    _use(memory, page, from_points(points), points)


def bring() -> None:
    """The ways to bring data, at the head of what is behind "Data"."""
    upload, paste, paint = st.tabs(["Upload", "Paste", "Paint"])
    with upload:
        file = st.file_uploader(
            "CSV or .mat file",
            type=["csv", "tsv", "txt", "mat"],
            help=f"CSV: a row for each sample. .mat: fields Yt, Ct, Yv, Cv. {SIZE[0].upper()}{SIZE[1:]}.",
            key="upload",
        )
        if file is not None and file.name.lower().endswith(".mat"):
            _mat(file)
        elif file is not None:
            _table(file.getvalue(), file.name, key=f"table-{file.file_id}")
    with paste:
        text = st.text_area(
            "Rows of a table",
            placeholder="x, y, label\n0.1, 0.7, red\n0.4, 0.2, blue",
            height=130,
            max_chars=MAX_BYTES + 1,  # one too many: what is cut off there is refused with a sentence
            help=f"Separated by commas, semicolons, tabs or spaces; {SIZE}.",
            key="paste",
        )
        if text.strip():
            _table(text, "Pasted table", key="table-paste")
    with paint:
        st.caption("Choose a brush beside the title, then click or drag on the output. Five classes, two inputs.")
        st.button("Start over with a few points", on_click=lambda: session.attempt(_start_over), key="start-over")


def _mat(file) -> None:
    """Use an uploaded .mat file, but not again in every later script run."""
    used = st.session_state.get("used-upload") == file.file_id
    if not used and _try(lambda: _use_here(read_mat(file.getvalue(), file.name))):
        st.session_state["used-upload"] = file.file_id
        st.rerun()  # what stands above was drawn from the data before


def _table(raw: bytes | str, name: str, key: str) -> None:
    """Ask what a table's columns mean, show its head, and use it."""
    header = st.radio("The first row", list(HEADER_NAMES), horizontal=True, key=f"{key}-header")
    table = _try(lambda: read_table(raw, HEADER_NAMES[header]))
    if table is None:
        return
    columns = range(len(table.columns))
    left, right = st.columns(2)
    with left:
        label = st.selectbox(
            "Label column",
            columns,
            index=len(columns) - 1,
            format_func=lambda column: table.columns[column],
            key=f"{key}-label",
            help="What the network shall answer; all other columns are its inputs.",
        )
    with right:
        task = st.selectbox("The label holds", TASKS, format_func=TASK_NAMES.get, key=f"{key}-task")
    _head(table)
    pressed = st.button("Use these data", type="primary", key=f"{key}-use")
    if pressed and _try(lambda: _use_here(table_to_data(table, label, task, name))):
        st.rerun()  # what stands above was drawn from the data before


def _head(table: Table) -> None:
    st.caption(f"{len(table.rows):,} rows, {len(table.columns):,} columns; the first five:")
    st.dataframe(
        {f"{number + 1}: {name}": [row[number] for row in table.rows[:5]] for number, name in enumerate(table.columns)},
        hide_index=True,
        height=37 + 35 * min(len(table.rows), 5),
    )


def _try(action):
    """What the action gives, or None and its one sentence on the page."""
    try:
        return action()
    except ValueError as error:  # DataError and SpecError are ValueErrors
        st.error(plain(str(error)))
        return None


def _use_here(drawn: Drawn, points: list | None = None) -> bool:
    """Put the data before the network of the page that is open, as `_use` does."""
    memory = session.session()
    return _use(memory, memory.page, drawn, points)


def _use(memory: session.Session, page: str, drawn: Drawn, points: list | None = None) -> bool:
    """Put the data before the network; True. Raises DataError or SpecError, and changes nothing, where it cannot."""
    before = memory.own, memory.points
    memory.own, memory.points = drawn, points or []
    try:
        session.put_data(memory.runs[page], Own(fingerprint(drawn)), drawn)
    except ValueError:
        memory.own, memory.points = before
        raise
    return True


def _points_on_screen(run) -> list[tuple[float, float, int]]:
    """The points that the page shows, as if they had been painted; none where there are more than can be."""
    data = run.experiment.data
    parts = (data.train, data.validation, data.test)
    points = [(float(x[0]), float(x[1]), int(y)) for part in parts for x, y in zip(part.x, part.y, strict=True)]
    return points if len(points) <= MOST_POINTS // 2 else []


def _start_over() -> None:
    corners = [(x, y) for x in (-1.2, -0.9, -0.6) for y in (-1.0, -0.6)]
    points = [(x, y, 0) for x, y in corners] + [(-x, -y, 1) for x, y in corners]
    _use_here(from_points(points), points)
