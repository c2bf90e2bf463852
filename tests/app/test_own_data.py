"""Data of one's own, as a person brings them: good ones are trained on, a bad one costs one sentence, nothing else."""

import io
import re

import numpy as np
import pytest
import scipy.io

from playground.datasets.base import MAX_ROWS
from playground.datasets.registry import load
from playground.datasets.shipped import FOLDER, Shipped
from playground.experiments.config import Own
from playground.experiments.link import show_link
from playground.ui.words import plain
from tests.app.opened import Opened
from tests.pages import PAGES

EVIL = "<img src=x onerror=alert(1)> **b** [a](http://x) :red[r]"
GOOD = "u,v,label\n" + "".join(f"{n},{n % 5},{'red' if n % 2 else EVIL}\n" for n in range(40))
VALUES = "u,v,height\n" + "".join(f"{n},{n % 5},{n / 7}\n" for n in range(40))
FIVE = "".join(f"{n},{n % 5},{n % 7},{n % 3},{n % 2},{n % 2}\n" for n in range(60))
START = PAGES["own_data"].default


@pytest.fixture
def page():
    return Opened("own_data").open("data")


def paste(page: Opened, text: str) -> Opened:
    page.open("data").at.text_area(key="paste").set_value(text)
    return page.click("paste-read")


def upload(page: Opened, name: str, raw: bytes) -> Opened:
    page.at.file_uploader(key="upload").upload(name, raw)
    return page.rerun()


def mat(**fields) -> bytes:
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, fields)
    return buffer.getvalue()


def captions(page: Opened) -> str:
    """What the page says in small letters, as a person reads it."""
    return " ".join(re.sub(r"\\(.)", r"\1", caption.value) for caption in page.at.caption)


def test_a_pasted_table_is_trained_on(page):
    paste(page, GOOD).click("read-use")
    assert page.problems == []
    data = page.run.experiment.data
    assert isinstance(page.run.config.data, Own)
    assert data.inputs == ("u", "v")
    assert set(data.classes) == {"red", EVIL}  # as they were written
    page.click("play").rerun()
    assert page.run.trainer.step > 0
    assert page.run.config.data.fingerprint in page.link["data"]
    step = page.click("pause").choose("rate", "0.1").run.trainer.step
    assert step > 0  # a change in mid-run keeps data and steps


def test_the_run_pauses_behind_the_preview(page):
    page.click("play").rerun()
    assert paste(page, GOOD).run.state == "paused"


def test_the_label_may_hold_values(page):
    paste(page, VALUES).click("read-use")
    assert (page.problems, page.run.experiment.data.task) == ([], "values")
    assert page.run.config.loss.task == "values"
    paste(page, GOOD).choose("read-label", "0").choose("read-task", "values")
    assert "Left out: label (text)." in captions(page)  # text can be no input
    page.click("read-use")
    assert page.run.experiment.data.inputs == ("v",)


def test_five_inputs_are_looked_at_in_a_plane(page):
    paste(page, FIVE).click("read-use")
    assert page.run.config.features == ("x1", "x2", "x3", "x4", "x5")
    page.open("data").choose("view", "2-4")
    assert (page.run.view, page.link["view"]) == ("2-4", "2-4")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (",,\n,,\n", "The table is empty; it needs a row for each sample"),
        ("u,v,label\n", "The table holds a header and no rows beneath it"),
        (GOOD.replace("\n7,2", "\nseven,2"), "Row 9, column 'u': 'seven' is not a number; correct it, remove the row"),
        (GOOD.replace("\n7,2", "\n7,NaN"), "Row 9, column 'v': 'NaN' is not a finite number"),
        (GOOD.replace("\n7,2", "\n-inf,2"), "Row 9, column 'u': '-inf' is not a finite number"),
        (GOOD.replace(EVIL, "red"), "All rows in column 'label' are of one class, 'red'"),
        (GOOD.replace("\n7,2", f"\n{EVIL},2"), "is not a number"),
        ("1,2,3\n" * 1_000_000, f"The table has about 1,000,001 rows; the most is {MAX_ROWS:,}"),
    ],
    ids=["empty", "header alone", "text", "NaN", "inf", "one class", "HTML", "a million rows"],
)
def test_a_pasted_table_that_cannot_be_used(page, text, words):
    page.click("step")
    paste(page, text)
    assert len(page.problems) == 1
    assert all(button.disabled for button in page.at.button if button.key == "read-use")
    assert words in page.problems[0]
    assert page.at.error[0].value == plain(page.problems[0])  # no HTML, no Markdown
    assert (page.run.config, page.run.trainer.step) == (START, 1)  # nothing is lost


