"""Depth under a budget: parameters are counted right, a net over it is refused, the frame says what each costs."""

import itertools

import numpy as np
import pytest

from nn_core.activations import Tanh
from nn_core.layers import Dense
from nn_core.losses import MeanSquaredError
from nn_core.spec import SpecError
from playground.datasets.plane import Moons, Peaks
from playground.datasets.values import Sine
from playground.experiments.config import Config
from playground.experiments.experiment import build
from playground.live.labs.axes import axis
from playground.live.labs.lab import MAP_SIDE, Lab
from playground.live.labs.painters import depth_frame
from playground.live.labs.spec import MOST_BUDGET, LabSpec, read_lab, show_lab
from tests.app.opened import Opened
from tests.live.frames import unpack
from tests.live.labs import finished
from tests.live.test_labs_axes import is_a_sentence
from tests.pages import LABS

PAGE = LABS["depth"]
RECIPES = {recipe.label: recipe.spec for recipe in PAGE.recipes}
BASE = Config(data=Moons(samples=60), hidden=(Dense(4, Tanh()),), learning_rate=0.1, batch_size=8, stop_epochs=4)
SMALL = LabSpec(BASE, axis("net", "0, 5, 3-3"), seeds=3, budget=30)
CURVE = BASE.replace(data=Sine(samples=60), features=("x1",), loss=MeanSquaredError())
SPECS = {
    "small": SMALL,
    "no budget": SMALL.replace(budget=0),
    "one net": LabSpec(BASE, seeds=3, budget=22),
    "layers": LabSpec(BASE, axis("layers", "0, 1, 4"), seeds=2),
    "five classes": LabSpec(BASE.replace(data=Peaks(samples=90)), axis("net", "0, 5"), seeds=2, budget=100),
    "a curve": LabSpec(CURVE, axis("net", "0, 5"), seeds=2, budget=100),
    "diverges": LabSpec(CURVE.replace(learning_rate=1e6), axis("net", "0, 5"), seeds=2),
}
# By hand: the sum of n_in * n_out + n_out, with two inputs and two classes.
COUNTED = {
    "200 parameters": [
        2 * 25 + 25 + 25 * 2 + 2,
        2 * 9 + 9 + 9 * 9 + 9 + 9 * 5 + 5 + 5 * 2 + 2,
        2 * 7 + 7 + 7 * 7 + 7 + 7 * 6 + 6 + 6 * 6 + 6 + 6 * 2 + 2,
        2 * 6 + 6 + 6 * 6 + 6 + 6 * 5 + 5 + 5 * 5 + 5 + 5 * 4 + 4 + 4 * 3 + 3 + 3 * 2 + 2,
        2 * 5
        + 5
        + 5 * 5
        + 5
        + 5 * 4
        + 4
        + 4 * 4
        + 4
        + 4 * 3
        + 3
        + 3 * 3
        + 3
        + 3 * 3
        + 3
        + 3 * 3
        + 3
        + 3 * 3
        + 3
        + 3 * 2
        + 2,
    ],
    "0 to 8 layers of 20": [2 * 2 + 2, *(60 + 420 * (layers - 1) + 42 for layers in (1, 2, 3, 4, 6, 8))],
    "One layer, wider": [2 * n + n + n * 2 + 2 for n in (2, 4, 8, 16, 32, 64)],
}


def made(spec: LabSpec) -> Lab:
    return Lab(spec, depth_frame)


def refused(change) -> str:
    """The sentence with which something is refused."""
    with pytest.raises(SpecError) as caught:
        change()
    return str(caught.value)


# --- parameters -----------------------------------------------------------------------------------------------------


def test_every_recipe_is_counted():
    assert set(COUNTED) == set(RECIPES)


@pytest.mark.parametrize("label", COUNTED)
def test_parameters_are_those_counted_by_hand(label):
    lab = made(RECIPES[label])
    assert lab.parameters == COUNTED[label]
    header, _ = unpack(lab.frame())
    assert header["parameters"] == COUNTED[label]


@pytest.mark.parametrize("label", COUNTED)
def test_parameters_are_those_that_are_trained(label):
    spec = RECIPES[label]
    sizes = [build(spec.cell(0, column)).trainer.theta.size for column in range(spec.columns)]
    assert sizes == COUNTED[label]
    for column in range(spec.columns):
        widths = [2, *(layer.units for layer in spec.cell(0, column).hidden), 2]
        assert sizes[column] == sum(n * m + m for n, m in itertools.pairwise(widths))


