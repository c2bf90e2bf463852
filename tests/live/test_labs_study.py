"""A study as a lab: its cells and seeds are the lab's runs, every form is drawn, what comes of it is the study's."""

import csv
import io
import re
from dataclasses import replace
from functools import partial

import matplotlib.image
import numpy as np
import pytest

from nn_core.activations import Linear, Tanh
from nn_core.layers import Dense
from nn_core.optimisers import SGD
from nn_core.spec import SpecError
from playground.datasets.base import DataError
from playground.datasets.plane import Moons, Xor
from playground.experiments.__main__ import _parser
from playground.experiments.config import Config, Own
from playground.experiments.run_study import run_study, summary
from playground.experiments.studies import STUDIES, Cell, Measured, Study, missing
from playground.experiments.studies.a import PLANE
from playground.figures.studies import figure
from playground.live.labs import check as check_module
from playground.live.labs import parts, study
from playground.live.labs.check import CheckRun
from playground.live.labs.forms import FORMS
from playground.live.labs.lab import Lab
from playground.live.labs.painters import MOST_LINES
from playground.live.labs.spec import MOST_RUNS, MOST_SEEDS
from playground.live.labs.study import FORM_OF, StudySpec
from playground.ui.labs.downloads import table
from tests.experiments.test_studies import SWEEPS, shortened
from tests.live.frames import unpack
from tests.live.labs import finished
from tests.live.test_labs_axes import is_a_sentence
from tests.live.test_labs_frame import check, finals
from tests.live.test_painter import first_cells, part_of_document

HERE = [one for one in SWEEPS if not one.needs]  # for which no files are needed
PART = {"train": "training", "validation": "validation", "test": "test"}
SMALL = Config(data=Moons(samples=60), hidden=(Dense(4, Tanh()),), learning_rate=0.1, batch_size=8, stop_epochs=3)
HOT = SMALL.replace(data=Xor(samples=60), hidden=(Dense(8, Linear()),) * 2, optimiser=SGD(), learning_rate=1e6)
each_study = pytest.mark.parametrize("one", SWEEPS, ids=lambda one: one.id)


@pytest.fixture
def as_if_here(monkeypatch):
    """No study misses its pictures, as long as none is trained."""
    monkeypatch.setattr(study, "check_data", lambda one: None)


def lab_of(one: Study, seeds: int = 2) -> Lab:
    spec = StudySpec(one, seeds)
    return spec.form.lab(spec)


def bars_of(*cells: Cell, **changes) -> Study:
    """A study with bars."""
    return Study("X1", "Small", "Is it small?", "it is", "Look.", "bars", cells, **changes)


def refused(one: Study, seeds: int) -> str:
    with pytest.raises(SpecError) as caught:
        StudySpec(one, seeds)
    return str(caught.value)


# --- what it is made of ---------------------------------------------------------------------------------------------


@each_study
def test_its_cells_are_the_cells_of_the_lab(one, as_if_here):
    spec = StudySpec(one, 3)
    assert spec.form is FORM_OF[one.figure]
    assert spec.rows * spec.columns == len(one.cells)
    assert (spec.base, spec.own, spec.budget) == (one.cells[0].config, one.own, 0)
    for number, cell in enumerate(one.cells):
        row, column = divmod(number, spec.columns)
        assert spec.cell(row, column) == cell.config
        assert spec.report(number) == cell.report
        if spec.form is FORMS["grid"]:
            assert (spec.label(spec.down, row), spec.label(spec.across, column)) == (cell.row, cell.column)
        else:
            assert spec.label(spec.across, column) == cell.label
    if spec.form is FORMS["grid"]:
        assert (spec.name(spec.down), spec.name(spec.across)) == one.axes
    else:
        assert (spec.rows, spec.down, spec.name(spec.across)) == (1, None, "setting")
        assert (spec.name(None), spec.label(None, 0)) == ("", "")


@each_study
def test_its_runs_are_cell_by_cell_with_consecutive_seeds(one, as_if_here):
    for seeds in (1, 4):
        configs = StudySpec(one, seeds).configs()
        assert configs == [
            cell.config.replace(seed_weights=seed, seed_batches=seed) for cell in one.cells for seed in range(seeds)
        ]
    assert StudySpec(one, 4).replace(seeds=1) == StudySpec(one, 1)


