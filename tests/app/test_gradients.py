"""The gradient lab without a browser: a recipe keeps its promise, a link opens the same, nonsense is one sentence."""

import re
import threading

import numpy as np
import pytest

from nn_core.activations import ACTIVATIONS
from nn_core.derivatives.naive import naive_cost
from playground.experiments import measuring
from playground.experiments.faults import FAULTS
from playground.figures.labs import FORMATS
from playground.ui.labs import cost, downloads, gradients
from playground.views.gradients import PAGE
from tests.app.opened import Opened

FIRST = {"net": "10-10", "activation": "tanh", "fault": "none", "what": "network", "seed": "0"}
# What each recipe finds wrong: its text promises it.
WRONG = {
    "Right": [],
    "Residual": [],
    "Softmax alone": [],
    "A forgotten factor": ["0.W", "0.b", "1.W", "1.b", "2.W", "2.b", "x", "all parameters"],
    "A missing transpose": ["0.W", "0.b", "x", "all parameters"],
    "A wrong derivative": ["0.W", "0.b", "x", "all parameters"],
}
NONSENSE = [
    *("", " ", "abc", "10-", "-", "0-10", "1e3", "65", "99999", "res", "conv3x3", "10,10", "²", "4-4-4-4-4-4-4-4-4-4"),
    *("<b>x</b>", "3" * 5000),
]


@pytest.fixture(autouse=True)
def _no_figures(request, monkeypatch):
    """Drawing the four downloads takes longer than all else; the test of them draws them."""
    if "downloads" not in request.node.name:
        monkeypatch.setattr(downloads, "drawn", lambda figure, name: name.encode())
        monkeypatch.setattr(gradients, "slope_figure", lambda tests, title: None)


@pytest.fixture(autouse=True)
def _nothing_is_remembered(monkeypatch):
    monkeypatch.setattr(gradients, "FOUND", {})


def opened(**link: str) -> Opened:
    return Opened("gradients", link)


def field(page: Opened, kind: str, key: str, value) -> Opened:
    """Change one field of the bar."""
    getattr(page.at, kind)(key=key).set_value(value)
    return page.rerun()


def says(page: Opened) -> dict[str, list[str]]:
    """What stands on the page, by its kind: exactly one of them is there."""
    kinds = {kind: [one.value for one in getattr(page.at, kind)] for kind in ("success", "warning", "info", "error")}
    found = {kind: texts for kind, texts in kinds.items() if texts}
    assert len(found) == 1, found
    (texts,) = found.values()
    assert len(texts) == 1
    return found


def found_wrong(page: Opened) -> list[str]:
    """What the verdict calls wrong."""
    said = says(page)
    if "success" in said:
        return []
    (words,) = said["warning"]
    return words.removeprefix("Found: the gradient with respect to ").partition(" is wrong;")[0].split(", ")


def verdicts(page: Opened) -> dict[str, str]:
    """The table's verdict of each parameter."""
    table = page.at.dataframe[0].value
    return dict(zip(table["parameter"], table["verdict"], strict=True))


def settings(page: Opened) -> dict[str, str]:
    """What the fields show."""
    at = page.at
    return {
        "net": at.text_input(key="g-net").value,
        **{name: at.selectbox(key=f"g-{name}").value for name in ("activation", "fault", "what")},
        "seed": str(at.number_input(key="g-seed").value),
    }


def one_sentence(words: str) -> None:
    assert words.endswith(".")
    assert words[0].isupper()
    assert "\n" not in words
    assert "Traceback" not in words
    assert len(words) < 250


# --- recipes --------------------------------------------------------------------------------------------------------


def test_it_opens_with_the_first_recipe():
    page = opened()
    assert PAGE.title in page.at.markdown[0].value
    assert page.at.button_group(key="recipe").value == PAGE.recipes[0].label
    assert page.link == FIRST == settings(page)
    assert set(verdicts(page).values()) == {"right"}
    assert len(page.at.get("vega_lite_chart")) == 1


def test_each_recipe_is_tried():
    assert set(WRONG) == {recipe.label for recipe in PAGE.recipes}


