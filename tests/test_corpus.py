"""What real files, links and numbers have done to the program, each as one case with what must come out.

`tests/corpus/KIND.toml` holds `[[case]]` tables: `name`; `given`, a text (or `file`, a small file in
tests/corpus/files); whatever else the kind's reader asks for (tests/corpus/readers.py); and either `gives`, what must
come out, or `says`, a part of the one sentence that must be said. The next fault that somebody finds is one more case.
"""

import re
import tomllib
from pathlib import Path

import pytest

from tests.corpus.readers import READERS

CORPUS = Path(__file__).parent / "corpus"
CASES = [
    pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")
    for path in sorted(CORPUS.glob("*.toml"))
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
]


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_what_must_come_out(kind, case):
    read = READERS[kind]
    if "says" in case:
        with pytest.raises(ValueError, match=re.escape(case["says"])) as error:
            read(case)
        assert "\n" not in str(error.value).strip()
    else:
        answer = read(case)
        assert {key: answer[key] for key in case["gives"]} == case["gives"]


def test_every_case_says_what_must_come_out():
    unclear = [case.id for case in CASES if len({"gives", "says"} & case.values[1].keys()) != 1]
    assert not unclear