@pytest.mark.parametrize("name", ["mine.csv", "mine.TSV", f"{EVIL.replace('/', '')}.csv"])
def test_an_uploaded_table_is_trained_on(page, name):
    upload(page, name, GOOD.encode())
    page.click("read-use")
    assert page.problems == []
    assert page.run.experiment.data.title == name[:40] + "…" * (len(name) > 40)


def test_an_uploaded_table_that_is_empty(page):
    assert upload(page, "mine.csv", b"").problems == [
        "The table is empty; it needs a row for each sample, with its inputs and its label."
    ]
    assert page.run.config == START


def test_an_uploaded_table_that_is_too_large(page):
    upload(page, "mine.csv", b"0.1,0.2,a\n" * 2_400_000)
    assert page.problems == ["The table is too large: 24 MB; the most is 20 MB and 200,000 rows."]
    assert page.run.config == START


def test_an_uploaded_mat_file_is_trained_on_at_once_and_once(page):
    upload(page, "MyRoll.mat", (FOLDER / "SwissRollData.mat").read_bytes())
    assert page.problems == []
    run, shipped = page.run, load(Shipped("swiss_roll"))
    assert np.array_equal(run.experiment.data.train.x, shipped.train.x)
    page.click("step")
    assert (page.run, run.trainer.step) == (run, 1)
    page.pick("recipe", "A straight line")  # the file still lies there, but is not used again unasked
    assert page.run.config == PAGES["own_data"].recipes[1].config


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"this is no MATLAB file", "is not a MATLAB file, or it is damaged; save the matrices with save('data.mat'"),
        (b"", "is not a MATLAB file"),
        ((FOLDER / "GMMData.mat").read_bytes()[:5000], "is not a MATLAB file, or it is damaged"),
        (mat(Yt=np.ones((2, 8)), Z=1.0), "has no field Ct and no field Yv and no field Cv"),
        (mat(other=np.ones((2, 8))), "it holds other."),
        (mat(Yt=np.full((2, 8), np.nan), Ct=np.eye(2)[:, [0, 1] * 4], Yv=np.ones((2, 4)),
             Cv=np.eye(2)[:, [0, 1] * 2]), "holds nan at row 1, column 1; every value must be a finite number"),
    ],
    ids=["text", "nothing", "cut off", "three fields missing", "other fields", "NaN"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["mine.mat", "<img src=x> **b**.mat"])
def test_an_uploaded_mat_file_that_cannot_be_used(page, raw, words, name):
    page.click("step")
    upload(page, name, raw)
    assert len(page.problems) == 1
    assert words in page.problems[0]
    assert name in page.problems[0]
    assert page.at.error[0].value == plain(page.problems[0])
    assert (page.run.config, page.run.trainer.step) == (START, 1)


ASKS = "n\tk\n475,962\ta\n1,200\tb\n999\ta\n12\tb\n7\ta\n8\tb\n"


@pytest.mark.parametrize(("sign", "first"), [(".", 475962.0), (",", 475.962)])
def test_a_table_that_can_be_read_in_two_ways_asks(page, sign, first):
    assert paste(page, ASKS).sentence.endswith("'475,962' can mean 475962 or 475.962; choose the decimal sign.")
    assert page.at.selectbox(key="read-decimal").value is None
    assert page.run.config == START  # nothing is used before it is asked for
    page.choose("read-decimal", sign)
    assert (page.problems, page.run.config) == ([], START)
    page.click("read-use")
    data = page.run.experiment.data
    assert first in np.concatenate([data.train.x, data.validation.x, data.test.x])


def test_rows_that_cannot_be_used_are_left_out_when_that_is_chosen(page):
    assert "the label 'NaN' is missing" in paste(page, GOOD.replace("\n9,4,red", "\n9,4,NaN")).sentence
    page.at.toggle(key="read-leave_out").set_value(True)
    page.rerun()
    assert page.problems == []
    assert "Left out: 1 row (the label is missing)." in captions(page)
    page.click("read-use")
    data = page.run.experiment.data
    assert len(data.train) + len(data.validation) + len(data.test) == 39


