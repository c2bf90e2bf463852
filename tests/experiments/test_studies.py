"""The studies as data: every row of the table is there, whole and runnable, and what came of it is told right."""

import dataclasses
import re
from itertools import pairwise

import numpy as np
import pytest

from nn_core.layers import Residual
from nn_core.spec import SpecError
from playground.datasets.base import DataError, Drawn
from playground.datasets.mat import fields, write_mat
from playground.datasets.shipped import Shipped
from playground.experiments.config import Config, Own
from playground.experiments.experiment import build
from playground.experiments.report import page
from playground.experiments.results import Result, ResultsFile
from playground.experiments.run_study import by_label, ensemble, run_study, summary
from playground.experiments.studies import STUDIES, find, missing
from playground.experiments.studies.study import RIGHT, Cell, Study
from playground.experiments.sweep import seeds

IDS = (
    *("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11"),
    *("B1", "B2", "B3", "B4", "B5", "B6"),
    *("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8"),
    *("D1", "D2", "D3", "D4", "D5", "D6"),
    *("E1", "E2", "E3", "E4", "E5", "E6"),
)
CHECKS = ("A1", "A6", "A7", "B5", "B6", "D1", "D4", "D5", "E4", "E6")
SWEEPS = [study for study in STUDIES.values() if study.kind == "sweep"]
MNIST = ("C4", "C5", "C6", "C7", "C8", "E3", "E4", "E5", "E6")
CIFAR = ("D2", "D3", "D4", "D5", "D6")


def result_of(config: Config, metric: float, seconds: float = 1.0, losses=(1.0, 0.5), name: str = "test_metric"):
    """A result with one number that counts."""
    history = {"epochs": [0.0, 1.0], "train_loss": list(losses), name: [0.0, metric]}
    final = {"train_loss": losses[-1], name: metric}
    return Result(config, history, final, "finished", 1, seconds, "0000·0000", None)


def shortened(study: Study, epochs: int) -> Study:
    """The study with fewer epochs."""
    cells = [dataclasses.replace(cell, config=cell.config.replace(stop_epochs=epochs)) for cell in study.cells]
    return dataclasses.replace(study, cells=tuple(cells))


def blobs() -> Drawn:
    draw = np.random.default_rng(0)
    y = np.arange(60) % 2
    return Drawn(draw.standard_normal((60, 3)) + 3 * y[:, None], y, ("a", "b"), ("x₁", "x₂", "x₃"))


@pytest.fixture
def without_data(tmp_path, monkeypatch):
    """A computer on which no picture files lie."""
    monkeypatch.setattr("playground.datasets.places.DATA", tmp_path)
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.delenv("PLAYGROUND_DATA", raising=False)


def test_every_study_is_there_in_order():
    assert tuple(STUDIES) == IDS
    assert tuple(name for name, study in STUDIES.items() if study.kind == "check") == CHECKS
    assert {study.id for study in STUDIES.values() if study.needs == "mnist"} == set(MNIST)
    assert {study.id for study in STUDIES.values() if study.needs == "cifar10"} == set(CIFAR)


@pytest.mark.parametrize("study", STUDIES.values(), ids=IDS)
def test_texts_are_whole(study):
    assert study.question.endswith("?")
    assert study.look_for.endswith(".")
    assert len(study.look_for) > 60
    assert study.report
    assert not study.report.endswith(".")
    for text in (study.title, study.question, study.look_for):
        assert text[0].isupper() or text.startswith(("tanh", "ReLU"))
        assert "  " not in text
    assert not re.search(r"\w[.,][A-Z]", study.look_for)  # two strings that were joined without a space


@pytest.mark.parametrize("study", SWEEPS, ids=lambda study: study.id)
def test_configs_are_distinct_have_an_end_and_belong_to_a_cell(study):
    configs = study.configs(2)
    assert len(configs) == len(set(configs)) == 2 * len(study.cells)
    assert all(config.stop_epochs > 0 for config in configs)
    assert [study.label(config) for config in configs] == [cell.label for cell in study.cells for _ in range(2)]
    assert len({cell.label for cell in study.cells}) == len(study.cells)
    placed = [(cell.row, cell.column) for cell in study.cells if cell.row]
    assert len(placed) == len(set(placed))
    assert all(study.axes) == bool(placed)
    assert len(study.configs()) == study.seeds * len(study.cells)


def test_seeds_are_many_where_they_are_cheap():
    few = [study.id for study in SWEEPS if study.seeds < 10]
    assert few == ["C4", "C5", "C6", "C7", "C8", "E3", "E5"]  # MNIST and the convolutional net
    assert {STUDIES[name].seeds for name in few} == {3}
    assert all(STUDIES[name].seeds == 100 for name in ("C1", "C2", "C3"))


def test_the_wall_has_thirty_cells_and_200_training_points():
    study = STUDIES["B2"]
    assert len(study.cells) == 30
    data = build(study.cells[0].config).data
    assert len(data.train) == 200
    assert {cell.config.batch_size for cell in study.cells} == {0, 1, 10, 50, 100}
    assert {cell.config.learning_rate for cell in study.cells} == {0.01, 0.05, 0.1, 0.5, 1.0, 5.0}


