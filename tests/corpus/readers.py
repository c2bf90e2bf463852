"""How a case of the corpus is put to the program: one function for each kind, `case -> what came out` as a plain dict.

A reader raises what the program raises; the test then looks for the sentence in it. Only what a case names is compared,
so a reader may return more than any one case asks for.
"""

import re

import numpy as np

from playground.datasets.base import split
from playground.datasets.mat import read_mat, write_mat
from playground.experiments.address import parts_of
from playground.experiments.cli import config_of
from playground.experiments.link import show_link


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
    "links": link,
    "matrices": matrices,
}
