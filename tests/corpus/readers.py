"""How a case of the corpus is put to the program: one function for each kind, `case -> what came out` as a plain dict.

A reader raises what the program raises; the test then looks for the sentence in it. Only what a case names is compared,
so a reader may return more than any one case asks for.
"""

from pathlib import Path

from playground.datasets.reading import Choices, read
from playground.datasets.table import read_table

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


READERS = {"tables": tables}