@pytest.mark.parametrize("recipe", PAGE.recipes, ids=lambda recipe: recipe.label)
def test_a_recipe_gives_the_verdict_that_its_text_promises(recipe):
    page = opened(net="3").pick("recipe", recipe.label)
    assert found_wrong(page) == WRONG[recipe.label]
    assert page.at.button_group(key="recipe").value == recipe.label
    assert recipe.why in [caption.value for caption in page.at.caption]
    link = {name: getattr(recipe, name) for name in ("net", "activation", "fault", "what")}
    assert page.link == {**link, "seed": "0"} == settings(page)
    if recipe.fault != "none":  # the line that is wrong, and what it should be
        (words,) = says(page)["warning"]
        assert f"`{FAULTS[recipe.fault].right}`" in words
        assert f"`{FAULTS[recipe.fault].wrong}`" in words


def test_what_lies_behind_a_missing_transpose_is_right():
    found = verdicts(opened(fault="transpose"))
    assert {name for name, verdict in found.items() if verdict == "right"} == {"1.W", "1.b", "2.W", "2.b"}
    assert {name for name, verdict in found.items() if verdict == "wrong"} == {"0.W", "0.b", "x"}


def test_number_by_number_the_largest_errors_are_those_that_are_wrong():
    table = opened(fault="transpose").at.dataframe[0].value
    errors = table["largest relative error"].astype(float)
    assert (errors[table["verdict"] == "wrong"] > 1e-3).all()
    assert (errors[table["verdict"] == "right"] < 1e-6).all()


def test_in_the_layer_test_of_a_residual_block_w2_is_linear(monkeypatch):
    asked = []
    real = gradients.finding
    monkeypatch.setattr(gradients, "finding", lambda tests, *rest: asked.append(tests) or real(tests, *rest))
    page = opened(net="res10", what="layer")
    assert found_wrong(page) == []
    found = {test.name: test.verdict for test in asked[-1]}
    assert found == {"W1": "right", "b": "right", "W2": "linear", "x": "right"}


# --- what the banner says is what was measured ---------------------------------------------------------------------


def errors_of(page: Opened) -> dict[str, float]:
    """The table's largest relative error of each gradient."""
    table = page.at.dataframe[0].value
    return dict(zip(table["parameter"], table["largest relative error"].astype(float), strict=True))


def test_an_accident_of_the_digits_is_no_fault():
    (words,) = says(opened(seed="169"))["success"]
    assert "Every gradient stands the test: without it the error falls with slope " in words


def test_a_kink_is_called_a_kink():
    page = opened(activation="relu", seed="102")
    (words,) = says(page)["success"]
    assert "The first steps crossed a kink of the activation (0.W, 0.b, " in words
    assert "a kink is no fault" in words
    table = page.at.dataframe[0].value
    assert table["kinks"][0] == "10 crossed, ε / 64"
    assert max(errors_of(page).values()) < 1e-6


def test_a_mistake_behind_a_kink_is_found():
    page = opened(activation="relu", seed="102", fault="sum")
    assert found_wrong(page) == ["0.b", "all parameters"]
    assert errors_of(page)["0.b"] == pytest.approx(0.78, abs=0.01)
    (words,) = says(page)["warning"]
    assert "the largest relative error of a number is 0.78" in words


def test_the_slopes_that_are_told_are_those_that_are_drawn():
    page = opened(fault="derivative", seed="2")
    (words,) = says(page)["warning"]
    (told,) = re.findall(r"falls with slope ([\d.]+ to [\d.]+) instead of 2", words)
    least, most = map(float, told.split(" to "))
    table = page.at.dataframe[0].value
    slopes = [float(text.split(" / ")[1]) for text in table["slopes"][table["verdict"] == "wrong"]]
    assert least <= min(slopes) <= max(slopes) <= most < 1.5


def test_the_numbers_of_a_layer_are_those_of_the_layer():
    page = opened(net="3", fault="factor", what="layer")  # the loss, which is wrong, is no part of the layer
    assert max(errors_of(page).values()) < 1e-6
    assert set(errors_of(page)) == {"W", "b", "x"}


