"""Reading a table by choices: what is offered where there is too much, and what the preview shows of it.

What single tables must give stands in tests/corpus/tables.toml.
"""

import numpy as np
import pytest

from playground.datasets.base import DataError
from playground.datasets.reading import Choices, read
from playground.datasets.table import read_table

MANY_CLASSES = "".join(
    f"{row},class {row % 25:02}\n" for row in range(80)
)  # the first five come four times, others thrice


def wide(columns, rows=4):
    head = ",".join([*(f"v{number}" for number in range(columns)), "k"])
    return "\n".join(
        [head, *(",".join([*(str(row * number) for number in range(columns)), "ab"[row % 2]]) for row in range(rows))]
    )


def read_text(text, **choices):
    chosen = Choices(**choices)
    return read(read_table(text, chosen.header, chosen.separator), chosen)


def test_as_many_columns_as_there_may_be():
    assert len(read_text(wide(100)).data().inputs) == 100


def test_of_too_many_columns_the_first_are_offered_and_the_label_stays():
    refused = read_text(wide(130))
    assert refused.problem == (
        "The table has 131 columns; the most is 100 inputs and a label: remove some columns, or use the first 100."
    )
    assert (refused.offer, refused.drawn) == ("first_columns", None)
    drawn = read_text(wide(130), first_columns=True).data()
    assert drawn.inputs == tuple(f"v{number}" for number in range(100))
    assert drawn.classes == ("a", "b")
    assert drawn.x[3].tolist() == [3.0 * number for number in range(100)]


def test_of_too_many_columns_another_can_be_the_label():
    reading = read_text(wide(130), first_columns=True, label=1, task="values")
    drawn = reading.data()
    assert drawn.inputs == ("v0", *(f"v{number}" for number in range(2, 100)))
    assert reading.reasons == {100: "beyond the most"}
    assert drawn.y[:, 0].tolist() == [0, 1, 2, 3]


def test_of_too_many_classes_the_most_frequent_are_offered():
    refused = read_text(MANY_CLASSES)
    assert "holds 25 different labels; the most is 20 classes: choose another label column, or use" in refused.problem
    assert refused.offer == "frequent_classes"
    reading = read_text(MANY_CLASSES, frequent_classes=True)
    assert list(reading.classes) == [f"class {number:02}" for number in range(20)]
    assert list(reading.classes.values()) == [4] * 5 + [3] * 15
    assert reading.rows_left_out == {"a rare class": 15}
    assert len(reading.data().y) == 65


def test_the_most_frequent_classes_keep_the_order_of_numbers():
    text = "".join(f"{row},{number}\n" for row, number in enumerate([30, 4, 4, 30, 5, 9, 9, 9]))
    assert read_text(text, frequent_classes=True).classes == {"4": 2, "9": 3, "30": 2}


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("x,k\n1,a\n2,b\n,a\n4,b\n", "leave_out"),
        ("x,k\n1,a\n2,b\n3,a\n4,\n", "leave_out"),
        ("x,k\n1,a\n2,b\n3,a\n4\n", "leave_out"),
        ("x,k\n1,a\n2,b\n1e99,a\n4,b\n", "leave_out"),
        ("x,k\n1,a\n2,b\n3,a\n4,b\n5,c\n", "frequent_classes"),
        ("x;k\n1,234;a\n2;b\n3;a\n4;b\n", "decimal"),
        ("x,k\n1,a\n2,a\n3,a\n4,a\n", ""),
        ("".join(f"{row},name {row}\n" for row in range(21)), ""),
    ],
)
def test_what_would_help_is_offered(text, offer):
    assert read_text(text).offer == offer


def test_the_rows_left_out_are_counted_by_reason():
    text = "x,y,k\n1,2,a\n2,,b\n3,oops,a\n4,5,\n5,inf,a\n6,1e99,b\n7,8\n8,9,b\n9,1,a\n10,2,b\n"
    reading = read_text(text, leave_out=True)
    assert reading.rows_left_out == {
        "more or fewer cells than the others": 1,
        "a cell is missing": 1,
        "a cell is not a number": 1,
        "a number is infinite": 1,
        "a number is too large": 1,
        "the label is missing": 1,
    }
    assert reading.data().x.tolist() == [[1, 2], [8, 9], [9, 1], [10, 2]]
    assert reading.head[1] == ("8", "9", "b")


def test_leaving_rows_out_changes_nothing_where_all_can_be_used():
    text = "x,k\n1,a\n2,b\n3,a\n4,b\n"
    plain, left = read_text(text).data(), read_text(text, leave_out=True).data()
    np.testing.assert_array_equal(plain.x, left.x)
    np.testing.assert_array_equal(plain.y, left.y)


def test_the_head_shows_numbers_as_they_are_read_and_labels_as_they_are_written():
    text = "n;note;k\n1.234,5;1.234,5 m;007\n2,5;x;7\n3;x;007\n4;x;7\n5;x;7\n6;x;7\n"
    assert read_text(text).head == (
        ("1234.5", "1.234,5 m", "007"), ("2.5", "x", "7"), ("3", "x", "007"), ("4", "x", "7"), ("5", "x", "7"),
    )  # fmt: skip


def test_numbers_stay_as_they_are_written_while_their_sign_is_in_question():
    reading = read_text("n\tk\n475,962\ta\n1,200\tb\n999\ta\n12\tb\n")
    assert (reading.decimal, reading.head[0]) == ("", ("475,962", "a"))


def test_choices_that_a_table_does_not_have():
    for choices, words in [
        ({"label": 5}, "There is no column 6; the table has 2."),
        ({"inputs": (0, 7)}, "There is no column 8"),
        ({"task": "guess"}, "The task must be one of"),
        ({"decimal": ";"}, "The decimal sign must be . or a comma, not ';'."),
    ]:
        with pytest.raises(DataError, match=words.replace(".", r"\.")):
            read_text("x,k\n1,a\n2,b\n3,a\n4,b\n", **choices)
