"""The figures of the studies: titles, axes, as many lines and cells as the study has."""

import io
import re

import numpy as np
import pytest

from nn_core.spec import SpecError
from playground.experiments.results import Result, metric_name
from playground.experiments.run_study import summary
from playground.experiments.studies import STUDIES
from playground.experiments.studies.study import Measured, Study
from playground.experiments.sweep import sweep
from playground.figures.grids import picture_figure, table_figure
from playground.figures.models import can_draw, draw_model
from playground.figures.studies import figure

SWEEPS = [study for study in STUDIES.values() if study.kind == "sweep"]


def results_of(study, count=2, theta=None):
    """Results with a history that nobody has trained."""
    made = []
    for place, config in enumerate(study.configs(count)):
        values = [0.2, 0.4, 0.5 + 0.001 * place]
        history = {"epochs": [0.0, 1.0, 2.0, 3.0]} | {name: [0.3, *values] for name in {"train_loss", study.metric}}
        made.append(Result(config, history, {study.metric: values[-1]}, "finished", 3, 1.0, "", theta))
    return made


def texts(figure) -> str:
    """All words of a figure that is drawn."""
    svg = io.BytesIO()
    figure.savefig(svg, format="svg", metadata={"Date": None})
    return re.sub(r"\s+", " ", svg.getvalue().decode())


def shown(figure):
    return [axes for axes in figure.axes if axes.get_visible() and axes.axison]


@pytest.mark.parametrize("study", SWEEPS, ids=lambda study: study.id)
def test_every_sweep_has_a_figure_with_title_and_axes(study):
    drawn = figure(study, results_of(study))
    title = " ".join([drawn.get_suptitle(), *[axes.get_title() for axes in drawn.axes]])
    assert study.title in title
    assert study.id in title
    labels = [axes.get_xlabel() for axes in drawn.axes] + [axes.get_ylabel() for axes in drawn.axes]
    labels += [drawn.get_supxlabel(), drawn.get_supylabel()]
    assert len(list(filter(None, labels))) >= 2
    png = io.BytesIO()
    drawn.savefig(png, format="png", dpi=40)
    assert png.getvalue().startswith(b"\x89PNG")


@pytest.mark.parametrize("study", [s for s in SWEEPS if s.figure == "curves"], ids=lambda study: study.id)
def test_curves_have_one_line_and_one_band_for_each_cell(study):
    axes = figure(study, results_of(study)).axes[0]
    lines = [line for line in axes.lines if len(line.get_xdata()) == 4]
    assert len(lines) == len(axes.collections) == len(study.cells)
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == len(lines)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [f"{c.label} (n = 2)" for c in study.cells]
    assert axes.get_ylabel() == metric_name(study.metric, study.task)
    low, high = axes.get_ylim()
    assert all(low <= line.get_ydata()[-1] <= high for line in lines if np.isfinite(line.get_ydata()[-1]))
    assert low > 0 or axes.get_yscale() == "linear"
    printed = [cell.report for cell in study.cells if cell.report is not None]
    assert sorted(line.get_ydata()[0] for line in axes.lines if len(line.get_xdata()) == 2) == sorted(printed)


@pytest.mark.parametrize("study", [s for s in SWEEPS if s.figure == "bars"], ids=lambda study: study.id)
def test_bars_name_each_cell_and_mark_what_the_report_printed(study):
    axes = figure(study, results_of(study)).axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == [cell.label for cell in study.cells]
    medians = next(line for line in axes.lines if line.get_label() == "median over seeds")
    assert list(medians.get_xdata()) == [row["median"] for row in summary(study, results_of(study))]
    printed = [cell.report for cell in study.cells if cell.report is not None]
    marks = [line.get_xdata() for line in axes.lines if line.get_label() == "report"]
    assert [list(line) for line in marks] == ([printed] if printed else [])


def test_a_heat_map_has_a_number_in_each_cell():
    study = STUDIES["A5"]
    axes = figure(study, results_of(study)).axes[0]
    assert axes.images[0].get_array().shape == (5, 4)
    assert len(axes.texts) == 20
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0.001", "0.01", "0.1", "0.5"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("learning rate", "batch")
    some = figure(study, results_of(study)[:4]).axes[0]
    assert [text.get_text() for text in some.texts].count("–") == 18


def test_the_tables_show_map_and_single_settings():
    study = STUDIES["D3"]
    left, right = figure(study, results_of(study, 1)).axes[:2]
    assert left.images[0].get_array().shape == (5, 4)
    assert len(right.get_yticklabels()) == len([cell for cell in study.cells if not cell.row])


