"""Plants faults, one at a time, and says which of them the tests catch.

    python -m benchmarks.faults [--only core,live,stage] [--json FILE]

faults.toml lists them: a line of the program, and what stands there instead. Each is planted in a copy of the project;
then the tests of its own file are run, and, where these see nothing, all tests of its room. Exit code 1 where one is
missed. Takes about half an hour: the stage's need a browser.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import NamedTuple

from benchmarks.report import machine, parts, table, write_json

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("faults.toml")
ROOMS = {  # the tests of each room
    "core": ["tests/nn_core"],
    "live": ["tests/live", "tests/app", "tests/ui"],
    "stage": ["tests/browser"],
}
CODE = ("nn_core", "playground")
LONGEST = 900  # seconds; who never ends is caught too
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


class Fault(NamedTuple):
    """One line of the program that is to be wrong. file: its name, or as much of its path as tells it from others."""

    room: str
    file: str
    says: str
    old: str
    new: str

    def place(self, root: Path) -> Path:
        """Its file below root. Raises ValueError where there is not one such file, or not one such line in it."""
        found = [
            path
            for code in CODE
            for path in (root / code).rglob(Path(self.file).name)
            if path.as_posix().endswith(f"/{self.file}")
        ]
        if len(found) != 1:
            raise ValueError(f"{self.file} ({self.says}): there are {len(found)} such files, not one.")
        if (times := found[0].read_text(encoding="utf-8").count(self.old)) != 1:
            raise ValueError(f"{self.file} ({self.says}): what is to be replaced stands there {times} times, not once.")
        return found[0]


def faults() -> list[Fault]:
    """All faults of the list, in its order."""
    return [Fault(**fault) for fault in tomllib.loads(LIST.read_text(encoding="utf-8"))["fault"]]


def plant(fault: Fault, root: Path) -> str:
    """Which test catches the fault in the copy at root, or "" where none does. The copy is whole again afterwards."""
    path = fault.place(root)
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(fault.old, fault.new), encoding="utf-8")
    try:
        own = sorted(
            test.relative_to(root).as_posix()
            for folder in ROOMS[fault.room]
            for test in (root / folder).rglob(f"test_*{path.stem}*.py")
        )
        return (own and _caught(own, root)) or _caught(ROOMS[fault.room], root)
    finally:
        path.write_text(whole, encoding="utf-8")


def _caught(tests: list[str], root: Path) -> str:
    quick = [] if tests[0].startswith("tests/browser") else ["-n", "logical"]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", *quick, *tests]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return "never ends"
    if done.returncode == 0:
        return ""
    found = FAILED.search(done.stdout)
    return found.group(1) if found else f"pytest ends with {done.returncode}"


def copy_of_the_project(folder: Path) -> None:
    """All files that git knows, or would take in, as they are now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(ROOMS), help="rooms, with commas (core,live,stage)")
    parser.add_argument("--json", metavar="FILE", help="write what came out there as well")
    options = parser.parse_args()
    rooms = parts(parser, options.only, ROOMS)
    where, rows = machine(), []
    with tempfile.TemporaryDirectory(prefix="nn-playground-faults-") as folder:
        copy_of_the_project(Path(folder))
        for fault in faults():
            if fault.room not in rooms:
                continue
            began = time.perf_counter()
            by = plant(fault, Path(folder))
            rows.append({"room": fault.room, "file": fault.file, "says": fault.says, "caught_by": by})
            took = time.perf_counter() - began
            print(
                f"{'caught' if by else 'MISSED'}  {fault.file}: {fault.says}; {by or 'by no test'} ({took:.0f} s)",
                flush=True,
            )
    missed = sum(not row["caught_by"] for row in rows)
    counts = []
    for room in rooms:
        caught = [bool(row["caught_by"]) for row in rows if row["room"] == room]
        counts.append((room, f"{sum(caught)} of {len(caught)}", "caught"))
    print(table("Planted faults", counts))
    print(where)
    write_json(options.json, {"faults": rows, "machine": where})
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
