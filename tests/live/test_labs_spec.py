"""What a lab is made of: its limits, the runs that it stands for, and its link, whole or wrong in some part."""

from itertools import permutations

import numpy as np
import pytest

from nn_core.activations import ReLU, Sigmoid, Tanh
from nn_core.layers import Dense, Residual
from nn_core.losses import MeanSquaredError
from nn_core.optimisers import Adam
from nn_core.spec import SpecError
from playground.datasets.pictures import holds_pictures
from playground.datasets.plane import Circles, Moons, Peaks, Xor
from playground.datasets.values import Line, PeaksHeight, Sine
from playground.experiments.config import HIGHEST_SEED, Config
from playground.experiments.experiment import build
from playground.experiments.link import show_link
from playground.live.labs.axes import AXES, MOST_VALUES, axis, show_values
from playground.live.labs.spec import MOST_BUDGET, MOST_EPOCHS, MOST_RUNS, MOST_SEEDS, LabSpec, read_lab, show_lab
from tests.live.test_labs_axes import HOSTILE, drawn, is_a_sentence
from tests.pages import LAB_RECIPES, LABS, PICTURES, PLANE, lab_recipe_of
from tests.pages import PAGES as LIVE

BASE = Config(data=Moons(samples=80), hidden=(Dense(4, Tanh()),), stop_epochs=10)
DEFAULT = LabSpec(BASE, axis("rate", "0.1, 1"), axis("batch", "1, 10, full"), 3)
DEFAULTS = {view: page.recipes[0].spec for view, page in LABS.items()}
GOOD = {"rate": "0.25", "net": "7-res2", "stop_epochs": "20", "across": "l2:0,0.1", "down": "units:2,3", "trials": "5"}
MEANT = LabSpec(
    BASE.replace(learning_rate=0.25, hidden=(Dense(7, Tanh()), Residual(2, Tanh())), stop_epochs=20),
    axis("l2", "0, 0.1"),
    axis("units", "2, 3"),
    5,
)


def numbers(count: int) -> str:
    return ",".join(str(k) for k in range(1, count + 1))


