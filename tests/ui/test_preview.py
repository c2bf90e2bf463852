"""What the preview of a table says, and what of the choices stays when another is made."""

import pytest

from playground.datasets.reading import Choices
from playground.ui.preview import Brought, doubts, heading, left_out, what_will_happen

FLOWERS = "id;name;length;note;species\n" + "".join(
    f"{n};n{n};{n / 7:.2f};;{'ab'[n % 2]}\n" for n in range(1, 31)
).replace(".", ",")


def test_what_each_column_is():
    reading = Brought("mine.csv", FLOWERS).reading
    headings = [heading(reading, number) for number in range(5)]
    assert headings == ["Input: number", "Left out: text", "Input: number", "Left out: empty", "Label: classes"]


def test_what_will_happen():
    brought = Brought("mine.csv", FLOWERS)
    assert what_will_happen(brought.reading) == (
        "The network will learn to tell 2 classes apart from 2 inputs, on 30 rows: a 15, b 15."
    )
    brought.choose(label=2)
    assert what_will_happen(brought.reading) == "The network will learn to predict length from 1 input, on 30 rows."


def test_what_is_left_out_and_what_is_worth_a_look():
    reading = Brought("mine.csv", FLOWERS).reading
    assert left_out(reading) == "Left out: name (text), note (empty)."
    assert doubts(reading) == "Worth a look: id counts the rows; leave out what says nothing."
    plain = Brought("mine.csv", "x,c,k\n4,1,a\n2,1,b\n3,1,a\n9,1,b\n").reading
    assert (left_out(plain), doubts(plain)) == (
        "",
        "Worth a look: c is the same in every row; leave out what says nothing.",
    )


def test_all_that_is_left_out_is_said():
    brought = Brought("mine.csv", "# by hand\nx,k,,\n1,a,,\n2,b,,\n3,a,,\n4,b,,\n5,,,\n")
    brought.choose(leave_out=True)
    assert left_out(brought.reading) == (
        "Left out: 2 empty columns at the end, 1 line with # at the beginning, 1 row (the label is missing)."
    )


def test_of_many_columns_some_are_named():
    head = ",".join(f"name {n}" for n in range(30))
    text = f"{head},x,k\n" + "".join(",".join(["w"] * 30) + f",{n},{'ab'[n % 2]}\n" for n in range(4))
    assert left_out(Brought("mine.csv", text).reading).endswith("name 5 (text), 24 more columns.")


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"decimal": ","}, {"label": 2, "inputs": (0,), "task": "values"}),
        ({"leave_out": True}, {"label": 2, "inputs": (0,), "task": "values"}),
        ({"label": 4}, {"inputs": None, "task": "auto"}),
        ({"separator": ";"}, {"label": None, "inputs": None, "task": "auto"}),
    ],
)
def test_what_was_said_of_columns_is_forgotten_with_them(changes, kept):
    brought = Brought("mine.csv", FLOWERS)
    brought.choices = Choices(label=2, inputs=(0,), task="values")
    brought.choose(**changes)
    assert brought.choices == Choices(**({"label": 2, "inputs": (0,), "task": "values"} | kept | changes))


def test_a_table_is_cut_and_read_once_for_the_same_choices():
    brought = Brought("mine.csv", FLOWERS)
    assert brought.reading is brought.reading
    table = brought.table
    brought.choose(decimal=",")
    assert brought.reading.table is table
