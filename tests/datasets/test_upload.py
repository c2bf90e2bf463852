"""Tables and painted points that a person brings: what is read, and the sentence for each that cannot be used."""

import time

import numpy as np
import pytest

from playground.datasets import table as table_module
from playground.datasets.base import DataError, fingerprint, split
from playground.datasets.reading import Choices, read
from playground.datasets.table import read_table
from playground.datasets.upload import from_points

GOOD = "x,y,label\n1,2,a\n3,4,b\n5,6,a\n7,8,b\n9,10,a\n11,12,b\n"


def data_of(raw, header=None, **options):
    title = options.pop("title", "Your table")
    return read(read_table(raw, header), Choices(**options), title).data()


def refused(raw, **options):
    with pytest.raises(DataError) as caught:
        data_of(raw, **options)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 300
    return sentence


def test_a_table_with_a_header():
    table = read_table(GOOD)
    assert table.columns == ("x", "y", "label")
    assert table.has_header
    assert table.rows[0] == ("1", "2", "a")
    drawn = read(table, title="mine.csv").data()
    assert drawn.classes == ("a", "b")
    assert drawn.y.tolist() == [0, 1, 0, 1, 0, 1]
    assert drawn.inputs == ("x", "y")
    assert drawn.x.dtype == np.float64
    assert drawn.y.dtype == np.int64
    assert drawn.title == "mine.csv"
    assert len(split(drawn).train) == 3


@pytest.mark.parametrize("separator", [",", ";", "\t", "  ", " , "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_found(separator, end):
    drawn = data_of(GOOD.replace(",", separator).replace("\n", end).encode())
    assert drawn.x.tolist() == [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10], [11, 12]]
    assert fingerprint(drawn) == fingerprint(data_of(GOOD))


def test_decimal_commas_beside_semicolons():
    assert data_of("1,5;2;a\n2,5;-3e-1;b\n3,5;4;a\n4,5;4;b\n").x[:2].tolist() == [[1.5, 2], [2.5, -0.3]]


def test_no_header_is_noticed_and_can_be_overruled():
    raw = GOOD.split("\n", 1)[1]
    table = read_table(raw)
    assert not table.has_header
    assert table.columns == ("column 1", "column 2", "column 3")
    assert len(table.rows) == 6
    assert len(read_table(raw, header=True).rows) == 5
    assert len(read_table(GOOD, header=False).rows) == 7


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_encodings(encoding):
    drawn = data_of("größe,y\n1,été\n2,a\n3,été\n4,a\n".encode(encoding))
    assert drawn.inputs == ("größe",)
    assert drawn.classes == ("a", "été")


def test_quotes_blank_rows_and_repeated_names():
    table = read_table('"a,b",x,x,\n\n1,2,3,"p\nq"\n4,5,6,r\n')
    assert table.columns == ("a,b", "x", "x (2)", "column 4")
    assert table.rows[0] == ("1", "2", "3", "p\nq")
    assert table.numbers == (3, 4)


def test_the_label_column_is_chosen():
    drawn = data_of("label,x,y\na,1,2\nb,3,4\na,5,6\nb,7,8\n", label=0)
    assert drawn.inputs == ("x", "y")
    assert drawn.classes == ("a", "b")


@pytest.mark.parametrize(
    ("labels", "task", "expected"),
    [
        (["1", "0", "1", "0"], "auto", ("0", "1")),
        (["1", "10.0", "2", "10"] * 2 + ["1", "2"], "auto", ("1", "2", "10")),
        (["yes", "no", "1", "no", "1", "yes"], "auto", ("1", "no", "yes")),
        (["0.5", "1", "2", "3"], "auto", ()),
        ([str(number) for number in range(21)], "auto", ()),
        (["1", "0", "1", "0"], "values", ()),
        (["0.5", "1.5", "0.5", "1.5"], "classes", ("0.5", "1.5")),
    ],
)
def test_classes_or_values(labels, task, expected):
    drawn = data_of("".join(f"{row},{label}\n" for row, label in enumerate(labels)), task=task)
    assert drawn.classes == expected
    if not expected:
        assert drawn.task == "values"
        assert drawn.y.shape == (len(labels), 1)
        assert drawn.y.dtype == np.float64


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("", "The table is empty; it needs a row for each sample"),
        (b"\xef\xbb\xbf \r\n\r\n", "The table is empty"),
        (",,\n,,\n", "The table is empty"),
        ("x,y,label\n", "The table holds a header and no rows beneath it"),
        ("1,2\n3,4\n", "The table has 2 rows; it needs at least 4."),
        (GOOD.replace("7,8", "abc,8"), "Row 5, column 'x': 'abc' is not a number; correct it, remove the row"),
        ("\n" + GOOD.replace("7,8", "abc,8"), "Row 6, column 'x': 'abc' is not a number"),
        (GOOD.replace("7,8", "1_0,8"), "Row 5, column 'x': '1_0' is not a number"),
        (GOOD.replace("7,8", ",8"), "Row 5, column 'x': the cell is empty; fill it or remove the row."),
        (GOOD.replace("8,b", "8,"), "Row 5, column 'label': the cell is empty"),
        (GOOD.replace("7,8", "7,NaN"), "Row 5, column 'y': 'NaN' is not a finite number"),
        (GOOD.replace("7,8", "-inf,8"), "Row 5, column 'x': '-inf' is not a finite number"),
        (GOOD.replace("7,8", "1e99,8"), "Row 5, column 'x': '1e99' is too large"),
        (GOOD.replace("7,8,b", "7,8"), "Row 5 has 2 cells, but row 1 has 3; make them equal."),
        (GOOD.replace("7,8,b", "7,8,b,9"), "Row 5 has 4 cells, but row 1 has 3"),
        (GOOD.replace("7,8,b", '7,"8,b'), "cannot be read: a quotation mark is opened and not closed."),
        (GOOD.replace("b", "a").replace("laael", "label"), "All rows in column 'label' are of one class, 'a'"),
        (GOOD.replace("11,12,b", "11,12,c"), "Class 'c' has only 1 row; each class needs at least 2"),
        ("x\n1\n2\n3\n4\n", "The table has one column; it needs at least one input and a label"),
        (
            ",".join("x" * 102) + "\n" + ",".join("1" * 102) + "\n",
            "The table has 102 columns; the most is 100 inputs and",
        ),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "This is not a text file; save the table as CSV"),
        (b"\xff\xfe\x00\xd8\x00", "This is not a text file"),
        (b"PK\x03\x04\x14\0", "This looks like an Excel workbook or a zip file"),
        (
            "".join(f"{n},name {n}\n" for n in range(21)),
            "holds 21 different labels; the most is 20 classes: choose another",
        ),
        (
            "".join(f"{n},{n / 7}\n" for n in range(30)) + "1,oops\n",
            "Row 31, column 'column 2': 'oops' is not a number",
        ),
    ],
)
def test_each_fault_has_its_sentence(raw, sentence):
    assert sentence in refused(raw)


