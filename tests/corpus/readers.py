"""How a case of the corpus is put to the program: one function for each kind, `case -> what came out` as a plain dict.

A reader raises what the program raises; the test then looks for the sentence in it. Only what a case names is compared,
so a reader may return more than any one case asks for.
"""

import io
import json
import re
import tempfile
from pathlib import Path

import numpy as np

from nn_core.layers import Dense
from nn_core.network import Network
from playground.datasets.base import split
from playground.datasets.mat import read_mat, write_mat
from playground.datasets.reading import Choices, read
from playground.datasets.table import read_table
from playground.exchange.weights import import_weights
from playground.experiments.address import parts_of
from playground.experiments.cli import config_of
from playground.experiments.experiment import build
from playground.experiments.link import show_link
from playground.live.plane.plane import ticks

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


def weights(case) -> dict:
    """`given`: numbers, stored as `dtype` in a file of `kind` (npz, safetensors) and read into a unit of `into`."""
    values, dtype, kind = np.array(json.loads(case["given"])), case["dtype"], case["kind"]
    network = Network((Dense(1),), (len(values) - 1,), case.get("into", "float32"))
    stored = values.astype(np.float32).view(np.uint32) >> 16 if dtype == "bfloat16" else values.astype(dtype)
    if dtype == "bfloat16":
        stored = stored.astype("<u2").view("V2")
    tensors = {"0.weight": stored[None, :-1], "0.bias": stored[-1:]}
    if kind == "npz":
        stream = io.BytesIO()
        np.savez(stream, **tensors)
        data = stream.getvalue()
    else:
        names = {"float16": "F16", "float32": "F32", "float64": "F64", "bfloat16": "BF16", "int8": "F8_E4M3"}
        cut = tensors["0.weight"].nbytes
        ends = {"0.weight": [0, cut], "0.bias": [cut, stored.nbytes]}
        about = {
            key: {"dtype": names[dtype], "shape": array.shape, "data_offsets": ends[key]}
            for key, array in tensors.items()
        }
        header = json.dumps(about).encode()
        data = len(header).to_bytes(8, "little") + header + stored.tobytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"weights.{kind}"
        path.write_bytes(data)
        return {"theta": import_weights(path, network).tolist()}


def axes(case) -> dict:
    """`given`: the ends of an axis of the plane."""
    return {"ticks": ticks(*map(float, case["given"].split()))}


def numbers(case) -> dict:
    """`given`: a link, whose run makes its first epoch."""
    trainer = build(config_of(parts_of(case["given"]))).trainer
    snapshot = trainer.run(epochs=1)
    return {"state": snapshot.state, "message": snapshot.message}


READERS = {
    "tables": tables,
    "links": link,
    "matrices": matrices,
    "weights": weights,
    "axes": axes,
    "numbers": numbers,
}
