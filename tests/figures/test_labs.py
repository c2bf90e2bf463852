"""Figures of the labs: they say what was measured in which unit, draw every run, and are the same bytes each time."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.text import Text

from nn_core.activations import Linear, Tanh
from nn_core.ensemble import Ensemble
from nn_core.layers import Dense
from nn_core.losses import MeanSquaredError
from playground.datasets.plane import Moons, Xor
from playground.datasets.values import Sine
from playground.experiments.config import Config
from playground.experiments.stacks import Stack, groups
from playground.figures.labs import FORMATS, compare_figure, drawn, grid_figure, seeds_figure
from playground.live.labs.axes import axis
from playground.live.labs.spec import LabSpec

BASE = Config(data=Moons(samples=60), hidden=(Dense(4, Tanh()),), learning_rate=0.1, batch_size=8, stop_epochs=5)
VALUES = BASE.replace(data=Sine(samples=60), loss=MeanSquaredError(), features=("x1",))
HOT = BASE.replace(data=Xor(samples=60), hidden=(Dense(8, Linear()),) * 2)
FIGURES = {"grid": grid_figure, "seeds": seeds_figure, "compare": compare_figure}
BASES = {
    "classes": (BASE, "0.01, 0.1, 1"),
    "values": (VALUES, "0.01, 0.1, 0.2"),
    "some diverge": (HOT, "0.1, 0.2, 1000000"),
    "ran away": (BASE.replace(batch_size=1), "0.1, 0.2, 100"),
    "all diverge": (HOT.replace(learning_rate=1e8), "1000000, 10000000, 100000000"),
    "one epoch": (BASE.replace(stop_epochs=1), "0.01, 0.1, 1"),
}
HEADS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


def spec_of(form: str, name: str) -> LabSpec:
    base, rates = BASES[name]
    return {
        "grid": LabSpec(base, axis("rate", rates), axis("batch", "8, full"), 3),
        "seeds": LabSpec(base, seeds=12),
        "compare": LabSpec(base, axis("rate", rates), seeds=4),
    }[form]


_known: dict = {}


def results(spec: LabSpec) -> list:
    """The results of a lab's runs, in the order of its configs."""
    if spec not in _known:
        configs, found = spec.configs(), {}
        for group in groups(configs):
            stack = Stack([configs[i] for i in group])
            stack.advance()
            found |= dict(zip(group, stack.results(), strict=True))
        _known[spec] = [found[i] for i in range(len(configs))]
    return _known[spec]


def figure_of(form: str, name: str, title: str = "A lab"):
    spec = spec_of(form, name)
    return FIGURES[form](title, spec, results(spec))


def words(artists) -> list[str]:
    return [artist.get_text() for artist in artists]


def legend(axes) -> list[str]:
    return words(axes.get_legend().get_texts())


each_form = pytest.mark.parametrize("form", FIGURES)
each_name = pytest.mark.parametrize("name", BASES)


# --- all of them ----------------------------------------------------------------------------------------------------


@each_form
@each_name
def test_title_and_labels(form, name):
    figure = figure_of(form, name, "Wall of $boundaries")
    assert figure.get_suptitle().startswith("Wall of $boundaries")
    assert len(figure.axes) == 2
    for axes in figure.axes:
        assert axes.get_title()
        assert axes.get_xlabel()
        assert axes.get_ylabel()
    everything = " ".join(words(figure.findobj(lambda artist: hasattr(artist, "get_text")))).lower()
    assert ("accuracy" in everything) == (name != "values")
    assert ("r²" in everything) == (name == "values")
    assert "epoch" in {axes.get_xlabel() for axes in figure.axes}


@each_form
@pytest.mark.parametrize("name", ["classes", "values", "all diverge", "one epoch"])
def test_the_same_figure_is_the_same_text(form, name):
    file = drawn(figure_of(form, name), "svg")
    assert file.startswith(HEADS["svg"])
    assert drawn(figure_of(form, name), "svg") == file


@each_form
@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_figure_is_the_same_bytes(form, kind):
    file = drawn(figure_of(form, "some diverge"), kind)
    assert file.startswith(HEADS[kind])
    assert len(file) > 5000
    assert drawn(figure_of(form, "some diverge"), kind) == file


