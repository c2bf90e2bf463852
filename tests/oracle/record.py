"""Ask PyTorch everything that the tests compare with, and write its answers to tests/oracle/*.json.

    pip install -r requirements-bench.txt
    python -m tests.oracle.record

The files hold plain numbers. Of layers, networks and runs, whose inputs have three digits, answers are rounded to
thirteen digits after the point, a thousandth of the bound; the others read back to the last bit.
"""

import json
import re

import torch

from tests.oracle import HERE
from tests.oracle.questions import QUESTIONS

ROUNDED = ("layers", "networks", "runs")
DIGITS = 13


def rounded(numbers):
    """The same dicts and lists with fewer digits."""
    if isinstance(numbers, dict):
        return {key: rounded(value) for key, value in numbers.items()}
    if isinstance(numbers, list):
        return [rounded(value) for value in numbers]
    return round(numbers, DIGITS) if isinstance(numbers, float) else numbers


def main() -> None:
    """Write one file per topic and say how large it is."""
    for topic, ask in QUESTIONS.items():
        found = rounded(ask()) if topic in ROUNDED else ask()
        record = {"oracle": f"PyTorch {torch.__version__.split('+')[0]}, float64, one thread", "answers": found}
        text = json.dumps(record, indent=1, ensure_ascii=False)
        text = re.sub(r"\[[^\[\]{}]*\]", lambda row: " ".join(row.group().split()), text)  # one line per row of numbers
        path = HERE / f"{topic}.json"
        path.write_text(text + "\n", encoding="utf-8", newline="\n")
        print(f"{path.name:<20} {len(record['answers']):>3} answers {len(text):>8,} characters")


if __name__ == "__main__":
    main()