# --- links and fields -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", [
    {"net": "7-res3", "activation": "sigmoid", "fault": "none", "what": "network", "seed": "12"},
    {"net": "4-4", "activation": "tanh", "fault": "transpose", "what": "network", "seed": "9999"},
    {"net": "6", "activation": "gelu", "fault": "sum", "what": "layer", "seed": "3"},
    {"net": "0", "activation": "relu", "fault": "factor", "what": "network", "seed": "1"},
], ids=lambda link: link["net"])  # fmt: skip
def test_a_link_opens_the_same(link):
    page = opened(**link)
    assert page.link == link == settings(page)
    again = opened(**page.link)
    assert says(again) == says(page)
    assert again.at.dataframe[0].value.equals(page.at.dataframe[0].value)


def test_a_short_link_takes_the_rest_from_the_first_recipe():
    assert opened(fault="factor").link == FIRST | {"fault": "factor"}


@pytest.mark.parametrize(("name", "value", "becomes"), [
    ("activation", "tan h", "tanh"), ("activation", "", "tanh"), ("activation", "__class__", "tanh"),
    ("fault", "all", "none"), ("fault", "<script>", "none"), ("what", "everything", "network"), ("what", "", "network"),
    ("seed", "-1", "0"), ("seed", "10000", "0"), ("seed", "abc", "0"), ("seed", "", "0"), ("seed", "1.5", "0"),
    ("seed", "nan", "0"), ("seed", "9" * 6000, "0"), ("seed", "9" * 40, "0"),
])  # fmt: skip
def test_hostile_values_of_a_link_fall_back(name, value, becomes):
    page = opened(**{"net": "3", name: value})
    assert page.link == FIRST | {"net": "3", name: becomes} == settings(page)
    (sentence,) = [toast.value for toast in page.at.toast] + [error.value for error in page.at.error]
    assert sentence.startswith(f"The link's {name} was left out")
    assert "success" in says(page)


def test_a_link_of_nothing_but_junk():
    page = opened(net="3", fault="x" * 5000, what="'", activation="\x00", seed="\u202e", colour="red", g="1")
    assert page.link == FIRST | {"net": "3"}
    assert "success" in says(page)


def test_nonsense_for_a_network_is_one_sentence_and_the_page_goes_on():
    page = opened(net="3")
    for text in NONSENSE:
        field(page, "text_input", "g-net", text)
        (words,) = says(page)["error"]
        one_sentence(words)
        words = re.sub(r"\\(.)", r"\1", words)  # as a person reads it
        assert words.startswith("Hidden layers cannot be read: "), text
        assert len(page.at.dataframe) == 0
    field(page, "text_input", "g-net", "4-4")
    assert found_wrong(page) == []
    assert page.link == FIRST | {"net": "4-4"}


@pytest.mark.parametrize("net", ["abc", "", "3" * 5000], ids=["letters", "empty", "long"])
def test_a_link_with_a_network_that_cannot_be_read(net):
    page = opened(net=net)
    one_sentence(says(page)["error"][0])
    page.pick("recipe", "Softmax alone")
    assert found_wrong(page) == []


@pytest.mark.parametrize(("link", "words"), [
    ({"net": "4-5", "fault": "transpose"}, "needs two dense layers of one width"),
    ({"net": "0", "fault": "derivative"}, "needs a tanh layer"),
    ({"net": "4", "activation": "relu", "fault": "derivative"}, "needs a tanh layer"),
    ({"net": "4-4", "fault": "skip"}, "needs a residual block"),
    ({"net": "0", "what": "layer"}, "Without a hidden layer there is no layer to test alone"),
], ids=str)  # fmt: skip
def test_what_has_no_place_is_one_sentence_and_the_page_goes_on(link, words):
    page = opened(**link)
    (said,) = says(page)["error"]
    one_sentence(said)
    assert words in said
    assert page.link == FIRST | link
    page.pick("recipe", "Softmax alone")
    assert found_wrong(page) == []


def test_a_fault_beside_the_tested_layer_does_not_show():
    (words,) = says(opened(net="3", fault="factor", what="layer"))["info"]
    assert "does not show here" in words
    assert found_wrong(opened(net="3", fault="sum", what="layer")) == ["b"]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_passes(activation):
    assert found_wrong(opened(net="3", activation=activation)) == []