def test_each_column_can_be_an_input_the_label_or_left_out(page):
    paste(page, FIVE).choose("read-label", "4")
    page.at.multiselect(key="read-inputs").set_value([3, 0])
    page.rerun().click("read-use")
    assert page.run.experiment.data.inputs == ("column 1", "column 4")


def test_the_choices_of_how_a_table_is_read_stay(page):
    paste(page, ASKS).choose("read-decimal", ",").click("read-use")
    assert "read-use" not in page.buttons
    page.go("moons")
    page.go("own_data")
    page.open("data").click("read-again")
    assert page.at.selectbox(key="read-decimal").value == ","
    fingerprint = page.run.config.data.fingerprint
    page.choose("read-decimal", ".").click("read-use")
    assert page.run.config.data.fingerprint != fingerprint
    page.open("data")
    assert page.at.text_area(key="paste").value == ASKS


def test_another_separator_is_chosen_and_taken_back(page):
    paste(page, GOOD).choose("read-separator", "\t")
    assert "The table has one column" in page.sentence
    page.choose("read-separator", ",").click("read-use")
    assert page.run.experiment.data.inputs == ("u", "v")


def test_too_many_columns_and_classes_are_said_and_cut_by_choice(page):
    text = "".join(",".join([*(str(row % (n + 2)) for n in range(120)), f"k{row % 24:02}"]) + "\n" for row in range(96))
    assert "The table has 121 columns; the most is 100 inputs and a label" in paste(page, text).sentence
    page.at.toggle(key="read-first_columns").set_value(True)
    assert "the most is 20 classes" in page.rerun().sentence
    page.at.toggle(key="read-frequent_classes").set_value(True)
    page.rerun().click("read-use")
    data = page.run.experiment.data
    assert (len(data.inputs), len(data.classes)) == (100, 20)


def test_many_inputs_are_looked_at_and_chosen_by_their_names(page):
    text = ",".join(f"gene {n}" for n in range(100)) + ",kind\n"
    text += "".join(",".join([*(str((row * n) % 7) for n in range(100)), "ab"[row % 2]]) + "\n" for row in range(40))
    paste(page, text).click("read-use").open("data")
    assert page.at.selectbox(key="view").options == ["Principal components", "Two inputs"]
    page.choose("view", "two inputs").choose("view-0", "42").choose("view-1", "7")
    assert (page.run.view, page.link["view"]) == ("42-7", "42-7")
    page.choose("view", "pca")
    assert page.run.view == "pca"
    page.at.multiselect(key="features").set_value(["x3", "x90"])
    assert page.rerun().run.config.features == ("x3", "x90")


@pytest.mark.parametrize("name", ["ex.mat", "ex.npz"])
def test_a_file_of_x_and_y_is_shown_and_then_used(page, name):
    x, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2 + 1
    buffer = io.BytesIO()
    np.savez(buffer, X=x, y=y)
    upload(page, name, mat(X=x, y=y[:, None]) if name.endswith(".mat") else buffer.getvalue())
    assert (page.problems, page.run.config) == ([], START)
    assert "read-separator" not in [box.key for box in page.at.selectbox]
    page.click("read-use")
    assert page.run.experiment.data.classes == ("1", "2")


def test_start_over_with_a_few_points(page):
    page.click("start-over")
    data = page.run.experiment.data
    assert len(data.train) + len(data.validation) + len(data.test) == 12
    assert data.classes == ("class 1", "class 2")
    assert page.click("play").rerun().run.trainer.step > 0


def test_a_link_to_somebody_elses_data_says_so_and_the_rest_is_used():
    link = show_link(START.replace(data=Own("12345678"), learning_rate=0.5))
    page = Opened("own_data", link)
    assert page.problems == [
        "The link's data was left out: This link was made with somebody's own data (fingerprint 12345678); "
        "load that file on the page Your own data."
    ]
    assert page.run.config == START.replace(learning_rate=0.5)