def test_faults_of_the_options_have_their_sentences():
    many = "".join(f"{n},{n}\n" for n in range(21))
    assert "the most is 20 classes: choose the task values." in refused(many, task="classes")
    assert "'a' is not a number" in refused(GOOD, task="values")
    assert "holds 3 in every row: nothing to predict" in refused("1,3\n2,3\n3,3\n4,3\n", task="values")
    assert "There is no column 8; the table has 3." in refused(GOOD, label=7)
    assert "The task must be one of auto, classes, values, not 'guess'." in refused(GOOD, task="guess")
    with pytest.raises(DataError, match=r"The separator must be one of tab, semicolon, comma, space, not '::'."):
        read_table(GOOD, separator="::")


@pytest.mark.parametrize("row", ["1,2,a\n", "1.25,2.5,a\n", "0.123456789012,0.123456789012,a\n"])
def test_a_million_rows_are_turned_away_at_once(row):
    raw = (row * 1_000_000).encode()
    start = time.perf_counter()
    sentence = refused(raw)
    assert time.perf_counter() - start < 1
    too_long = "The table has about 1,000,001 rows; the most is 200,000: keep a random part of the rows."
    assert sentence in (too_long, "The table is too large: 32 MB; the most is 20 MB and 200,000 rows.")


def test_limits_count_rows_and_numbers(monkeypatch):
    monkeypatch.setattr(table_module, "MAX_ROWS", 3)
    assert "The table has 7 rows; the most is 3" in refused(GOOD)
    monkeypatch.undo()
    monkeypatch.setattr("playground.datasets.reading.MAX_VALUES", 8)
    assert "The table has 6 rows of 2 inputs; the most is 8 numbers" in refused(GOOD)


def test_names_that_hold_html_stay_text():
    name = "<script>alert(1)</script>"
    drawn = data_of(GOOD.replace("label", name).replace("a\n", f"{name}\n"), title=name * 9)
    assert name in drawn.classes
    assert len(drawn.title) <= 41
    assert name in refused(GOOD.replace("x,y", f"{name},y").replace("7,8", "p,8"))
    assert len(refused(GOOD.replace("7,8", name * 99 + ",8"))) < 200


def test_painted_points():
    drawn = from_points([(0, 1, 0), (1.5, -1, 0), (2, 2, 2), (-3, 0, 2)])
    assert drawn.classes == ("class 1", "class 2", "class 3")
    assert drawn.y.tolist() == [0, 0, 2, 2]
    assert drawn.x[1].tolist() == [1.5, -1]
    assert drawn.inputs == ("x₁", "x₂")
    data = split(drawn)
    assert (len(data.train), len(data.validation), len(data.test)) == (2, 1, 1)


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ([], "There are 0 points; paint at least 4, in two classes."),
        ([(0, 0, 0), (0, 0, 1)], "There are 2 points"),
        ([(0, 0, 1)] * 5, "All points in the picture are of one class, 'class 2'"),
        ([(0, 0, 0)] * 5 + [(0, 0, 1)], "Class 'class 2' has only 1 point; each class needs at least 2"),
        ([(0, 0, 0)] * 3 + [(float("nan"), 0, 1)], "Point 4 lies at (nan, 0); both must be finite numbers"),
        ([(0, 0, 0)] * 3 + [(0, 0, 1.5)], "Point 4 has class 1.5; it must be a whole number from 0 to 19."),
        ([(0, 0, 0)] * 3 + [(0, 0, -1)], "Point 4 has class -1"),
        ([(0, 0)] * 4, "Each point must be three numbers"),
        ([("a", 0, 0)] * 4, "Each point must be three numbers"),
        ([(0, 0, 0)] * 200_001, "There are 200,001 points; the most is 200,000."),
    ],
)
def test_painted_points_that_cannot_be_used(points, sentence):
    with pytest.raises(DataError) as caught:
        from_points(points)
    assert sentence in str(caught.value)