@each_form
def test_bytes_differ_where_the_numbers_do(form):
    assert drawn(figure_of(form, "classes"), "svg") != drawn(figure_of(form, "one epoch"), "svg")


def painted(figure) -> list[Text]:
    """All texts of a figure that was drawn; ticks beyond the ends of an axis are not painted."""
    found = [figure._suptitle]
    for axes in figure.axes:
        found += [axes.title, axes.xaxis.label, axes.yaxis.label, *axes.texts]
        found += axes.get_legend().get_texts() if axes.get_legend() else []
        for number, (axis_, limits) in enumerate(((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim()))):
            found += [
                label for label in axis_.get_ticklabels() if min(limits) <= label.get_position()[number] <= max(limits)
            ]
    return [text for text in found if text.get_text()]


@each_form
@pytest.mark.parametrize("name", ["classes", "all diverge"])
def test_no_two_texts_overlap_and_none_is_cut_off(form, name):
    figure = figure_of(form, name, "Title")
    figure.draw_without_rendering()
    boxes = {f"{number} {text.get_text()}": text.get_window_extent() for number, text in enumerate(painted(figure))}
    assert len(boxes) > 12
    assert [pair for pair in combinations(boxes, 2) if boxes[pair[0]].overlaps(boxes[pair[1]])] == []
    assert [text for text, box in boxes.items() if box.x0 < 0 or box.x1 > figure.bbox.x1] == []
    assert [text for text, box in boxes.items() if box.y0 < 0 or box.y1 > figure.bbox.y1] == []


# --- grid -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["classes", "values", "some diverge", "all diverge"])
def test_the_heat_map_holds_the_medians(name):
    spec = spec_of("grid", name)
    runs = results(spec)
    heat = figure_of("grid", name).axes[0]
    table = np.ma.filled(heat.images[0].get_array().astype(float), np.nan)
    assert table.shape == (2, 3)
    for cell in range(6):
        kept = [run.final["test_metric"] for run in runs[3 * cell : 3 * cell + 3] if not run.diverged]
        text = words(heat.texts)[cell]
        if not kept:
            assert np.isnan(table[divmod(cell, 3)])
            assert text == "×"
        else:
            assert table[divmod(cell, 3)] == pytest.approx(np.median(kept))
            middle = np.median(kept)
            assert text == (f"{middle:.2f}" if name == "values" else f"{100 * middle:.0f}")
    assert len(heat.texts) == 6
    if name == "some diverge":
        assert words(heat.texts)[2::3] == ["×", "×"]
        assert "×" not in words(heat.texts)[0:2]
    if name == "all diverge":
        assert words(heat.texts) == ["×"] * 6


def test_names_and_values_of_the_two_settings():
    heat, lines = figure_of("grid", "classes").axes
    assert (heat.get_xlabel(), heat.get_ylabel()) == ("learning rate", "batch size")
    assert words(heat.get_xticklabels()) == ["0.01", "0.1", "1"]
    assert words(heat.get_yticklabels()) == ["8", "full"]
    assert heat.get_title() == "Test accuracy in %, median of 3 seeds; ×: diverged"
    assert (lines.get_xlabel(), lines.get_ylabel()) == ("epoch", "test loss")


def test_numbers_in_the_heat_map_can_be_read():
    heat = figure_of("grid", "classes").axes[0]
    image = heat.images[0]
    for text, value in zip(heat.texts, np.ma.filled(image.get_array(), np.nan).ravel(), strict=True):
        red, green, blue, _ = image.cmap(image.norm(value))
        light = 0.3 * red + 0.59 * green + 0.11 * blue
        assert (light > 0.5) == (text.get_color() == "black") or 0.4 < light < 0.75


@each_name
def test_there_is_one_line_for_each_cell(name):
    spec = spec_of("grid", name)
    lines = figure_of("grid", name).axes[1].lines
    assert len(lines) == 6
    for line, run in zip(lines, results(spec)[::3], strict=True):
        assert list(line.get_xdata()) == run.history["epochs"]
        assert np.array_equal(line.get_ydata(), run.history["test_loss"], equal_nan=True)
    assert len({line.get_color() for line in lines}) == 3