def test_the_recipe_of_200_keeps_to_it_and_is_near_it():
    spec = RECIPES["200 parameters"]
    assert spec.budget == 200
    assert max(COUNTED["200 parameters"]) <= 200
    depths = [len(spec.cell(0, column).hidden) for column in range(spec.columns)]
    assert depths == sorted(set(depths))  # deeper and deeper


# --- the budget -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("net", "count"), [("10-12-7", 269), ("26", 132), ("12-12", 218), ("64", 322)])
def test_a_net_over_the_budget_is_refused_in_one_sentence(net, count):
    """10-12-7 is the one that a report counted as 175: 2*10+10 + 10*12+12 + 12*7+7 + 7*2+2."""
    spec = RECIPES["200 parameters"].replace(across=axis("net", f"3, {net}"), budget=0)
    assert made(spec).parameters == [2 * 3 + 3 + 3 * 2 + 2, count]
    words = refused(lambda: spec.replace(budget=count - 1))
    assert words == f"net {net} has {count:,} parameters, over the budget of {count - 1:,}."
    assert is_a_sentence(words)
    assert spec.replace(budget=count).budget == count  # just as many may be


def test_a_refused_net_leaves_the_lab_as_it_was():
    lab = finished(made(SMALL))
    before = unpack(lab.frame())
    words = refused(lambda: lab.apply(lab.spec.replace(across=axis("net", "0, 40"))))
    assert words == "net 40 has 202 parameters, over the budget of 30."
    assert lab.spec == SMALL
    assert lab.state == "finished"
    after = unpack(lab.frame())
    assert after[0]["parameters"] == before[0]["parameters"]
    assert after[0]["scores"] == before[0]["scores"]
    assert all(np.array_equal(after[1][name], values) for name, values in before[1].items())


@pytest.mark.parametrize("change", [
    {"base": BASE.replace(features=("x1", "x2", "x1x2"))},
    {"base": BASE.replace(data=Peaks(samples=60))},
    {"down": axis("units", "3, 9")},
], ids=["more inputs", "more classes", "the second axis"])  # fmt: skip
def test_whatever_makes_a_net_larger_is_refused(change):
    full = SMALL.replace(budget=29)  # what 3-3 has
    assert "parameters, over the budget of 29." in refused(lambda: full.replace(**change))


def test_what_does_not_make_it_larger_is_not():
    full = SMALL.replace(budget=29)
    assert full.replace(base=BASE.replace(learning_rate=1, l2=0.1, stop_epochs=9), seeds=5).budget == 29


@pytest.mark.parametrize("budget", [-1, MOST_BUDGET + 1])
def test_a_budget_out_of_its_range(budget):
    words = refused(lambda: SMALL.replace(budget=budget))
    assert words == f"budget must be from 0 to {MOST_BUDGET:,} parameters, not {budget:,}."


# --- the page -------------------------------------------------------------------------------------------------------


def test_on_the_page_a_net_over_the_budget_is_one_sentence_and_the_lab_stays():
    page = Opened("depth")
    assert page.run.spec == RECIPES["200 parameters"]
    page.at.text_input(key="lab-across-values").set_value("25, 10-12-7")
    page.rerun()
    assert page.problems == ["net 10-12-7 has 269 parameters, over the budget of 200."]
    assert page.run.spec == RECIPES["200 parameters"]
    assert page.at.text_input(key="lab-across-values").value == "25, 9-9-5, 7-7-6-6, 6-6-5-5-4-3, 5-5-4-4-3-3-3-3-3"
    page.number("lab-budget", 100)
    assert page.problems[-1].endswith("parameters, over the budget of 100.")
    assert page.at.number_input(key="lab-budget").value == page.run.spec.budget == 200
    page.number("lab-budget", 269)
    page.at.text_input(key="lab-across-values").set_value("25, 10-12-7")
    page.rerun()
    assert page.run.parameters == [127, 269]
    assert page.link["budget"] == "269"
    page.number("lab-budget", 0)
    assert "budget" not in page.link or page.link["budget"] == "0"


@pytest.mark.parametrize("label", RECIPES)
def test_a_recipe_of_the_page(label):
    page = Opened("depth").pick("recipe", label)
    assert page.problems == []
    assert page.run.spec == RECIPES[label]
    again = Opened("depth", page.link)
    assert again.problems == []
    assert again.run.spec == RECIPES[label]


# --- links ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("default", RECIPES)
@pytest.mark.parametrize("name", SPECS)
def test_a_budget_survives_its_link(name, default):
    """Whatever lab it is opened in, and also where that lab's own nets would be over the budget."""
    link = show_lab(SPECS[name])
    assert read_lab(link, RECIPES[default]) == (SPECS[name], [])


def test_a_link_says_the_budget():
    assert show_lab(SMALL)["budget"] == "30"
    assert show_lab(RECIPES["200 parameters"])["budget"] == "200"