@each_study
def test_the_words_for_what_it_is_judged_by(one, as_if_here):
    spec = StudySpec(one, 1)
    assert spec.part == one.metric.split("_")[0]
    values = one.cells[0].config.loss.task == "values"
    assert spec.metric == f"{PART[spec.part]} {'R²' if values else 'accuracy'}"


def test_studies_judged_by_every_part_and_of_both_tasks_are_among_them():
    assert {one.metric.split("_")[0] for one in SWEEPS} == set(PART)
    assert {one.cells[0].config.loss.task for one in SWEEPS} == {"values", "classes"}
    forms = {FORMS[name] for name in ("grid", "seeds", "compare", "bars")}
    assert {FORM_OF[one.figure] for one in SWEEPS} == {FORM_OF[one.figure] for one in HERE} == forms


# --- limits ---------------------------------------------------------------------------------------------------------


@each_study
def test_it_has_its_own_number_of_seeds_by_default(one, as_if_here):
    assert len(StudySpec(one, one.seeds).configs()) <= MOST_RUNS


@pytest.mark.parametrize("seeds", [0, -1, MOST_SEEDS + 1, 10**6])
def test_seeds_out_of_range(seeds):
    assert refused(STUDIES["C1"], seeds) == f"seeds must be from 1 to 200, not {seeds}."
    assert StudySpec(STUDIES["C1"], MOST_SEEDS).seeds == 200


def test_more_runs_than_a_page_takes_are_for_the_command_line():
    assert len(StudySpec(STUDIES["B2"], 20).configs()) == MOST_RUNS
    sentence = refused(STUDIES["B2"], 21)
    assert is_a_sentence(sentence)
    assert sentence.startswith("630 runs are too many for one page (600 at most); take fewer seeds, or the command ")
    command = re.search(r"python -m playground\.experiments (.*)\.$", sentence)[1]
    asked = _parser().parse_args(command.split())
    assert (asked.what, asked.studies, asked.seeds) == ("run", ["B2"], 21)


@pytest.mark.parametrize("one", [one for one in SWEEPS if one.needs], ids=lambda one: one.id)
def test_missing_pictures_are_one_sentence(one):
    with pytest.raises(DataError) as caught:
        StudySpec(one, 1)
    assert str(caught.value) == missing(one)
    assert is_a_sentence(missing(one))


# --- frames ---------------------------------------------------------------------------------------------------------


def check_bars(lab: Lab) -> tuple[dict, dict]:
    """What must hold of every frame with bars."""
    header, arrays = unpack(lab.frame())
    spec, lost = lab.spec, lab.ran_away().reshape(-1, lab.spec.seeds)
    score = lab.last(f"{spec.part}_metric").reshape(-1, spec.seeds)
    few = spec.columns <= MOST_LINES
    assert (header["kind"], header["state"], header["step"]) == ("lab", lab.state, lab.finished)
    assert header["panels"] == (["bars", "bands"] if few else ["bars"])
    assert len(header["bars"]) == spec.columns == len(spec.study.cells)
    for bar, cell, values, away in zip(header["bars"], spec.study.cells, score, lost, strict=True):
        assert set(bar) == {"name", "score", "text", "report", "lost"}
        assert (bar["name"], bar["report"], bar["lost"]) == (cell.label, cell.report, away.sum())
        kept = values[~away & np.isfinite(values)]
        if len(kept) and bar["score"] is None:
            assert lab.state != "finished"  # networks that have not trained are not compared
            assert bar["text"] == ""
        elif len(kept):
            assert bar["score"] == pytest.approx(np.percentile(kept, (0, 25, 50, 75, 100)).tolist())
            assert bar["text"] == parts.in_words(np.median(kept), header["percent"])
        else:
            assert (bar["score"], bar["text"]) == (None, "")
    assert header["lines"] == ([{"name": bar["name"], "colour": k} for k, bar in enumerate(header["bars"])] * few)
    assert set(arrays) == {f"band{k}_{p}" for k in range(spec.columns * few) for p in ("x", "mid", "low", "high")}
    for number in range(len(header["lines"])):
        x, middle, low, high = (arrays[f"band{number}_{part}"] for part in ("x", "mid", "low", "high"))
        assert len(x) == len(middle) == len(low) == len(high)
        assert np.all(np.diff(x) > 0)
        known = np.isfinite(middle)
        assert np.all(low[known] <= high[known])
    return header, arrays


