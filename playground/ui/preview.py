"""The preview of a table: what was read of it, and the choices that decide how, before anything is done with it.

A dialog shows the first rows, what each column is, what is left out and why, and the one sentence of what will happen.
The choices start at what was recognised. They stay with the table, so that it can be looked at again.
"""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from playground.datasets.base import MAX_CLASSES, MAX_COLUMNS, Drawn
from playground.datasets.cut import SEPARATORS
from playground.datasets.reading import Choices, Reading, read
from playground.datasets.table import Table, read_table
from playground.ui.widgets import pick
from playground.ui.words import plain

DECIMAL_NAMES = {".": "Point: 1,234.5", ",": "Comma: 1.234,5"}
HEADER_NAMES = {"yes": "Names", "no": "Data"}
TASK_NAMES = {"classes": "Classes", "values": "Values to predict"}
KIND_NAMES = {"number": "number", "percent": "percent", "true or false": "true or false", "date": "date"}
OFFERS = {
    "leave_out": "Leave out the rows that cannot be used",
    "first_columns": f"Use the first {MAX_COLUMNS} columns",
    "frequent_classes": f"Use the most frequent classes, at most {MAX_CLASSES}, each with 2 rows or more",
}
MOST_NAMED = 6  # columns or classes that a sentence names


class Brought:
    """A table that somebody brought: its bytes or text, or `arrays` that are a table already, and how it is read."""

    def __init__(self, name: str, raw: bytes | str = "", arrays: Table | None = None):
        self.name, self.raw, self.arrays = name, raw, arrays
        self.choices = Choices()
        self.is_open = False
        self.refusal = ""  # why the data could not be used though they were read
        self._tables: dict[tuple, Table] = {}
        self._read: tuple[Choices, Reading] | None = None

    @property
    def table(self) -> Table:
        """The cells, as they are cut now. Raises DataError where the choices do not cut them."""
        if self.arrays is not None:
            return self.arrays
        chosen = self.choices.header, self.choices.separator
        if chosen not in self._tables:
            self._tables = {chosen: read_table(self.raw, *chosen)}  # the one before is not kept: tables are large
        return self._tables[chosen]

    @property
    def reading(self) -> Reading:
        """What comes of the choices. Raises DataError where they do not cut the table."""
        if self._read is None or self._read[0] != self.choices:
            self._read = self.choices, read(self.table, self.choices, self.name)
        return self._read[1]

    def check(self) -> None:
        """Raises DataError where it cannot be cut into cells as it was chosen, or at all."""
        _ = self.table

    def choose(self, **changes) -> None:
        """Read it in another way. Another cut makes other columns, so what was said of these is forgotten."""
        fields = dict(self.choices.__dict__)
        if {"separator", "header"} & changes.keys():
            fields |= {"label": None, "inputs": None, "task": "auto"}
        if "label" in changes:
            fields |= {"inputs": None, "task": "auto"}
        self.choices, self.refusal = Choices(**(fields | changes)), ""

    def hand_over(self, use: Callable[[Drawn], object]) -> None:
        """Have the data used, and close the preview; where they cannot be, it stays and says why."""
        try:
            use(self.reading.data())
        except ValueError as error:  # DataError and SpecError are ValueErrors
            self.refusal = str(error)
        else:
            self.close()

    def show(self) -> None:
        """Open the preview."""
        self.is_open, self.refusal = True, ""

    def close(self) -> None:
        """Close the preview; nothing is forgotten."""
        self.is_open = False


def show_preview(brought: Brought, use: Callable[[Drawn], object]) -> None:
    """The dialog; `use` is called with the data set when they are to be used."""
    title = plain(brought.name)
    st.dialog(title, width="large", on_dismiss=brought.close)(_contents)(brought, use)


def _contents(brought: Brought, use: Callable[[Drawn], object]) -> None:
    if not brought.is_open:
        st.rerun()  # the page behind was drawn from the data before
    try:
        reading = brought.reading
    except ValueError as error:  # these choices do not cut it: others will
        _how_it_is_cut(brought, None)
        st.error(plain(str(error)))
        return
    with st.container(key="preview"):
        _head(reading)
        _how_it_is_cut(brought, reading)
        _columns(brought, reading)
        if remarks := [plain(text) for text in (left_out(reading), doubts(reading)) if text]:
            st.caption("  \n".join(remarks))
        if problem := reading.problem or brought.refusal:
            st.error(plain(problem))
        else:
            st.markdown(plain(what_will_happen(reading)))
        for field, label in OFFERS.items():
            if reading.offer == field or getattr(brought.choices, field):
                _switch(brought, field, label)
        st.button(
            "Use these data",
            type="primary",
            key="read-use",
            disabled=bool(reading.problem),
            on_click=brought.hand_over,  # not `if st.button`: the page is then drawn from the new data at once
            args=(use,),
        )


def _head(reading: Reading) -> None:
    """The first rows as they are read, beneath what each column is."""
    table = reading.table
    groups = [heading(reading, number) for number in range(len(table.columns))]
    cells = pd.DataFrame(list(reading.head), columns=pd.MultiIndex.from_arrays([groups, table.columns]), dtype=str)
    st.dataframe(cells, hide_index=True, height="content")
    read = "read" if reading.decimal else "written"
    rest = f"the first {len(reading.head)}" if len(table.rows) > len(reading.head) else "all of them"
    st.caption(f"{len(table.rows):,} rows, {table.width:,} columns; {rest} as they are {read}.")


