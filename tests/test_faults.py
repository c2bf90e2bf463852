"""The list of planted faults still fits the program: each has its one place, and is another text there."""

import collections

import pytest

from benchmarks.faults import CODE, ROOMS, faults, plant
from tests.pages import ROOT

FAULTS = faults()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.file}: {fault.says}")
def test_each_has_its_place(fault):
    path = fault.place(ROOT)
    assert fault.new != fault.old
    changed = path.read_text(encoding="utf-8").replace(fault.old, fault.new)
    if path.suffix == ".py":
        compile(changed, path.name, "exec")


def test_there_are_enough_of_each_room():
    counts = collections.Counter(fault.room for fault in FAULTS)
    assert all(counts[room] >= least for room, least in zip(ROOMS, (30, 20, 10), strict=True))


def test_one_is_caught_one_is_not_and_the_copy_is_whole_again(tmp_path, monkeypatch):
    monkeypatch.setitem(ROOMS, "core", ["tests"])
    (tmp_path / CODE[0]).mkdir()
    (tmp_path / CODE[1]).mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / CODE[0] / "sums.py").write_text("def twice(x):\n    return 2 * x\n\n\ndef unused():\n    return 1\n")
    test = "import sys\nsys.path.insert(0, '.')\nfrom nn_core.sums import twice\ndef test_it(): assert twice(3) == 6\n"
    (tmp_path / "tests" / "test_sums.py").write_text(test)
    whole = (tmp_path / CODE[0] / "sums.py").read_text()
    fault = FAULTS[0]._replace(file="sums.py", old="2 * x", new="3 * x")
    assert plant(fault, tmp_path) == "tests/test_sums.py::test_it"
    assert plant(fault._replace(old="return 1", new="return 2"), tmp_path) == ""
    assert (tmp_path / CODE[0] / "sums.py").read_text() == whole
    with pytest.raises(ValueError, match="stands there 0 times"):
        fault._replace(old="gone").place(tmp_path)