def check_frame(lab: Lab) -> tuple[dict, dict]:
    form = next(name for name, form in FORMS.items() if form is lab.spec.form)
    return check_bars(lab) if form == "bars" else check(lab, form)


@pytest.mark.parametrize("one", HERE, ids=lambda one: one.id)
def test_every_study_is_drawn_from_its_beginning_to_its_end(one, steps):
    few = replace(one, cells=one.cells[:: 1 if FORM_OF[one.figure] is FORMS["grid"] or len(one.cells) < 6 else 5])
    lab = lab_of(shortened(few, 1))
    check_frame(lab)
    lab.play()
    lab.train(0.01)
    check_frame(lab)
    header, _ = check_frame(finished(lab))
    assert (header["state"], header["progress"], header["step"]) == ("finished", 1, len(lab.configs))
    known = header["texts"] if "texts" in header else header.get("models") or header.get("table") or header["bars"]
    assert all(known)
    assert len(header["readings"]) >= 1


def test_the_frame_with_bars_is_that_of_the_document():
    document = part_of_document("Labs")
    every = document[: document.index("\nGrid:")]
    own = re.search(r"^Bars[^\n]*:\n\n(.*?)(?=\n\n)", document, re.MULTILINE | re.DOTALL)[1]
    told = {*first_cells(every), *first_cells(own)}
    assert {"kind", "progress", "bars", "bars_title", "lines"} < told  # the document has been read
    envelope = set(first_cells(part_of_document("Header"))) | {"arrays"}
    header, _ = unpack(finished(lab_of(bars_of(Cell("a", SMALL, 0.9), Cell("b", SMALL.replace(l2=0.1))))).frame())
    assert told <= set(header) <= told | envelope
    for name in header["bars"][0]:
        assert f"`{name}`" in own


def test_bars_with_reports_and_runs_that_diverge(steps):
    cells = (Cell("tame", SMALL, 0.875), Cell("hot", HOT), Cell("of no report", SMALL.replace(learning_rate=0.01)))
    lab = lab_of(bars_of(*cells), 5)
    header, arrays = check_bars(lab)
    assert [bar["score"] for bar in header["bars"]] == [None] * 3  # untrained networks are not compared
    assert all(len(arrays[f"band1_{part}"]) == 0 for part in ("x", "mid", "low", "high"))
    header, arrays = check_bars(finished(lab))
    tame, hot, other = header["bars"]
    assert (tame["report"], hot["report"], other["report"]) == (0.875, None, None)
    assert (tame["lost"], hot["lost"], hot["score"], hot["text"]) == (0, 5, None, "")
    assert tame["score"] == sorted(tame["score"])
    assert tame["score"] == pytest.approx(np.quantile(finals(lab)[:5], (0, 0.25, 0.5, 0.75, 1)).tolist())
    assert re.fullmatch(r"\d+\.\d %", tame["text"])
    assert header["bars_title"] == "Test accuracy: median, quartiles and range of 5 seeds"
    assert header["lines_title"] == "Test loss"
    assert header["percent"]
    diverged = next(reading for reading in header["readings"] if reading["label"] == "diverged")
    assert diverged["value"] == "5"
    assert {line["colour"] for line in header["lines"]} == {0, 1, 2}


def test_bars_of_values_and_of_one_seed():
    one = replace(bars_of(replace(STUDIES["C1"].cells[0], report=0.5)), metric="validation_metric")
    lab = finished(lab_of(shortened(one, 2), 1))
    header, _ = check_bars(lab)
    assert not header["percent"]
    assert header["bars_title"] == "Validation R²: median, quartiles and range of 1 seed"
    assert header["lines_title"] == "Validation loss"
    assert header["bars"][0]["score"] == [finals(lab, "validation_metric")[0]] * 5
    assert header["bars"][0]["text"] == f"{finals(lab, 'validation_metric')[0]:.3f}"