def _how_it_is_cut(brought: Brought, reading: Reading | None) -> None:
    """Separator, decimal sign, first row, and what the label holds, in one row."""
    separator, decimal, header, task = st.columns(4)
    if brought.arrays is None:
        with separator:
            pick(
                "Separator",
                list(SEPARATORS),
                reading.table.separator if reading else brought.choices.separator or ",",
                lambda chosen: brought.choose(separator=chosen),
                key="read-separator",
                help="What stands between the cells of a row.",
                names=lambda sign: SEPARATORS[sign].capitalize(),
            )
        if reading:
            with decimal:
                _decimal(brought, reading)
            with header:
                pick(
                    "First row",
                    list(HEADER_NAMES),
                    "yes" if reading.table.has_header else "no",
                    lambda chosen: brought.choose(header=chosen == "yes"),
                    key="read-header",
                    help="Whether the first row holds the names of the columns or the first sample.",
                    names=HEADER_NAMES.get,
                )
    if reading:
        with task:
            pick(
                "The label holds",
                list(TASK_NAMES),
                reading.task,
                lambda chosen: brought.choose(task=chosen),
                key="read-task",
                help="Classes to tell apart, or a number to predict.",
                names=TASK_NAMES.get,
            )


def _decimal(brought: Brought, reading: Reading) -> None:
    st.session_state["read-decimal"] = reading.decimal or None
    st.selectbox(
        "Decimal sign",
        list(DECIMAL_NAMES),
        index=None,
        placeholder="Choose",
        key="read-decimal",
        format_func=DECIMAL_NAMES.get,
        help="The sign before the decimals, one for the whole file; the other one groups digits by thousands.",
        on_change=lambda: brought.choose(decimal=st.session_state["read-decimal"]),
    )


def _columns(brought: Brought, reading: Reading) -> None:
    """Which column is the label, and which are inputs; all others are left out."""
    names = reading.table.columns
    label, inputs = st.columns([1, 3])
    with label:
        pick(
            "Label",
            [str(number) for number in range(len(names))],
            str(reading.label),
            lambda chosen: brought.choose(label=int(chosen)),
            key="read-label",
            help="What the network shall answer.",
            names=lambda number: names[int(number)],
        )
    with inputs:
        st.session_state["read-inputs"] = reading.inputs
        st.multiselect(
            "Inputs",
            [number for number in range(len(names)) if number != reading.label],
            key="read-inputs",
            format_func=lambda number: names[number],
            placeholder="Choose columns",
            help="What the network is shown; a column that is not here is left out. Type to find a column.",
            on_change=lambda: brought.choose(inputs=tuple(sorted(st.session_state["read-inputs"]))),
        )


def _switch(brought: Brought, field: str, label: str) -> None:
    key = f"read-{field}"
    st.session_state[key] = getattr(brought.choices, field)
    st.toggle(label, key=key, on_change=lambda: brought.choose(**{field: st.session_state[key]}))


def heading(reading: Reading, number: int) -> str:
    """What a column is, in a few words: its role, and what it holds."""
    role, column = reading.roles[number], reading.table.kinds[number]
    if role == "left out":
        return f"Left out: {reading.reasons[number]}"
    if role == "label":
        return "Label: classes" if reading.task == "classes" else "Label: values"
    return f"Input: {KIND_NAMES.get(column.kind, column.kind)}"


def what_will_happen(reading: Reading) -> str:
    """One sentence: what the network will learn of which rows."""
    rows, inputs = len(reading.data().x), len(reading.inputs)
    from_inputs = f"from {inputs} input{'s' * (inputs > 1)}, on {rows:,} rows"
    if reading.task == "values":
        return f"The network will learn to predict {reading.table.columns[reading.label]} {from_inputs}."
    sizes = [f"{name} {size:,}" for name, size in reading.classes.items()]
    return f"The network will learn to tell {len(sizes)} classes apart {from_inputs}: {', '.join(sizes)}."


def left_out(reading: Reading) -> str:
    """What is left out and why, in one sentence; empty where nothing is."""
    table = reading.table
    parts = [f"{table.columns[number]} ({reason})" for number, reason in reading.reasons.items()]
    parts = [*parts[:MOST_NAMED], f"{len(parts) - MOST_NAMED} more columns"] if len(parts) > MOST_NAMED + 1 else parts
    beyond = table.width - len(table.columns)
    parts += [f"{beyond:,} columns beyond the first {MAX_COLUMNS}"] * bool(beyond)
    parts += [f"{_counted(table.trailing, 'empty column')} at the end"] * bool(table.trailing)
    parts += [f"{_counted(table.comments, 'line')} with # at the beginning"] * bool(table.comments)
    parts += [f"{_counted(rows, 'row')} ({reason})" for reason, rows in reading.rows_left_out.items()]
    return f"Left out: {', '.join(parts)}." if parts else ""


def doubts(reading: Reading) -> str:
    """Which inputs may be of no use, in one sentence; empty where none is."""
    kinds, names = reading.table.kinds, reading.table.columns
    parts = [f"{names[number]} is the same in every row" for number in reading.inputs if kinds[number].same]
    parts += [f"{names[number]} counts the rows" for number in reading.inputs if kinds[number].counts]
    shown = parts[:MOST_NAMED] + ["more such columns are there"] * (len(parts) > MOST_NAMED)
    return f"Worth a look: {', '.join(shown)}; leave out what says nothing." if parts else ""


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' * (number != 1)}"
