"""How a case of the corpus is put to the program: one function for each kind, `case -> what came out` as a plain dict.

A reader raises what the program raises; the test then looks for the sentence in it. Only what a case names is compared,
so a reader may return more than any one case asks for.
"""

import re
from pathlib import Path

import numpy as np

from playground.datasets.base import split
from playground.datasets.mat import read_mat, write_mat
from playground.datasets.reading import Choices, read
from playground.datasets.table import read_table
from playground.experiments.address import parts_of
from playground.experiments.cli import config_of
from playground.experiments.link import show_link

FILES = Path(__file__).parent / "files"


def tables(case: dict) -> dict:
    """A table as text (`given`), as text in another `encoding`, or as a `file`; `choices` are fields of Choices."""
    raw = (FILES / case["file"]).read_bytes() if "file" in case else case["given"]
    if "encoding" in case:
        raw = raw.encode(case["encoding"])
    chosen = {name: tuple(value) if name == "inputs" else value for name, value in case.get("choices", {}).items()}
    choices = Choices(**chosen)
    table = read_table(raw, choices.header, choices.separator)
    reading = read(table, choices)
    drawn = reading.data()
    return {
        "x": drawn.x.tolist(),
        "y": (drawn.y if drawn.classes else drawn.y[:, 0]).tolist(),
        "inputs": list(drawn.inputs),
        "classes": reading.classes,
        "task": drawn.task,
        "label": table.columns[reading.label],
        "left_out": {table.columns[number]: reason for number, reason in reading.reasons.items()},
        "rows_left_out": reading.rows_left_out,
        "separator": table.separator,
        "decimal": reading.decimal,
        "comments": table.comments,
        "trailing": table.trailing,
    }


def link(case):
    """An address as the command line reads it; tests/app/test_links.py opens the same ones on a page."""
    return show_link(config_of(parts_of(case["given"])))


def matrices(case):
    """A .mat file from its matrices in MATLAB's own notation, read and split."""
    found = dict(re.findall(r"(\w+) = \[(.*)\]", case["given"]))
    raw = write_mat({name: np.array([list(map(float, row.split())) for row in text.split(";")])
                     for name, text in found.items()})  # fmt: skip
    drawn = read_mat(raw, "mine.mat")
    split(drawn)
    return {"labels": drawn.y.tolist(), "classes": len(drawn.classes), "train_rows": drawn.train_rows}


READERS = {
    "tables": tables,
    "links": link,
    "matrices": matrices,
}