def test_the_wall_draws_the_median_model_of_each_cell_and_says_what_diverged():
    study = STUDIES["B2"]
    short = [config.replace(stop_epochs=1) for config in study.configs(1)]
    trained = list(sweep(short))
    made = []
    for config, result in zip(study.configs(1), sorted(trained, key=lambda r: short.index(r.config)), strict=True):
        hot = config.learning_rate == 5 and config.batch_size == 1
        history = result.history | {"train_loss": [1.0, 50.0 if hot else 0.5]}
        made.append(Result(config, history, result.final, "finished", 1, 1.0, "", result.theta))
    drawn = figure(study, made)
    panels = [axes for axes in drawn.axes if axes.collections]
    assert len(panels) == 30
    assert sum(bool(axes.images) for axes in panels) == 29
    assert [axes.get_title() for axes in panels[:6]] == ["0.01", "0.05", "0.1", "0.5", "1", "5"]
    assert [axes.get_ylabel() for axes in panels[::6]] == ["1", "10", "50", "100", "200 (full)"]
    assert [text.get_text() for text in panels[5].texts if text.get_text()] == ["diverged"]
    assert (drawn.get_supxlabel(), drawn.get_supylabel()) == ("learning rate", "batch")


@pytest.mark.parametrize("name", ["C1", "C3"])
def test_bands_draw_the_median_and_the_worst_model_with_their_data(name):
    study = STUDIES[name]
    results = list(sweep([config.replace(stop_epochs=2) for config in study.configs(3)]))
    whole = {config.seed_weights: config for config in study.configs(3)}
    made = [
        Result(whole[r.config.seed_weights], r.history, r.final, r.state, r.steps, r.seconds, "", r.theta)
        for r in results
    ]
    left, middle, worst = figure(study, made).axes
    assert left.get_yscale() == "log"
    assert middle.get_title().startswith("Median model")
    assert worst.get_title().startswith("Worst model")
    finals = sorted(result.final[study.metric] for result in made)
    last = finals[-1] if study.metric.endswith("loss") else finals[0]
    assert worst.get_title().endswith(f"{last:.3f}")
    for panel in (middle, worst):
        assert panel.collections
        assert bool(panel.images) == (name == "C3")


def test_a_model_without_its_parameters_is_not_drawn():
    (result,) = results_of(STUDIES["C3"], 1)
    assert not can_draw(result)
    (other,) = results_of(STUDIES["A4"], 1, theta=np.zeros(30, np.float32))
    assert not can_draw(other)


def test_a_diverged_model_has_its_data_and_no_ground():
    study = STUDIES["C3"]
    (result,) = sweep([study.configs(1)[0].replace(stop_epochs=1)])
    gone = Result(result.config, {"epochs": [0.0], "train_loss": []}, {}, "diverged", 1, 1.0, "", result.theta)
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    draw_model(axes, gone)
    assert not axes.images
    assert [text.get_text() for text in axes.texts] == ["diverged"]


@pytest.mark.parametrize("name", ["A1", "A6", "A7"])
def test_slopes_have_a_panel_for_each_row(name):
    study = STUDIES[name]
    drawn = figure(study, [])
    assert len(shown(drawn)) == len(summary(study, []))
    assert study.title in drawn.get_suptitle()


def test_other_checks_are_drawn():
    assert figure(STUDIES["B6"], []).axes[0].get_xlabel() == "parameters of the network"
    words = texts(figure(STUDIES["D1"], []))
    assert words.startswith("<?xml")
    table = figure(STUDIES["D1"], []).axes[0].tables[0]
    assert len(table.get_celld()) == 4 * (len(summary(STUDIES["D1"], [])) + 1)


def test_a_curve_of_explained_variance():
    study = Study(
        "D5", "Principal components", "q?", "r", "l.", "variance",
        measure=lambda: Measured([], {"share of the variance": np.array([0.5, 0.9, 1.0])}),
    )  # fmt: skip
    axes = figure(study, []).axes[0]
    assert list(axes.lines[0].get_ydata()) == [0.5, 0.9, 1.0]
    assert axes.get_xlabel() == "principal components"


def test_pictures_stand_in_rows_of_sixteen():
    draw = np.random.default_rng(0)
    drawn = picture_figure({"grey": draw.random((20, 5, 5)), "colours": draw.random((3, 4, 4, 3))}, "Weights")
    assert drawn.get_suptitle() == "Weights"
    assert sum(bool(axes.images) for axes in drawn.axes) == 23
    assert len(drawn.axes) == 3 * 16
    drawn.savefig(io.BytesIO(), dpi=40)


def test_a_table_has_a_head():
    table = table_figure([{"label": "a", "value": "1"}, {"label": "b", "value": "2"}], "T").axes[0].tables[0]
    assert table[0, 0].get_text().get_text() == "label"
    assert table[2, 1].get_text().get_text() == "2"


def test_rows_alone_make_bars_and_nothing_makes_a_sentence():
    study = STUDIES["B4"]
    axes = figure(study, summary(study, results_of(study))).axes[0]
    assert len(axes.get_yticklabels()) == len(study.cells)
    with pytest.raises(SpecError, match="Study B4 has no results to draw yet"):
        figure(study, [])
