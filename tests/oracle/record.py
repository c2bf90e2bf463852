"""Ask PyTorch everything that the tests compare with, and write its answers to tests/oracle/*.json.

    pip install -r requirements-bench.txt
    python -m tests.oracle.record

The files hold inputs and answers as plain numbers, written so that they read back to the last bit.
"""

import json
import re

import torch

from tests.oracle import HERE
from tests.oracle.twins import QUESTIONS


def main() -> None:
    """Write one file per topic and say how large it is."""
    torch.set_num_threads(1)
    for topic, ask in QUESTIONS.items():
        record = {"oracle": f"PyTorch {torch.__version__.split('+')[0]}, float64, one thread", "answers": ask()}
        text = json.dumps(record, indent=1, ensure_ascii=False)
        text = re.sub(r"\[[^\[\]{}]*\]", lambda row: " ".join(row.group().split()), text)  # one line per row of numbers
        path = HERE / f"{topic}.json"
        path.write_text(text + "\n", encoding="utf-8", newline="\n")
        print(f"{path.name:<20} {len(record['answers']):>3} answers {len(text):>8,} characters")


if __name__ == "__main__":
    main()