def test_changing_a_field_changes_the_link_and_the_recipe():
    page = opened()
    field(page, "selectbox", "g-fault", "factor")
    assert page.at.button_group(key="recipe").value == "A forgotten factor"
    assert page.link == FIRST | {"fault": "factor"}
    field(page, "text_input", "g-net", "3")
    assert page.at.button_group(key="recipe").value is None
    table = page.at.dataframe[0].value
    page.number("g-seed", 5)
    assert page.link == FIRST | {"fault": "factor", "net": "3", "seed": "5"}
    assert not page.at.dataframe[0].value.equals(table)


def test_the_settings_are_there_when_the_page_is_opened_again():
    page = opened(net="3", fault="factor", seed="4")
    left = page.link
    page.go("xor")
    page.go("gradients")
    assert page.link == left == settings(page)


# --- cost and downloads ---------------------------------------------------------------------------------------------


def waited(page: Opened) -> Opened:
    """The page when its costs are measured."""
    page.at.session_state["g-cost"].wait(60)
    return page.rerun()


def captions(page: Opened) -> str:
    return " ".join(caption.value for caption in page.at.caption)


def test_the_cost_is_measured_when_it_is_asked_for_and_behind_the_page(monkeypatch):
    go_on, asked = threading.Event(), []

    def slowly(*job):
        asked.append(job)
        go_on.wait(30)
        return naive_cost((5, 20))

    monkeypatch.setattr(cost, "apart", slowly)
    page = opened(net="3")
    assert asked == []
    page.click("measure-cost")  # comes back while it is measured
    assert page.at.button(key="measure-cost").disabled
    assert "Measuring for 0 s" in captions(page)
    assert "success" in says(page)
    go_on.set()
    waited(page)
    assert asked == [("costs",)]
    assert "the naive gradient takes" in captions(page)
    assert not page.at.button(key="measure-cost").disabled
    page.rerun()
    page.click("measure-cost")  # once more
    waited(page)
    assert asked == [("costs",)] * 2


def test_the_cost_is_measured_in_a_process_of_its_own(monkeypatch):
    page = opened(net="3")
    with monkeypatch.context() as patch:
        patch.setattr(measuring, "START", "raise SystemExit(9)")
        waited(page.click("measure-cost"))
    (words,) = [warning.value for warning in page.at.warning]
    one_sentence(words)
    assert words.startswith("The cost was not measured: ")
    assert "the naive gradient takes" not in captions(page)
    waited(page.click("measure-cost"))
    assert list(page.at.warning) == []
    assert "With 4,482 parameters the naive gradient takes" in captions(page)


def test_the_same_settings_are_measured_once_for_everybody(monkeypatch):
    asked, real = [], gradients._measured
    monkeypatch.setattr(gradients, "_measured", lambda *args: asked.append(1) or real(*args))
    page = opened(net="3")
    page.rerun().rerun()
    assert len(asked) == 1
    table = page.at.dataframe[0].value
    other = opened(net="3")
    assert len(asked) == 1
    assert other.at.dataframe[0].value.equals(table)
    page.number("g-seed", 5)
    assert len(asked) == 2
    page.number("g-seed", 0)
    assert len(asked) == 2
    assert page.at.dataframe[0].value.equals(table)


def test_only_the_latest_settings_are_remembered(monkeypatch):
    monkeypatch.setattr(gradients, "MOST_FOUND", 3)
    page = opened(net="3")
    for seed in range(1, 6):
        page.number("g-seed", seed)
    assert [settings[-1] for settings in gradients.FOUND] == [3, 4, 5]
    page.number("g-seed", 3)
    assert [settings[-1] for settings in gradients.FOUND] == [4, 5, 3]


def test_its_downloads(monkeypatch):
    made = {}
    real = gradients.st.download_button

    def kept(label, data, name, *args, **kwargs):
        made[name] = data
        return real(label, data, name, *args, **kwargs)

    monkeypatch.setattr(gradients.st, "download_button", kept)
    page = opened(net="3", fault="factor").open("download")
    assert set(made) == {"gradients.csv", *(f"gradients.{name}" for name in FORMATS)}
    head, *rows = made["gradients.csv"].splitlines()
    assert head == "parameter,largest relative error,slopes,kinks,verdict"
    assert [row.split(",")[0] for row in rows] == list(verdicts(page))
    assert all(np.isfinite(float(row.split(",")[1])) for row in rows)
    starts = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}
    for name in FORMATS:
        assert bytes(made[f"gradients.{name}"]).startswith(starts[name])