def test_a_run_that_ran_away_does_not_flatten_the_others():
    spec = spec_of("grid", "ran away")
    firsts = [run.history["test_loss"][0] for run in results(spec)]
    assert max(max(run.history["test_loss"]) for run in results(spec)) > 3 * max(firsts)
    low, high = figure_of("grid", "ran away").axes[1].get_ylim()
    assert low == 0
    assert max(firsts) < high <= 2.5 * max(firsts)


# --- seeds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["classes", "values", "one epoch"])
def test_bands_over_the_seeds(name):
    lines, ends = figure_of("seeds", name).axes
    runs = results(spec_of("seeds", name))
    assert legend(lines) == ["training loss", "test loss"]
    assert len(lines.lines) == len(lines.collections) == 2
    for line, series in zip(lines.lines, ("train_loss", "test_loss"), strict=True):
        table = np.array([run.history[series] for run in runs]).T
        spread = Ensemble(range(len(table)), {series: table}).spread(series)
        np.testing.assert_allclose(line.get_ydata(), spread.interquartile_mean)
        assert list(line.get_xdata()) == runs[0].history["epochs"]
    counts = [patch.get_height() for patch in ends.patches]
    assert sum(counts) == 12
    assert ends.get_ylabel() == "number of runs"
    assert ends.get_xlabel() == ("test R²" if name == "values" else "test accuracy")
    assert ends.get_title() == "Where 12 runs end"


def test_a_chart_of_both_losses_does_not_call_them_one():
    assert figure_of("seeds", "classes").axes[0].get_ylabel() == "loss"


def test_seeds_that_all_diverge():
    lines, ends = figure_of("seeds", "all diverge").axes
    assert legend(lines) == ["training loss (diverged)", "test loss (diverged)"]
    assert sum(patch.get_height() for patch in ends.patches) == 0
    assert ends.get_title() == "Where 12 runs end; 12 diverged"


# --- compare --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["classes", "values", "one epoch"])
def test_a_line_and_a_band_for_each_lane(name):
    left, right = figure_of("compare", name).axes
    spec = spec_of("compare", name)
    runs = results(spec)
    for axes, series in ((left, "test_loss"), (right, "test_metric")):
        assert len(axes.lines) == len(axes.collections) == 3
        assert len({line.get_color() for line in axes.lines}) == 3
        assert axes.get_xlabel() == "epoch"
        for lane, line in enumerate(axes.lines):
            table = np.array([run.history[series] for run in runs[4 * lane : 4 * lane + 4]]).T
            spread = Ensemble(range(len(table)), {series: table}).spread(series)
            np.testing.assert_allclose(line.get_ydata(), spread.interquartile_mean)
    assert legend(right) == [spec.label(spec.across, k) for k in range(3)]
    assert right.get_legend().get_title().get_text() == "learning rate"
    assert left.get_ylabel() == "test loss"
    assert right.get_ylabel() == spec.metric


def test_a_lane_that_diverges_is_named_so():
    left, right = figure_of("compare", "some diverge").axes
    assert legend(right)[2] == f"{1e6} (diverged)"
    assert [len(line.get_xdata()) for line in left.lines] == [6, 6, 0]
    assert len(left.collections) == 2


def test_the_title_says_how_many_seeds():
    title = figure_of("compare", "classes").get_suptitle()
    assert title == "A lab: learning rate, 4 seeds each, interquartile mean and quartiles"


def test_twelve_lanes_are_twelve_colours():
    spec = LabSpec(BASE.replace(stop_epochs=2), axis("units", "1,2,3,4,5,6,7,8,9,10,11,12"), seeds=2)
    lines = compare_figure("Widths", spec, results(spec)).axes[0].lines
    assert len(lines) == 12
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 12


def test_a_grid_of_one_cell():
    spec = LabSpec(BASE)
    figure = grid_figure("One", spec, results(spec))
    assert len(figure.axes[0].texts) == len(figure.axes[1].lines) == 1
    assert drawn(figure, "png").startswith(HEADS["png"])
