"""PyTorch as the oracle: what it answered, kept in small files, and what it answers now where it is installed.

`answers("layers", "record")` reads tests/oracle/layers.json; `answers("layers", "live")` asks PyTorch the same
questions again. Nobody needs PyTorch to run the tests: SOURCES then holds "record" alone.
"""

import functools
import importlib.metadata
import importlib.util
import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LIVE = importlib.util.find_spec("torch") is not None
SOURCES = ("record", "live") if LIVE else ("record",)
ADVICE = "write its twin into tests/oracle/twins.py, then run: python -m tests.oracle.record"


@functools.cache
def answers(topic: str, source: str) -> dict:
    """All answers to one topic, by the text of the choice or the name of the problem."""
    if source == "record":
        return json.loads((HERE / f"{topic}.json").read_text(encoding="utf-8"))["answers"]
    from tests.oracle.questions import QUESTIONS  # here, because it imports torch

    return QUESTIONS[topic]()


def oracle(source: str) -> str:
    """Which PyTorch answers, e.g. "PyTorch 2.13.0"."""
    if source == "live":
        return f"PyTorch {importlib.metadata.version('torch').split('+')[0]}"
    return json.loads((HERE / "layers.json").read_text(encoding="utf-8"))["oracle"].split(",")[0]


def answer(topic: str, source: str, text: str) -> dict:
    """One answer; the test fails, and says what to do, where PyTorch was never asked."""
    found = answers(topic, source).get(text)
    if found is None:
        pytest.fail(f"PyTorch has no answer to {text!r} of the {topic}: {ADVICE}.", pytrace=False)
    return found