@pytest.mark.parametrize("text", ["", "-1", "abc", "1.5", "²", "100001", "9" * 4000, "1e3", "\x00", "<b>"])
def test_a_hostile_budget_costs_only_itself(text):
    spec, problems = read_lab(show_lab(SMALL) | {"budget": text, "trials": "2"}, SMALL)
    assert spec == SMALL.replace(seeds=2)
    (words,) = problems
    assert words.startswith("The link's budget was left out: ")
    assert len(words) < 200


def test_a_link_whose_nets_are_over_its_budget():
    """The budget holds: the nets are left out, in a sentence that names one."""
    spec, problems = read_lab(show_lab(SMALL) | {"across": "net:0, 40"}, SMALL)
    assert spec.budget == 30
    assert all(count <= 30 for count in made(spec).parameters)
    (words,) = problems
    assert "net 40 has 202 parameters, over the budget of 30." in words


# --- the frame ------------------------------------------------------------------------------------------------------


def check_frame(lab: Lab) -> dict:
    """A frame is whole: unpacks, is JSON without NaN, and has one of each thing for each net."""
    header, arrays = unpack(lab.frame())
    columns, spec = lab.spec.columns, lab.spec
    assert (header["kind"], header["panels"]) == ("lab", ["depth"])
    for name in ("columns", "scores", "texts", "parameters", "depths"):
        assert len(header[name]) == columns, name
    assert header["depths"] == [len(spec.cell(0, column).hidden) for column in range(columns)]
    assert header["columns"] == [spec.label(spec.across, column) for column in range(columns)]
    assert header["budget"] == spec.budget
    assert header["side"] == MAP_SIDE
    if not header["percent"] and len(lab.data.inputs) == 1:
        assert arrays["map_line"].shape == (columns, MAP_SIDE)
    else:
        for name in ("map_class", "map_margin") if header["percent"] else ("map_value",):
            assert arrays[name].shape == (columns, MAP_SIDE, MAP_SIDE)
            assert arrays[name].dtype == np.uint8
    assert all(np.isfinite(values).all() for values in arrays.values())
    for score, text in zip(header["scores"], header["texts"], strict=True):
        assert (score is None) == (text in ("", "diverged"))
        assert score is None or sorted(score) == score
    assert str(spec.seeds) in header["score_title"]
    return header


@pytest.mark.parametrize("name", SPECS)
def test_the_frame_before_during_and_after_a_run(name):
    lab = made(SPECS[name])
    header = check_frame(lab)
    assert (header["progress"], header["step"]) == (0, 0)
    lab.play()
    check_frame(lab)
    shares = []
    while lab.playing:
        lab.train(0.003)
        shares.append(check_frame(lab)["progress"])
    assert shares == sorted(shares)
    header = check_frame(lab)
    assert (header["progress"], header["step"]) == (1, len(lab.configs))


def test_scores_are_median_and_quartiles_of_the_seeds():
    lab = finished(made(SMALL))
    header = check_frame(lab)
    results = lab.results()
    for column in range(3):
        values = [result.final["test_metric"] for result in results[3 * column : 3 * column + 3]]
        assert header["scores"][column] == pytest.approx(np.quantile(values, (0.25, 0.5, 0.75)).tolist())
        assert header["texts"][column] == f"{100 * np.median(values):.1f} %"


def test_the_map_of_a_net_is_that_of_its_median_seed():
    lab = finished(made(SMALL))
    _, arrays = unpack(lab.frame())
    metric = lab.last("test_metric")
    for column in range(3):
        lane = metric[3 * column : 3 * column + 3]
        median = [i for i in range(3 * column, 3 * column + 3) if metric[i] == np.median(lane)]
        maps = [lab.outputs(i).argmax(axis=1).reshape(MAP_SIDE, MAP_SIDE) for i in median]
        assert any(np.array_equal(arrays["map_class"][column], one) for one in maps)


def test_nets_that_have_all_diverged_have_no_score():
    lab = finished(made(SPECS["diverges"]))
    assert lab.ran_away().all()
    header = check_frame(lab)
    assert header["scores"] == [None, None]
    assert header["texts"] == ["diverged", "diverged"]
    assert {"label": "diverged", "value": "4", "help": "Runs whose loss ran away, or overflowed."} in header["readings"]


def test_the_net_that_was_clicked_is_marked():
    lab = made(next(iter(SPECS.values())))
    assert unpack(lab.frame())[0]["chosen"] is None
    lab.act({"kind": "cell", "row": 0, "column": 1})
    assert unpack(lab.frame())[0]["chosen"] == 1