def test_the_budget_study_counts_right():
    for cell in STUDIES["A11"].cells:
        network = build(cell.config).network
        assert cell.label.endswith(f"({network.size})")


def test_residual_networks_are_made_of_blocks():
    for cell in STUDIES["A9"].cells:
        assert all(isinstance(layer, Residual) for layer in cell.config.hidden)


def test_a_run_of_another_study_has_no_label():
    with pytest.raises(SpecError, match="No cell of study A10"):
        STUDIES["A10"].label(STUDIES["B1"].cells[0].config)


def test_find_takes_small_letters_and_refuses_others():
    assert find(" b2 ") is STUDIES["B2"]
    with pytest.raises(SpecError, match="There is no study 'Z9'"):
        find("Z9")


@pytest.mark.parametrize("name", ["A1", "A6", "A7", "B5", "B6", "D1"])
def test_checks_find_what_is_right(name):
    study = STUDIES[name]
    assert list(run_study(study)) == []
    rows = summary(study, [])
    assert rows
    assert all(set(row) == {"label", "value", "report", "verdict"} for row in rows)
    assert [row for row in rows if row["verdict"] != RIGHT] == []


def test_slopes_are_one_and_two_and_w2_is_linear():
    for name in ("A1", "A6", "A7"):
        for row in summary(STUDIES[name], []):
            if "linear" in row["value"]:
                assert row["label"] in ("residual: W2", "last dense: W", "last dense: b", "last dense: x")
            else:
                zero, first = map(float, re.findall(r"\d\.\d+", row["value"]))
                assert zero == pytest.approx(1, abs=0.15)
                assert first > 1.85
    values = {row["label"]: row["value"] for row in summary(STUDIES["A6"], [])}
    assert "linear" in values["residual: W2"]


def test_summary_of_hand_made_results():
    study = STUDIES["B3"]
    first, second, third = (cell.config for cell in study.cells)
    made = [
        result_of(config, 0.9, 2.0, (1.0, loss))
        for config, loss in zip(seeds(first, 5), (0.1, 0.2, 0.3, 0.4, 0.9), strict=True)
    ]
    made += [
        result_of(config, 0.9, losses=(1.0, loss))
        for config, loss in zip(seeds(second, 3), (0.5, 0.7, 90.0), strict=True)
    ]
    made.append(result_of(third, 0.9, losses=(1.0, np.inf)))
    rows = summary(study, reversed(made))
    assert [row["label"] for row in rows] == [cell.label for cell in study.cells]
    full, mini, online = rows
    assert full == {
        "label": "full batch (200)", "n": 5, "median": 0.3, "q1": 0.2, "q3": 0.4, "iqm": pytest.approx(0.3),
        "best": 0.1, "worst": 0.9, "diverged": 0, "seconds": 10.0,
    }  # fmt: skip
    assert (mini["n"], mini["diverged"], mini["best"], mini["worst"]) == (3, 1, 0.5, 0.7)
    assert mini["median"] == pytest.approx(0.6)
    assert online["diverged"] == 1
    assert np.isnan(online["median"])
    assert summary(study, made, "test_metric")[0]["best"] == 0.9
    assert summary(study, made[:5]) == [full]


def test_a_metric_is_best_where_it_is_high():
    study = STUDIES["B1"]
    made = [result_of(c, v) for c, v in zip(study.configs(3), (0.7, 0.9, 0.8), strict=True)]
    (row,) = summary(study, made)
    assert (row["best"], row["worst"], row["median"]) == (0.9, 0.7, 0.8)


def test_an_ensemble_goes_on_where_a_run_ended_early():
    configs = STUDIES["B1"].configs(2)
    whole = result_of(configs[0], 0.8)
    cut = Result(
        configs[1], {"epochs": [0.0], "train_loss": [1.0], "test_metric": [0.5]}, {}, "finished", 1, 1.0, "", None
    )
    spread = ensemble([whole, cut], ["test_metric"]).spread("test_metric")
    assert list(spread.greatest) == [0.5, 0.8]
    assert list(by_label(STUDIES["B1"], [cut, whole]).values()) == [[whole, cut]]


def test_a_short_run_through_a_sweep():
    study = shortened(STUDIES["B1"], 3)
    results = list(run_study(study, seeds=2))
    assert [result.config.seed_weights for result in results] == [0, 1]
    (row,) = summary(study, results)
    assert row["n"] == 2
    assert 0.3 < row["median"] <= 1


def test_batch_1_with_rate_5_runs_away():
    study = STUDIES["B2"]
    hot = next(cell for cell in study.cells if (cell.row, cell.column) == ("1", "5"))
    results = list(run_study(dataclasses.replace(study, cells=(hot,)), seeds=3))
    assert [result.diverged for result in results] == [True] * 3
    assert all(np.isfinite(result.history["train_loss"][-1]) for result in results)