def test_more_than_twelve_bars_have_no_lines():
    cells = [Cell(f"rate {k}", SMALL.replace(learning_rate=0.01 * k, stop_epochs=1)) for k in range(1, MOST_LINES + 2)]
    header, arrays = check_bars(finished(lab_of(bars_of(*cells), 1)))
    assert (header["panels"], header["lines"], arrays) == (["bars"], [], {})
    header, arrays = check_bars(finished(lab_of(bars_of(*cells[:-1]), 1)))
    assert (header["panels"], len(header["lines"]), len(arrays)) == (["bars", "bands"], MOST_LINES, 4 * MOST_LINES)


def test_what_the_report_printed_stands_in_the_table():
    lab = finished(lab_of(shortened(STUDIES["B1"], 2), 3))
    titles, row = unpack(lab.frame())[0]["table"]
    assert titles == ["setting", "median", "quartiles", "report", "loss", "diverged", "time a run"]
    assert row[0] == STUDIES["B1"].cells[0].label
    assert row[1] == parts.in_words(np.median(finals(lab)), True)
    assert row[3] == parts.in_words(0.9325, True)
    assert row[5] == "0"


def test_a_setting_that_the_report_has_no_figure_for_and_a_study_without_any():
    cells = (Cell("told", SMALL, 0.5), Cell("not told", SMALL.replace(l2=0.1)))
    one = replace(bars_of(*cells), figure="curves")
    rows = unpack(finished(lab_of(one)).frame())[0]["table"]
    assert [row[3] for row in rows] == ["report", "50.0 %", "–"]
    rows = unpack(lab_of(replace(one, cells=cells[1:])).frame())[0]["table"]
    assert "report" not in rows[0]
    assert len(rows[0]) == len(rows[1]) == 6


def test_a_study_is_judged_by_its_own_part():
    one = replace(bars_of(Cell("a", SMALL), Cell("b", SMALL.replace(l2=0.1))), figure="curves", metric="train_metric")
    lab = finished(lab_of(one, 3))
    header, arrays = unpack(lab.frame())
    assert header["lines_title"].startswith("Training loss")
    assert header["lines2_title"] == "Training accuracy"
    assert header["table"][1][1] == parts.in_words(np.median(finals(lab, "train_metric")[:3]), True)
    assert arrays["score0_mid"][-1] != pytest.approx(np.median(finals(lab)[:3]))


def test_the_cells_of_a_wall_are_told_and_chosen():
    lab = lab_of(shortened(STUDIES["E2"], 2), 1)
    header, _ = unpack(lab.frame())
    assert header["rows"] == ["2-3-2", "2-6-2", "2-4-3-2", "2-4-3-2-2"]
    assert header["columns"] == ["tanh", "sigmoid", "ReLU"]
    assert (header["down"], header["across"]) == ("network", "activation")
    lab.act({"kind": "cell", "row": 2, "column": 1})
    header, _ = unpack(lab.frame())
    assert header["chosen"] == 7
    assert header["lines_title"] == "network 2-4-3-2, activation sigmoid"


# --- what comes of it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["A2", "B3", "C2", "E1", "E2"])
def test_the_results_are_those_of_the_study_on_the_command_line(name):
    one = shortened(STUDIES[name], 2)
    lab = finished(lab_of(one))
    expected = {result.key: result for result in run_study(one, seeds=2)}
    results = lab.results()
    assert len(results) == len(expected) == 2 * len(one.cells)
    assert all(result.same_as(expected[result.key]) for result in results)
    told = [{**row, "seconds": 0} for row in summary(one, results)]
    assert told == [{**row, "seconds": 0} for row in summary(one, expected.values())]


@pytest.mark.parametrize("name", ["A2", "B2", "B3", "C1", "C3", "A8"])
def test_its_figure_can_be_drawn_in_mid_run(name, steps):
    one = shortened(STUDIES[name], 20)
    lab = lab_of(one)
    lab.play()
    while len(lab.begun()) < len(lab.configs) or not any(len(r.history["epochs"]) > 1 for r in lab.results()):
        lab.train(1e-4)
    assert lab.playing
    assert figure(one, lab.results()).axes