def test_a_link_to_ones_own_data_finds_them_in_the_same_session(page):
    paste(page, GOOD).click("read-use")
    link = {**page.link, "rate": "0.5"}
    page.go("moons")
    page.go("own_data", link)
    assert page.problems == []
    assert page.run.experiment.data.inputs == ("u", "v")
    assert page.run.config.learning_rate == 0.5
    page.go("moons")
    page.go("own_data", {**link, "data": "own(fingerprint=00000000)"})
    assert "somebody's own data (fingerprint 00000000)" in page.problems[0]


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"features": "x1,x9"}, "these data have x1, x2, x1^2, x2^2, x1x2, sin1, sin2, but no 'x9'."),
        ({"data": "gmm", "features": "x1,sin2"}, "these data have x1, x2, x3, x4, x5, but no 'sin2'."),
        ({"features": f"x1,{EVIL}"}, "but no '<img src=x"),
    ],
)
def test_a_link_with_features_that_the_data_lack(link, words):
    page = Opened("moons", {**link, "rate": "0.5"})
    assert len(page.problems) == 1
    assert page.problems[0].startswith("The link's features was left out: ")
    assert words in page.problems[0]
    assert page.run.config.learning_rate == 0.5
    assert page.run.config.features == tuple(f"x{n + 1}" for n in range(len(page.run.experiment.data.inputs)))
    assert page.at.toast[0].value == plain(page.problems[0])


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"rate": "1" * 5000}, "The link's rate was left out: it is 5,000 characters long; 2,000 are the most."),
        ({EVIL: "1"}, "was left out: no setting has that name."),
        ({"data": "moons", "view": "9-9"}, "The link's view was left out: it can be 1-2."),
        ({"data": "blobs(samples=20,classes=5)", "validation_share": "0.4", "test_share": "0.5"}, "No sample of class"),
    ],
    ids=["5,000 characters", "HTML", "view", "too few samples"],
)
def test_other_bad_links(link, words):
    page = Opened("moons", link)
    assert len(page.problems) == 1
    assert words in page.problems[0]
    assert page.at.toast[0].value == plain(page.problems[0])
    assert page.click("play").rerun().run.trainer.step > 0


def test_data_that_are_read_and_cannot_be_used_say_so_in_the_preview(page):
    page.run.apply(page.run.config.replace(validation_share=0.4, test_share=0.5))
    paste(page, "".join(f"{n},k{n % 10}\n" for n in range(20))).click("read-use")
    assert "falls into the training part" in page.sentence
    assert page.run.config.data == START.data
    page.choose("read-task", "values")  # another reading, another sentence
    assert "'k0' is not a number" in page.sentence


# --- sizes ----------------------------------------------------------------------------------------------------------

HOUSES = "area,price\n" + "".join(f"{n / 20},{250_000 + 4_000 * n}\n" for n in range(60))
INSTANTS = "time,half\n" + "".join(f"{1_700_000_000 + n},{'late' if n > 18 else 'early'}\n" for n in range(36))


def test_house_prices_are_trained_on_standardised_and_the_page_says_so(page):
    paste(page, HOUSES).click("read-use")
    assert page.problems == []
    assert page.link["standardise_targets"] == "on"
    assert "standardised targets; loss, R² and pictures are in their own units" in page.ask()["note"]
    assert "follow-advice" not in page.buttons
    low, high = page.ask()["plane"]["y"]
    assert low < 250_000 < 486_000 < high  # of the axis
    page.run.apply(page.run.config.replace(standardise_targets=False))
    page.rerun()
    assert page.ask()["note"].startswith("The targets run from 2")
    page.click("follow-advice")
    assert page.run.config.standardise_targets


def test_the_page_proposes_to_standardise_unix_time(page):
    paste(page, INSTANTS).click("read-use")
    assert page.ask()["note"].endswith("far from 1: standardise the inputs.")
    page.click("follow-advice")
    assert page.run.config.standardise
    assert page.link["standardise"] == "on"
    assert "follow-advice" not in page.buttons
    assert page.problems == []


def test_a_link_with_a_feature_that_overflows_is_one_sentence(page):
    paste(page, "u,v,label\n" + "".join(f"{n}e19,{n % 5},{n % 2}\n" for n in range(1, 41))).click("read-use")
    page.go("own_data", {**page.link, "features": "x1^2,x2"})
    sentence = (
        "features: x1^2 grows beyond what float32 can hold on these data; standardise the inputs, or leave x1^2 out."
    )
    assert page.sentence == f"The link could not be used: {sentence}"
    page.click("play").rerun()  # the page's own data are there instead
    assert page.run.trainer.step > 0