def test_least_squares_find_the_plane(tmp_path):
    study = STUDIES["A2"]
    results = list(run_study(study, seeds=2, out=tmp_path / "a2.jsonl"))
    for result in results:
        losses = result.history["train_loss"]
        assert all(after < before for before, after in pairwise(losses))
        assert result.theta == pytest.approx([1, 2, 3, 0.5], abs=0.3)
    again = list(run_study(study, seeds=3, out=tmp_path / "a2.jsonl", resume=True))
    assert [result.same_as(before) for result, before in zip(again[:2], results, strict=True)] == [True, True]
    assert len(again) == 3
    assert len(list(ResultsFile(tmp_path / "a2.jsonl").read())) == 3
    with pytest.raises(DataError, match="holds results already"):
        list(run_study(study, seeds=1, out=tmp_path / "a2.jsonl"))


def test_group_a_on_a_readers_own_file(tmp_path):
    path = tmp_path / "mine.mat"
    path.write_bytes(write_mat(fields(blobs(), 40)))
    study = shortened(STUDIES["A10"], 2)
    results = list(run_study(study, seeds=1, data=path))
    assert all(isinstance(result.config.data, Own) for result in results)
    assert all(result.config.features == ("x1", "x2", "x3") for result in results)
    assert [row["label"] for row in summary(study, results)] == [cell.label for cell in study.cells]
    for other in SWEEPS:
        if any(isinstance(cell.config.data, Shipped) for cell in other.cells):
            moved = [cell.config.replace(data=Own("0"), features=("x1", "x2", "x3")) for cell in other.cells]
            assert [other.label(config) for config in moved] == [cell.label for cell in other.cells]


def test_what_cannot_take_a_file_says_so(tmp_path):
    with pytest.raises(SpecError, match="Study B1 does not train on a file"):
        run_study(STUDIES["B1"], data=tmp_path / "x.mat")
    with pytest.raises(DataError, match=r"There is no file x\.mat"):
        run_study(STUDIES["A3"], data=tmp_path / "x.mat")
    with pytest.raises(SpecError, match="seeds must be at least 1"):
        run_study(STUDIES["B1"], seeds=0)


@pytest.mark.parametrize("name", [*MNIST, *CIFAR])
def test_missing_pictures_are_one_sentence(name, without_data):
    study = STUDIES[name]
    text = missing(study)
    assert text.startswith(f"Study {name} needs ")
    assert text.endswith(".")
    with pytest.raises(DataError, match=f"Study {name} needs"):
        run_study(study)
    if study.kind == "check":
        with pytest.raises(DataError, match=f"Study {name} needs"):
            summary(study, [])


def test_a_study_without_cells_and_measurement_is_refused():
    with pytest.raises(SpecError, match="must have cells or a measurement"):
        Study("X1", "t", "q?", "r", "l.", "bars")
    with pytest.raises(SpecError, match="one of the figures"):
        Study("X1", "t", "q?", "r", "l.", "pie", (Cell("a", Config(stop_epochs=1)),))


def test_the_page_names_every_study_and_what_is_missing(without_data):
    study = STUDIES["B1"]
    made = [result_of(c, v) for c, v in zip(study.configs(3), (0.7, 0.9, 0.8), strict=True)]
    wall = [result_of(config, 0.5) for config in STUDIES["B2"].configs(1)]
    wall[1] = result_of(wall[1].config, 0.5, losses=(1.0, 70.0))
    text = page({"B1": made, "B2": wall, "A1": []})
    sections = dict(re.findall(r"^### (\w+)\. .*?\n(.*?)(?=^###? |\Z)", text, re.DOTALL | re.MULTILINE))
    assert tuple(sections) == IDS
    assert "| batch 10, rate .03 | 93.2 % | 80.0 % (75.0 %–85.0 %) | 90.0 % | 70.0 % | 3 | 3.0 |" in sections["B1"]
    assert sections["B2"].count("50.0 % (50.0 %–50.0 %)") == 29
    assert sections["B2"].count("all 1 diverged") == 1
    assert "| batch \\ learning rate | 0.01 | 0.05 | 0.1 | 0.5 | 1 | 5 |" in sections["B2"]
    assert sections["A1"].count(RIGHT) == 4
    assert "Not run yet" in sections["A8"]
    assert "needs MNIST" in sections["C4"]
    for name, section in sections.items():
        assert STUDIES[name].report in section
        assert "What to see" in section


def test_the_page_tells_the_loss_beside_the_accuracy():
    study = STUDIES["A8"]
    made = []
    for config in study.configs(1):
        result = result_of(config, 0.9, name="validation_metric")
        result.final["validation_loss"] = 0.123
        made.append(result)
    text = page({"A8": made})
    assert text.count("| 90.0 % (90.0 %–90.0 %) | 90.0 % | 90.0 % | 1 | 1.0 | 0.123 |") == 3
    assert "median validation loss" in text
