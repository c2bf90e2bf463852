"""Results and the file that keeps them: not a bit is lost, and what is no result has one sentence."""

import json
import math

import numpy as np
import pytest

from playground.datasets.base import DataError
from playground.datasets.plane import Moons
from playground.experiments.config import Config
from playground.experiments.experiment import fingerprint_of_settings
from playground.experiments.results import LARGEST_KEPT, RUN_AWAY, Result, ResultsFile, from_line, key_of, to_line
from playground.experiments.sweep import sweep

BASE = Config(data=Moons(samples=60), stop_epochs=3)
HARD = BASE.replace(learning_rate=0.1 + 0.2)
ODD = [math.nan, math.inf, -math.inf, -0.0, 0.1, 5e-324, 1.7976931348623157e308]
THETA = np.array([0.1, np.nan, np.inf, -0.0, 1e-45], np.float32)


def result(**changes) -> Result:
    """A result that holds everything that is hard to write down."""
    history = {"epochs": [float(k) for k in range(len(ODD))], "train_loss": ODD}
    values = {
        "config": HARD,
        "history": history,
        "final": {"train_loss": math.nan, "test_metric": 1 / 3},
        "state": "finished",
        "steps": 12,
        "seconds": 0.1,
        "fingerprint": f"{fingerprint_of_settings(HARD)}·abcd",
        "theta": THETA,
    }
    return Result(**(values | changes))


def fields(**changes) -> bytes:
    """A line of the file with some of its fields changed."""
    return json.dumps(json.loads(to_line(result())) | changes).encode()


def test_a_line_keeps_every_bit():
    kept = from_line(to_line(result()))
    assert kept.same_as(result())
    assert result().same_as(kept)
    assert kept.theta.dtype == np.float32
    assert kept.theta.tobytes() == THETA.tobytes()
    assert kept.seconds == 0.1
    assert "\n" not in to_line(result())


@pytest.mark.parametrize(
    "changes",
    [
        {"config": BASE},
        {"history": {"epochs": [0.0], "train_loss": [0.0]}},
        {"final": {"train_loss": math.nan, "test_metric": 1 / 3 + 1e-16}},
        {"state": "diverged"},
        {"steps": 13},
        {"fingerprint": "1234·abce"},
    ],
)
def test_same_as_sees_every_difference_but_the_time(changes):
    assert not result().same_as(result(**changes))
    assert result().same_as(result(seconds=9.0))
    zero = {"history": {"epochs": [0.0], "train_loss": [-0.0]}}
    assert not result(**zero).same_as(result(history={"epochs": [0.0], "train_loss": [0.0]}))


@pytest.mark.parametrize("rate", [0.1, 1e9])
def test_a_real_run_is_kept_whole(tmp_path, rate):
    (run,) = sweep([BASE.replace(learning_rate=rate, loss=BASE.loss)])
    file = ResultsFile(tmp_path / "deep" / "results.jsonl")
    file.append(run)
    (kept,) = file.read()
    assert kept.same_as(run)
    assert kept.key == run.key == key_of(run.config)
    assert kept.theta.tobytes() == run.theta.tobytes()
    assert kept.diverged == run.diverged == (rate > 1)


def test_the_parameters_of_a_large_network_are_left_out():
    assert from_line(to_line(result(theta=np.zeros(LARGEST_KEPT + 1, np.float32)))).theta is None
    assert from_line(to_line(result(theta=np.zeros(LARGEST_KEPT, np.float32)))).theta.size == LARGEST_KEPT
    assert from_line(to_line(result(theta=None))).theta is None


def test_a_run_away_is_told_by_its_loss():
    def ends_at(loss, first=1.0, state="finished"):
        return result(history={"epochs": [0.0, 1.0], "train_loss": [first, loss]}, state=state).diverged

    assert [ends_at(RUN_AWAY * 0.99), ends_at(RUN_AWAY * 1.01)] == [False, True]
    assert [ends_at(0.5, first=0.0), ends_at(0.1, state="diverged")] == [False, True]
    assert result(history={"epochs": [], "train_loss": []}).diverged


def test_a_file_that_is_not_there_holds_nothing(tmp_path):
    file = ResultsFile(tmp_path / "results.jsonl")
    assert list(file.read()) == []
    assert not file.has_begun()
    file.prepare()
    assert file.path.read_bytes() == b""
    assert not file.has_begun()


@pytest.mark.parametrize("torn", [b"{", b'{"format":1,"config"', to_line(result()).encode()])
def test_a_torn_last_line_is_left_out_and_cut_off(tmp_path, torn):
    file = ResultsFile(tmp_path / "results.jsonl")
    file.append(result())
    whole = file.path.read_bytes()
    file.path.write_bytes(whole + torn)
    assert len(list(file.read())) == 1
    file.prepare()
    assert file.path.read_bytes() == whole
    file.append(result(steps=99))
    assert [kept.steps for kept in file.read()] == [12, 99]


def test_a_file_of_nothing_but_a_torn_line_becomes_empty(tmp_path):
    file = ResultsFile(tmp_path / "results.jsonl")
    file.path.write_bytes(b'{"format"')
    assert list(file.read()) == []
    file.prepare()
    assert file.path.read_bytes() == b""


@pytest.mark.parametrize(
    "line",
    [
        b"label,n,median",
        b"",
        b"[]",
        b"{}",
        b'"text"',
        b"\xff\xfe",
        b"\x80\x04K\x01.",
        fields(format=2),
        fields(config=[]),
        fields(config={"rate": "fast"}),
        fields(config={"nonsense": "1"}),
        fields(theta="###"),
        fields(theta="AAAA"),
        fields(theta=7),
        fields(history={"train_loss": ["low"]}),
        fields(history={"train_loss": 3}),
        fields(history=[]),
        fields(final=None),
        fields(steps="many"),
        fields(seconds=None),
    ],
)
def test_a_foreign_or_damaged_line_has_one_sentence(tmp_path, line):
    file = ResultsFile(tmp_path / "results.jsonl")
    file.path.write_bytes(to_line(result()).encode() + b"\n" + line + b"\n")
    with pytest.raises(
        DataError, match=r"^Line 2 of results\.jsonl is no result \(.*\); take it out, or .*\.$"
    ) as told:
        list(file.read())
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 250


def test_a_folder_in_its_place_has_one_sentence(tmp_path):
    with pytest.raises(DataError, match="cannot be read: "):
        list(ResultsFile(tmp_path).read())
    with pytest.raises(DataError, match="cannot be written: "):
        ResultsFile(tmp_path).append(result())