def random_spec(rng: np.random.Generator, shares: Config) -> LabSpec:
    """A lab by chance; its test and validation shares, which no widget changes, are those of `shares`."""
    data, loss = [
        (Moons(samples=70), None), (Circles(noise=0.3), None), (Peaks(samples=90, classes=3), None), (Xor(), None),
        (Line(), MeanSquaredError()), (Sine(noise=0.5), MeanSquaredError()), (PeaksHeight(), MeanSquaredError()),
    ][rng.integers(7)]  # fmt: skip
    activation = drawn("activation", rng)
    kinds = (Dense, Residual)
    base = Config(
        data=data,
        features=("x1",) if isinstance(data, (Line, Sine)) else ("x2", "x1", "x1x2")[: rng.integers(1, 4)],
        standardise=bool(rng.integers(2)),
        hidden=tuple(kinds[rng.integers(2)](int(rng.integers(1, 65)), activation) for _ in range(rng.integers(9))),
        **({"loss": loss} if loss else {}),
        initialiser=drawn("init", rng),
        optimiser=drawn("optimiser", rng),
        schedule=drawn("schedule", rng),
        learning_rate=drawn("rate", rng),
        batch_size=drawn("batch", rng),
        l1=drawn("l1", rng),
        l2=drawn("l2", rng),
        dropout=drawn("dropout", rng),
        stop_epochs=int(rng.integers(1, MOST_EPOCHS + 1)),
        stop_patience=int(rng.integers(3)),
        seed_weights=int(rng.integers(1000)),
        seed_batches=HIGHEST_SEED - 1000,
        seed_data=int(rng.integers(1000)),
        validation_share=shares.validation_share,
        test_share=shares.test_share,
    )
    axes = []
    for key in rng.choice(list(AXES), 2, replace=False):
        values = tuple(dict.fromkeys(drawn(key, rng) for _ in range(rng.integers(1, MOST_VALUES + 1))))
        axes.append((str(key), values) if rng.integers(4) else None)
    cells = np.prod([len(one[1]) for one in axes if one])
    budget = int(rng.integers(2)) * MOST_BUDGET
    return LabSpec(base, *axes, int(rng.integers(1, min(MOST_SEEDS, MOST_RUNS // cells) + 1)), budget)


# --- limits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seeds": 0}, "seeds must be from 1 to 200, not 0."),
        ({"seeds": -1}, "seeds must be from 1 to 200, not -1."),
        ({"seeds": 201}, "seeds must be from 1 to 200, not 201."),
        ({"across": axis("batch", "1")}, "across and down are both batch size; choose two settings."),
        ({"base": BASE.replace(stop_epochs=0)}, "epochs must be from 1 to 5,000, not 0."),
        ({"base": BASE.replace(stop_epochs=5001)}, "epochs must be from 1 to 5,000, not 5,001."),
        (
            {"seeds": 101},
            "606 runs are too many for one page (600 at most); take fewer values or seeds, or the command line.",
        ),
    ],
    ids=str,
)
def test_what_would_be_too_much_is_refused(changes, words):
    with pytest.raises(SpecError) as caught:
        DEFAULT.replace(**changes)
    assert str(caught.value) == words
    assert is_a_sentence(words.replace("; ", ", "))


def test_the_largest_labs():
    assert len(LabSpec(BASE.replace(stop_epochs=MOST_EPOCHS), seeds=MOST_SEEDS).configs()) == MOST_SEEDS
    assert len(DEFAULT.replace(seeds=100).configs()) == MOST_RUNS
    wide = LabSpec(BASE, ("batch", tuple(range(12))), ("units", tuple(range(1, 13))), 4)
    assert len(wide.configs()) == 576


# --- runs -----------------------------------------------------------------------------------------------------------


def test_runs_come_cell_by_cell_with_their_seeds():
    spec = DEFAULT.replace(base=BASE.replace(seed_weights=7, seed_batches=9))
    assert (spec.rows, spec.columns) == (3, 2)
    found = [(run.batch_size, run.learning_rate, run.seed_weights, run.seed_batches) for run in spec.configs()]
    assert found == [(batch, rate, 7 + k, 9 + k) for batch in (1, 10, 0) for rate in (0.1, 1.0) for k in range(3)]
    same = {"batch_size": 32, "learning_rate": BASE.learning_rate, "seed_weights": 7, "seed_batches": 9}
    assert {run.replace(**same) for run in spec.configs()} == {spec.base.replace(**same)}
    assert spec.cell(2, 1) == spec.configs()[15]


def test_without_axes_there_is_one_cell():
    spec = LabSpec(BASE, seeds=4)
    assert (spec.rows, spec.columns, len(spec.configs())) == (1, 1, 4)
    assert spec.cell(0, 0) == BASE
    assert (spec.name(None), spec.label(None, 0)) == ("", "")


def test_names_of_what_is_varied_and_measured():
    assert [DEFAULT.label(DEFAULT.down, k) for k in range(3)] == ["1", "10", "full"]
    assert [DEFAULT.label(DEFAULT.across, k) for k in range(2)] == ["0.1", "1"]
    assert (DEFAULT.name(DEFAULT.across), DEFAULT.name(DEFAULT.down)) == ("learning rate", "batch size")
    assert DEFAULT.metric == "test accuracy"
    sine = BASE.replace(data=Sine(), loss=MeanSquaredError(), features=("x1",))
    assert DEFAULT.replace(base=sine).metric == "test R²"


@pytest.mark.parametrize(("one", "other"), list(permutations(AXES, 2)))
def test_a_cell_does_not_depend_on_which_setting_goes_across(one, other):
    """Also for a network without hidden layers, and with 0 layers among the values."""
    axes = [(key, AXES[key].example) for key in (one, other)]
    across, down = (axis(*found) for found in axes)
    for hidden in ((), BASE.hidden, (Dense(3, ReLU()), Residual(5, Sigmoid()))):
        base = BASE.replace(hidden=hidden)
        spec, turned = LabSpec(base, across, down), LabSpec(base, down, across)
        if {one, other} <= {"units", "layers", "net"} and "net" in (one, other):
            continue  # each says all of the same
        for row in range(spec.rows):
            for column in range(spec.columns):
                assert spec.cell(row, column) == turned.cell(column, row)


@pytest.mark.parametrize(("view", "label"), LAB_RECIPES)
def test_every_run_of_a_recipe_can_be_built(view, label):
    spec = lab_recipe_of(view, label).spec
    cells = {spec.cell(row, column) for row in range(spec.rows) for column in range(spec.columns)}
    assert len(cells) == spec.rows * spec.columns  # no two cells are the same
    for config in cells:
        assert build(config).trainer.step == 0
    assert len(set(spec.configs())) == len(spec.configs()) == spec.rows * spec.columns * spec.seeds


# --- links ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("view", "label"), LAB_RECIPES)
def test_every_recipe_survives_its_link(view, label):
    spec = lab_recipe_of(view, label).spec
    assert read_lab(show_lab(spec), DEFAULTS[view]) == (spec, [])


@pytest.mark.parametrize("view", LABS)
def test_random_labs_survive_their_link(view):
    rng = np.random.default_rng(list(LABS).index(view))
    for _ in range(40):
        spec = random_spec(rng, DEFAULTS[view].base)
        link = show_lab(spec)
        assert all(isinstance(value, str) for value in link.values())
        assert read_lab(link, DEFAULTS[view]) == (spec, [])
        assert show_lab(read_lab(link, DEFAULTS[view])[0]) == link


def test_a_link_may_turn_a_lab_over():
    """Its parts are a whole: across may be what down was, and many values may come with few seeds."""
    turned = DEFAULT.replace(across=DEFAULT.down, down=DEFAULT.across)
    assert read_lab(show_lab(turned), DEFAULT) == (turned, [])
    many = LabSpec(BASE, axis("rate", numbers(12)), axis("l2", "0,1,2,3,4,5"), 1)
    few = LabSpec(BASE, seeds=MOST_SEEDS)
    assert read_lab(show_lab(many), few) == (many, [])
    assert read_lab(show_lab(few), many) == (few, [])


@pytest.mark.parametrize("view", LABS)
def test_a_link_says_all_that_differs_from_the_lab_it_is_opened_in(view):
    """A setting at its default is left out of a link, but not if the lab has another by itself."""
    for spec in (LabSpec(BASE, seeds=2), LabSpec(BASE.replace(test_share=0.4, validation_share=0.2), budget=1000)):
        assert read_lab(show_lab(spec), DEFAULTS[view]) == (spec, [])


def test_the_link_of_a_lab_letter_by_letter():
    link = show_lab(DEFAULT)
    assert show_link(BASE).items() <= link.items()
    assert (link["across"], link["down"], link["trials"]) == ("rate:0.1, 1", "batch:1, 10, full", "3")
    bare = show_lab(LabSpec(BASE, axis("optimiser", "sgd, adam(beta1=0.8,beta2=0.9)")))
    assert (bare["across"], bare["down"], bare["trials"]) == ("optimiser:sgd, adam(beta1=0.8,beta2=0.9)", "none", "1")


def test_a_short_link_takes_the_rest_from_the_lab():
    assert read_lab({}, DEFAULT) == (DEFAULT, [])
    assert read_lab({"trials": "7"}, DEFAULT) == (DEFAULT.replace(seeds=7), [])
    assert read_lab({"down": "none"}, DEFAULT) == (DEFAULT.replace(down=None), [])
    rate = BASE.replace(learning_rate=3.0)
    assert read_lab({"rate": "3", "trials": "2"}, DEFAULT) == (DEFAULT.replace(base=rate, seeds=2), [])


def test_the_good_link_means_what_it_says():
    assert read_lab(GOOD, DEFAULT) == (MEANT, [])


BAD = [
    ("across", "colour:red, blue", "'colour' is no setting that a lab can vary"),
    ("across", "rate", "it looks like rate:0.01,0.1."),
    ("across", "", "it looks like rate:0.01,0.1."),
    ("across", "l2:", "L2 needs from 1 to 12 values"),
    ("across", f"l2:{numbers(13)}", "L2 needs from 1 to 12 values"),
    ("across", "l2:0, 0", "L2 has a value twice"),
    ("across", "l2:0, x", "l2 must be a number from 0 to 10, not 'x'."),
    ("across", "l2=0,1", "it looks like rate:0.01,0.1."),
    ("down", "units:1, 65", "net must have from 1 to 64 units in each layer, not 65."),
    ("down", "none:1", "'none' is no setting that a lab can vary"),
    ("down", "NONE", "it looks like rate:0.01,0.1."),
    ("down", "l2:0, 1", "across and down are both L2; choose two settings."),
    ("trials", "0", "seeds must be from 1 to 200, not 0."),
    ("trials", "201", "seeds must be from 1 to 200, not 201."),
    ("trials", "many", "it must be a whole number"),
    ("trials", "", "it must be a whole number"),
    ("trials", "-1", "it must be a whole number"),
    ("trials", "²", "it must be a whole number"),
    ("rate", "abc", "learning_rate must be a number"),
    ("net", "9999", "each layer must have a whole number of units"),
    ("stop_epochs", "0", "epochs must be from 1 to 5,000, not 0."),
    ("stop_epochs", "5001", "epochs must be from 1 to 5,000, not 5,001."),
    ("stop_epochs", "x", "stop_epochs must be a whole number"),
    ("seeds", "1-2-3", "seeds must be four whole numbers"),
    ("colour", "red", "no setting has that name."),
]


@pytest.mark.parametrize(("part", "text", "words"), BAD)
def test_a_bad_part_of_a_link_costs_only_itself(part, text, words):
    spec, problems = read_lab(GOOD | {part: text}, DEFAULT)
    left = {key: value for key, value in GOOD.items() if key != part}
    assert len(problems) == 1
    assert problems[0].startswith(f"The link's {part} was left out: {words}")
    assert problems[0].endswith(".")
    assert spec == read_lab(left, DEFAULT)[0]


@pytest.mark.parametrize("part", ["across", "down", "trials"])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_hostile_parts(part, text):
    for whole in (text, f"rate:{text}", f"units:{text}", f"optimiser:{text}", f"{text}:1", f"layers:1,{text}"):
        spec, problems = read_lab(GOOD | {part: whole}, DEFAULT)
        field = "seeds" if part == "trials" else part
        assert spec == MEANT.replace(**{field: getattr(DEFAULT, field)})
        assert len(problems) == 1
        assert problems[0].startswith(f"The link's {part} was left out: ")
        assert len(problems[0]) < 400
        assert "\n" not in problems[0]


def test_a_link_of_nothing_but_junk():
    junk = {"across": "a:b", "down": "c", "trials": "d", **{f"part{k}": "x" for k in range(50)}}
    spec, problems = read_lab(junk, DEFAULT)
    assert spec == DEFAULT
    assert len(problems) <= 9
    assert all(problem.endswith(".") and len(problem) < 400 for problem in problems)


def test_parts_that_are_too_much_together():
    """Whatever is left out, what remains is a lab, and few words are made of it."""
    link = {"across": f"rate:{numbers(12)}", "down": f"batch:{numbers(12)}", "trials": "200"}
    spec, problems = read_lab(link, DEFAULT)
    assert len(spec.configs()) <= MOST_RUNS
    assert 1 <= len(problems) <= 3
    assert any("runs are too many for one page" in problem for problem in problems)


@pytest.mark.parametrize("live", PLANE)
@pytest.mark.parametrize("view", LABS)
def test_the_link_of_a_live_page_costs_at_most_a_sentence(view, live):
    for recipe in LIVE[live].recipes:
        if recipe.config.data.label == "Your own data":
            continue
        found, problems = read_lab(show_link(recipe.config) | {"view": "pca"}, DEFAULTS[view])
        if DEFAULTS[view].budget:  # which some networks are too large for
            assert len(problems) <= 2
            continue
        assert problems == ["The link's view was left out: no setting has that name."]
        assert found.base.replace(stop_epochs=1, test_share=0.25, validation_share=0.15) == recipe.config.replace(
            stop_epochs=1
        )
        assert (found.across, found.down, found.seeds) == (
            DEFAULTS[view].across, DEFAULTS[view].down, DEFAULTS[view].seeds,
        )  # fmt: skip


@pytest.mark.parametrize("live", PICTURES)
@pytest.mark.parametrize("view", LABS)
def test_the_link_of_a_picture_page_leaves_a_lab_that_can_be_built(view, live):
    """The pictures; where what the lab varies by itself does not fit them, one sentence, and nothing is varied."""
    default, config = DEFAULTS[view], LIVE[live].default
    found, problems = read_lab(show_link(config), default)
    if problems:
        assert len(problems) == 1
        assert is_a_sentence(problems[0].replace(" was left out: ", " "))
        if holds_pictures(found.base.data):
            assert found == default.replace(base=config, across=None, down=None)
        else:  # a budget that these networks exceed
            assert found == default
    else:
        assert found == default.replace(base=config)
    assert read_lab(show_lab(found), default) == (found, [])
    assert build(found.configs()[0]).trainer.step == 0


def test_pictures_are_refused_only_where_what_is_varied_does_not_fit_them():
    refused = {
        view
        for view, default in DEFAULTS.items()
        for live in PICTURES
        if read_lab(show_link(LIVE[live].default), default)[1]
    }
    fits_not = {
        view
        for view, default in DEFAULTS.items()
        if default.budget
        or any(axis and 0 in axis[1] and axis[0] == "batch" for axis in (default.across, default.down))
    }
    assert refused == fits_not
    assert "compare" not in refused


def test_a_picture_link_without_an_end_takes_that_of_the_lab():
    query = show_link(LIVE["digits"].default)
    del query["stop_epochs"]
    found, problems = read_lab(query, DEFAULT.replace(down=None))
    assert problems == []
    assert found.base == LIVE["digits"].default.replace(stop_epochs=BASE.stop_epochs)


def test_values_of_an_axis_are_written_so_that_a_person_can_change_them():
    spec = LabSpec(BASE.replace(optimiser=Adam()), axis("rate", "0.01,0.1"), axis("activation", "tanh,elu(alpha=0.5)"))
    assert show_values(*spec.down) == "tanh, elu(alpha=0.5)"
