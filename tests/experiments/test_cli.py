"""The command line: what it prints, what it writes, and that every error is one sentence."""

import csv
import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nn_core.spec import SpecError
from playground.datasets.mat import write_mat
from playground.experiments import __main__ as command
from playground.experiments.cli import config_of, grid_of, parts_of, rows_of, table, values_of, write_table
from playground.experiments.config import PIXELS, Config
from playground.experiments.results import Result, ResultsFile
from playground.experiments.studies import STUDIES
from playground.experiments.sweep import sweep
from tests.experiments.test_sweep import assert_same

ROOT = Path(__file__).parents[2]
LINK = "data=moons(samples=60)&stop_epochs=5"
GRID = ["grid", "--set", "rate=0.1,1000000000", "net=0,4", "--link", LINK, "--seeds", "2"]


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """The command in an empty folder: its exit code, what it printed, and what it said of errors."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        try:
            code = command.main(list(arguments))
        except SystemExit as end:  # argparse
            code = end.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_values_are_split_outside_of_brackets():
    assert values_of(["rate=0.1, 0.5", "optimiser=sgd,adam(beta1=0.8,beta2=0.99)", "features=(x1,x2),x1"]) == {
        "rate": ["0.1", "0.5"],
        "optimiser": ["sgd", "adam(beta1=0.8,beta2=0.99)"],
        "features": ["x1,x2", "x1"],
    }


@pytest.mark.parametrize("text", ["rate", "=1", "rate=", "rate=1,,2"])
def test_bad_values_have_one_sentence(text):
    with pytest.raises(SpecError, match="--set"):
        values_of([text])
    with pytest.raises(SpecError, match="each KEY once"):
        values_of(["rate=1", "rate=2"])


def test_a_link_is_read_with_or_without_its_address():
    assert parts_of("http://localhost:8501/moons?data=moons&rate=0.1") == {"data": "moons", "rate": "0.1"}
    assert parts_of("rate=0.1") == {"rate": "0.1"}
    assert parts_of("") == {}
    browsers = "http://localhost:8501/gmm?data=gmm&features=x1%2Cx3&net=4%2810%29&view=x2-x1"
    assert parts_of(browsers) == {"data": "gmm", "features": "x1,x3", "net": "4(10)"}
    with pytest.raises(SpecError, match="has no value"):
        parts_of("rate")


def test_a_config_has_what_its_data_need():
    assert config_of({}) == Config()
    assert len(config_of({"data": "gmm"}).features) == 5
    assert config_of({"data": "gmm", "features": "x1,x3"}).features == ("x1", "x3")
    assert config_of({"data": "sine"}).loss.task == "values"
    digits = config_of({"data": "digits", "net": "conv4x3-max2-16"})
    assert digits.features == PIXELS
    assert len(digits.hidden) == 3


def test_a_grid_of_words_is_a_grid_of_configs():
    configs = grid_of(LINK, ["rate=0.1,0.2", "net=0,4-4"], 2)
    found = [(c.learning_rate, len(c.hidden), c.seed_weights, c.seed_batches) for c in configs]
    assert found == [(rate, net, seed, seed) for rate in (0.1, 0.2) for net in (0, 2) for seed in (0, 1)]
    assert [c.seed_weights for c in grid_of(LINK + "&seeds=0-0-7-8", ["rate=0.1,0.2"], None)] == [7, 7]
    assert [c.data.label for c in grid_of("", ["data=moons,gmm,digits"], None)] == [
        config_of({"data": name}).data.label for name in ("moons", "gmm", "digits")
    ]


def test_a_grid_prints_each_result_and_keeps_a_table(run):
    code, out, err = run(*GRID)
    assert (code, err) == (0, "")
    folder = Path("results/grid")
    results = list(ResultsFile(folder / "results.jsonl").read())
    assert_same(results, sweep(grid_of(LINK, ["rate=0.1,1000000000", "net=0,4"], 2)))
    for result in results:
        assert out.count(result.fingerprint) == 1
    rows = json.loads((folder / "table.json").read_text())
    assert [row["label"] for row in rows] == [
        f"net={net} rate={rate}" for rate in ("0.1", "1000000000.0") for net in (0, 4)
    ]
    assert [(row["n"], row["diverged"]) for row in rows] == [(2, 0), (2, 0), (2, 2), (2, 2)]
    for row in rows:
        members = [r.final["test_metric"] for r in results if (r.config.learning_rate > 1) == (row["diverged"] == 2)
                   and len(r.config.hidden) == (row["label"].startswith("net=4"))]  # fmt: skip
        assert row["median"] == (None if row["diverged"] else np.median(members))
        assert row["best"] == (None if row["diverged"] else max(members))
    with (folder / "table.csv").open(newline="") as lines:
        read = list(csv.DictReader(lines))
    assert [line["label"] for line in read] == [row["label"] for row in rows]
    assert [line["median"] for line in read] == ["" if r["median"] is None else repr(r["median"]) for r in rows]
    assert out.count("\nnet=0 rate=0.1  ") == 1  # and the same table on the screen


def test_a_second_sweep_into_the_same_folder_must_be_a_resumed_one(run):
    assert run(*GRID)[0] == 0
    code, out, err = run(*GRID)
    assert (code, out) == (2, "")
    assert err == "results.jsonl holds results already; resume that sweep, or choose another file.\n"
    before = Path("results/grid/results.jsonl").read_bytes()
    code, out, err = run(*GRID, "--resume")
    assert (code, err) == (0, "")
    assert Path("results/grid/results.jsonl").read_bytes() == before
    code, again, err = run("report")
    assert (code, err) == (0, "")
    assert sorted(again.splitlines()[1:]) == sorted(out.splitlines()[8:])  # the table, after eight lines of runs


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "list | run | grid | report"),
        (["fly"], "invalid choice: 'fly'"),
        (["grid"], "--set"),
        (["grid", "--set", "rate=0.1"], "A run of a sweep needs an end: set stop_epochs."),
        (["grid", "--set", "rate=fast"], "rate: learning_rate must be a number from 0"),
        (["grid", "--set", "speed=1"], "speed: no setting has that name."),
        (["grid", "--set", "data=mice"], "data 'mice' is not known"),
        (["grid", "--set", "data=mnist", "stop_epochs=1"], "MNIST"),
        (["grid", "--set", "stop_epochs=1", "features=(x1,x7)"], "features: these data have x1, x2,"),
        (["grid", "--set", "rate=0.1", "--seeds", "0"], "'0' is no whole number from 1 to 100,000"),
        (["grid", "--set", "rate=0.1", "--backend", "cloud"], "invalid choice: 'cloud'"),
        (["grid", "--set", "stop_epochs=1", "--backend", "dask"], "address of its scheduler"),
        (["grid", "--set", f"seed_data={','.join(map(str, range(400)))}",
          f"seed_split={','.join(map(str, range(400)))}"], "at most 100,000 runs"),
        (["run", "Z9"], "There is no study 'Z9'; there are A1, A2"),
        (["run", "C4"], "Study C4 needs MNIST"),
        (["run", "A3", "--data", "mine.mat"], "There is no file mine.mat"),
        (["run", "A3", "--data", f"{'long' * 100}.mat"], "long.mat cannot be used: "),
        (["run", "A3", "--scheduler", "tcp://10.0.0.1:1"], "scheduler is for the backends dask and ray, not local."),
        (["grid", "--set", "stop_epochs=1", "--workers", "2"], "workers is for the backend loky"),
        (["grid", "--set", "stop_epochs=1", "--out", "long" * 100], "cannot be"),
        (["report"], "There are no results in results"),
    ],
)  # fmt: skip
def test_an_error_is_one_sentence(run, arguments, sentence):
    code, out, err = run(*arguments)
    assert code == 2
    assert sentence in err
    assert err.count("\n") == 1
    assert "Traceback" not in out + err
    assert not Path("results/grid/table.csv").exists()


def test_a_place_that_cannot_be_written_to_has_one_sentence(run):
    Path("results").write_text("a file, no folder")
    code, _, err = run(*GRID)
    assert code == 2
    assert err.endswith("\n")
    assert "cannot be" in err


def test_the_list_names_every_study(run):
    code, out, err = run("list")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == list(STUDIES)
    for line, study in zip(lines, STUDIES.values(), strict=True):
        assert study.title in line
        assert study.question in line


def test_a_study_of_measurements_has_a_table_and_figures(run):
    code, out, err = run("run", "d1")
    assert (code, err) == (0, "")
    assert STUDIES["D1"].question in out
    rows = json.loads(Path("results/D1/table.json").read_text())
    assert {"label", "value", "report", "verdict"} <= set(rows[0])
    assert Path("results/D1/D1.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in Path("results/D1/D1.svg").read_bytes()[:1000]


def test_a_study_runs_on_the_readers_own_file(run):
    rng = np.random.default_rng(0)
    y, yv = rng.integers(0, 2, 60), rng.integers(0, 2, 40)
    x, xv = rng.normal(0, 0.3, (60, 3)) + y[:, None], rng.normal(0, 0.3, (40, 3)) + yv[:, None]
    arrays = {"Yt": x.T, "Ct": np.eye(2)[y].T, "Yv": xv.T, "Cv": np.eye(2)[yv].T}
    Path("mine.mat").write_bytes(write_mat(arrays))
    code, out, err = run("run", "A3", "--data", "mine.mat", "--seeds", "2")
    assert (code, err) == (0, "")
    results = list(ResultsFile("results/mine/A3/results.jsonl").read())
    assert {type(result.config.data).__name__ for result in results} == {"Own"}
    assert {len(result.config.features) for result in results} == {3}
    assert all(result.fingerprint in out for result in results)
    assert (json.loads(Path("results/mine/A3/table.json").read_text()))[0]["n"] == 2
    before = Path("results/mine/A3/A3.png").read_bytes(), Path("results/mine/A3/A3.svg").read_bytes()
    Path("results/mine/A3/A3.png").unlink()
    assert run("report")[0] == 0
    assert (Path("results/mine/A3/A3.png").read_bytes(), Path("results/mine/A3/A3.svg").read_bytes()) == before
    assert run("report", "--docs", "page.md")[0] == 0
    section = Path("page.md").read_text().partition("### A3")[2].partition("### A4")[0]
    assert "Not run yet." in section  # what a reader's file gives is not ours


def test_a_report_goes_on_where_one_folder_has_nothing_to_tell(run):
    assert run(*GRID, "--out", "results/one")[0] == 0
    Path("results/B3").mkdir()
    Path("results/B3/results.jsonl").write_bytes(Path("results/one/results.jsonl").read_bytes())
    Path("results/C1").mkdir()
    Path("results/C1/results.jsonl").touch()
    Path("results/one/table.csv").unlink()
    code, _, err = run("report")
    assert code == 2
    assert [line.split(":")[0] for line in err.splitlines()] == ["results/B3", "results/C1"]
    assert Path("results/one/table.csv").exists()


def test_a_run_that_was_kept_twice_counts_once(run):
    assert (run(*GRID)[0], run("report")[0]) == (0, 0)
    file = Path("results/grid/results.jsonl")
    before = Path("results/grid/table.csv").read_bytes()
    file.write_bytes(file.read_bytes() * 2)
    assert run("report")[0] == 0
    assert Path("results/grid/table.csv").read_bytes() == before


@pytest.mark.parametrize("place", [".", "none/deep/page.md", f"{'long' * 100}.md"])
def test_a_page_is_written_or_refused_with_one_sentence(run, place):
    assert run(*GRID)[0] == 0
    code, out, err = run("report", "--docs", place)
    assert (code, err.count("\n")) == ((0, 0) if place.startswith("none") else (2, 1))
    assert "Traceback" not in out + err


def test_an_interrupted_sweep_says_how_to_go_on(run, monkeypatch):
    told = []

    def line_of(result, label, shown):
        if len(told) == 3:
            raise KeyboardInterrupt
        told.append(result)
        return label

    with monkeypatch.context() as interrupted:
        interrupted.setattr(command, "line_of", line_of)
        code, _, err = run(*GRID)
    assert code == 130
    assert err.startswith("\nStopped. What was done is kept; to go on: python -m playground.experiments grid ")
    assert len(list(ResultsFile("results/grid/results.jsonl").read())) == 4  # the one not yet told as well
    again = shlex.split(err.partition("playground.experiments ")[2])
    assert again == [*GRID, "--resume"]
    assert run(*again)[0] == 0
    assert_same(ResultsFile("results/grid/results.jsonl").read(), sweep(grid_of(LINK, GRID[2:4], 2)))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_in_a_process_of_its_own(tmp_path):
    link = LINK.replace("stop_epochs=5", "stop_epochs=3000")
    words = ["grid", "--set", "net=" + ",".join(map(str, range(1, 65))), "--link", link, "--out", str(tmp_path)]
    # The background job of a shell ignores the signal, and so would its children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", command.PROGRAM.split()[-1], *words],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        assert process.stdout.readline().startswith("net=1: ")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130
    assert err.splitlines()[-1].endswith(shlex.join([*words, "--resume"]))
    assert "Traceback" not in out + err
    kept = list(ResultsFile(tmp_path / "results.jsonl").read())
    assert 0 < len(kept) < 64


def test_the_table_is_aligned_and_writes_what_is_not_a_number_as_nothing(tmp_path):
    rows = [{"label": "a", "median": 0.123456, "n": 1200}, {"label": "long", "median": float("nan"), "n": 3}]
    assert table(rows).splitlines() == ["label  median      n", "a      0.1235  1,200", "long        -      3"]
    write_table(rows, tmp_path)
    assert (tmp_path / "table.csv").read_text() == "label,median,n\na,0.123456,1200\nlong,,3\n"
    assert json.loads((tmp_path / "table.json").read_text())[1] == {"label": "long", "median": None, "n": 3}
    assert table([]) == ""
    assert rows_of([]) == []


def test_a_run_that_diverged_at_once_is_a_row_too():
    nothing = Result(Config(), {"epochs": [], "train_loss": []}, {}, "diverged", 0, 0.1, "0000·0000")
    (row,) = rows_of([nothing])
    assert (row["label"], row["n"], row["diverged"]) == ("one setting", 1, 1)
    assert np.isnan(row["median"])