def test_stacks_of_one_cell_that_are_not_equally_far_are_drawn_in_mid_run(steps):
    """More seeds than a stack has members: the second stack is a slice behind the first."""
    one = shortened(STUDIES["C1"], 50)
    lab = lab_of(one, 101)
    lab.play()
    seen = 0
    while lab.playing:
        lab.train(1e-4)
        lengths = {len(result.history["epochs"]) for result in lab.results()}
        if len(lab.begun()) == 101 and len(lengths) > 1 and seen < 2:
            check(lab, "seeds")
            assert figure(one, lab.results()).axes
            seen += 1
    assert seen


def test_the_plane_of_a2_is_learned_from_its_own_samples():
    one = STUDIES["A2"]
    lab = finished(lab_of(one, 2))
    assert isinstance(lab.config.data, Own)
    assert lab.data.train.x.shape == (100, 3)
    assert {tuple(row) for row in lab.data.train.x} <= {tuple(row) for row in PLANE.x}
    for result in lab.results():
        losses = np.array(result.history["train_loss"])
        assert np.all(np.diff(losses) < 0)  # as the study says
        assert 0.0025 < losses[-1] < 0.5
    assert lab.data.test.x.shape[1] == 3
    header, arrays = check_frame(lab)
    assert header["lines_title"].startswith("Training loss")
    assert not header["percent"]
    assert arrays["band0_mid"][-1] == pytest.approx(np.mean([r.final["train_loss"] for r in lab.results()]), rel=1e-3)


@pytest.mark.parametrize("name", ["A2", "A5", "B2", "C1", "A8"])
def test_the_table_has_a_row_for_each_run_with_its_cell(name):
    one = shortened(STUDIES[name], 1)
    one = replace(one, cells=tuple(cell for cell in one.cells if cell.config.batch_size != 1))
    lab = finished(lab_of(one))
    rows = list(csv.DictReader(io.StringIO(table(lab, lab.begun(), lab.results()))))
    assert len(rows) == 2 * len(one.cells)
    for number, (row, result) in enumerate(zip(rows, lab.results(), strict=True)):
        cell = one.cells[number // 2]
        if lab.spec.form is FORMS["grid"]:
            assert [row[axis] for axis in one.axes] == [cell.row, cell.column]
        else:
            assert row["setting"] == cell.label
        assert (row["seed_weights"], row["seed_batches"]) == (str(number % 2),) * 2
        assert row["fingerprint"] == result.fingerprint
        assert one.label(result.config) == cell.label


# --- pictures of a measurement --------------------------------------------------------------------------------------

EVIDENCE = {
    "variance": {"share of the variance": np.linspace(0.2, 1, 30)},
    "pictures": {"filters": np.random.default_rng(0).random((20, 5, 5)), "maps": np.ones((3, 8, 8, 3))},
    "slopes": STUDIES["A1"].measure().evidence,
}


@pytest.mark.parametrize("kind", EVIDENCE)
def test_a_figure_in_the_colours_of_the_page_leaves_all_others_theirs(kind, monkeypatch):
    """Matplotlib's settings belong to all sessions at once: another's download must not come out dark."""
    settings = []
    original = check_module.drawn

    def drawn(found, name):
        settings.append((matplotlib.rcParams["text.color"], matplotlib.rcParams["figure.facecolor"]))
        return original(found, name)

    monkeypatch.setattr(check_module, "drawn", drawn)
    measure = partial(Measured, [{"label": "a", "value": "1", "report": "1", "verdict": "right"}])
    one = Study("X2", "Small", "Is it?", "it is", "Look.", kind, measure=partial(measure, EVIDENCE[kind]))
    monkeypatch.setattr(check_module, "apart", lambda *job: one.measured())
    run = CheckRun(one)
    run.play()
    run.measurement.wait(30)
    assert run.state == "finished"
    for dark in (True, False):
        picture = matplotlib.image.imread(io.BytesIO(run.png(dark)))[..., :3]
        assert picture[0, 0].mean() == pytest.approx(1.0 if not dark else 0.08, abs=0.02)
        assert abs(picture[: len(picture) // 8].mean(axis=2) - picture[0, 0].mean()).max() > 0.6  # the title is read
    assert settings == [("black", "white")] * 2
