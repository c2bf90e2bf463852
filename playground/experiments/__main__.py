"""`python -m playground.experiments`: studies and sweeps from the command line. docs/sweeps.md shows how.

Results are printed and kept as they come; Ctrl-C loses none of them. Exit codes: 0, 2 for an error (one sentence on
stderr), 130 after Ctrl-C.
"""

import argparse
import contextlib
import functools
import os
import pkgutil
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from nn_core.spec import SpecError, counted
from playground.datasets.base import DataError
from playground.experiments.cli import (
    RESULTS,
    SHOWN,
    grid_of,
    kept,
    labels_of,
    line_of,
    rows_of,
    table,
    write,
    write_table,
)
from playground.experiments.config import Config, Own
from playground.experiments.report import page
from playground.experiments.results import Result, key_of
from playground.experiments.run_study import run_study, summary
from playground.experiments.studies import STUDIES, find, missing
from playground.experiments.sweep import BACKENDS, MOST_RUNS, sweep

PROGRAM = "python -m playground.experiments"
FAILED, INTERRUPTED = 2, 130
FIGURES = ("png", "svg")


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage before it."""

    def error(self, message):
        self.exit(FAILED, f"{message}; {self.prog} --help tells more.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say, sys.argv's by default; returns the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    with contextlib.suppress(AttributeError):
        sys.stdout.reconfigure(errors="replace")  # a console that has no ² prints a question mark, and goes on
    try:
        asked = _parser().parse_args(given)
        return {"list": _list, "run": _run, "grid": _grid, "report": _report}[asked.what](asked) or 0
    except (SpecError, DataError) as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nStopped.", _how_to_go_on(given), file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `... | head` has read enough; Python's own flush at the end must not fail again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a folder that may not be looked into, a name that is too long
        print(f"{error.filename or 'A file'} cannot be used: {error.strerror or error}.", file=sys.stderr)
        return FAILED


def _parser():
    parser = Parser(prog=PROGRAM, description="Studies and sweeps from the command line.")
    what = parser.add_subparsers(dest="what", required=True, metavar="list | run | grid | report")
    what.add_parser("list", help="the studies")
    run = what.add_parser("run", help="run studies")
    run.add_argument("studies", nargs="+", metavar="STUDY", help="ids from the list, such as A5, or all")
    run.add_argument("--seeds", type=_count, metavar="N", help="runs of each setting (10 or as the study says)")
    run.add_argument("--data", type=Path, metavar="FILE.mat", help="your own data (Yt, Ct, Yv, Cv) for group A")
    grid = what.add_parser("grid", help="run every combination of some settings")
    grid.add_argument("--set", nargs="+", action="extend", required=True, metavar="KEY=V1,V2", dest="values",
                      help="a setting by its name in a link, and its values")  # fmt: skip
    grid.add_argument("--link", default="", help="the settings that all have, as the page's link names them")
    grid.add_argument("--seeds", type=_count, metavar="N", help="runs of each combination (1, with the link's seeds)")
    for one, folder in ((run, "results"), (grid, "results/grid")):
        one.add_argument("--out", type=Path, default=Path(folder), metavar="DIR", help=f"folder for results ({folder})")
        one.add_argument("--resume", action="store_true", help="do only what DIR does not hold yet")
        one.add_argument("--backend", choices=BACKENDS, default="local", help="where it is computed (local)")
        one.add_argument("--workers", type=_count, metavar="N", help="processes of loky (one for each core)")
        one.add_argument("--scheduler", metavar="ADDRESS", help="of the Dask or Ray cluster")
    report = what.add_parser("report", help="tables and figures anew, from kept results")
    report.add_argument("--out", type=Path, default=Path("results"), metavar="DIR", help="folder of results (results)")
    report.add_argument("--docs", type=Path, metavar="FILE", help="write the page of all studies there instead")
    return parser


def _count(text):
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_RUNS:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to {MOST_RUNS:,}")
    return int(text)


def _list(_):
    for study in STUDIES.values():
        print(f"{study.id:4}{study.title}: {study.question}")


def _run(asked):
    everything = asked.studies == ["all"]
    ids = list(STUDIES) if everything else asked.studies
    for study in dict.fromkeys(map(find, ids)):
        if everything and missing(study):
            print(missing(study), file=sys.stderr)
            continue
        print(f"{study.id} {study.title}: {study.question}")
        folder = (asked.out / asked.data.stem if asked.data else asked.out) / study.id
        results = run_study(
            study, seeds=asked.seeds, backend=asked.backend, workers=asked.workers, scheduler=asked.scheduler,
            out=folder / RESULTS, resume=asked.resume, data=asked.data,
        )  # fmt: skip
        label, shown = functools.partial(_label_in, study), (study.metric, "test_loss")
        _finish_study(study, _told(results, len(study.configs(asked.seeds)), label, shown), folder)


def _label_in(study, config):
    return f"{study.label(config)}, seed {config.seed_weights}"


def _grid(asked):
    configs = grid_of(asked.link, asked.values, asked.seeds)
    results = sweep(
        configs, backend=asked.backend, workers=asked.workers, scheduler=asked.scheduler,
        out=asked.out / RESULTS, resume=asked.resume,
    )  # fmt: skip
    labels = dict(zip(map(key_of, configs), labels_of(configs), strict=True))
    order = {key: place for place, key in enumerate(labels)}
    found = _told(results, len(labels), lambda config: labels[key_of(config)])
    _finish(rows_of(sorted(found, key=lambda result: order[result.key])), asked.out)


def _report(asked):
    files = sorted(asked.out.rglob(RESULTS))
    if not files:
        raise DataError(f"There are no results in {asked.out}; name their folder with --out.")
    found, code = {}, 0
    for file in files:
        folder, study = file.parent, STUDIES.get(file.parent.name)
        try:
            results = kept(file)
            print(f"{folder}: {counted(len(results), 'run')}")
            if study is None:
                _finish(rows_of(results), folder)
            elif not asked.docs:
                _finish_study(study, results, folder)
            elif study.own or not any(isinstance(result.config.data, Own) for result in results):
                found[study.id] = results  # those of a reader's own file are not ours
        except (SpecError, DataError) as error:  # the other folders get theirs
            print(f"{folder}: {error}", file=sys.stderr)
            code = FAILED
    if asked.docs:
        found |= {study.id: [] for study in STUDIES.values() if study.kind == "check" and not missing(study)}
        write(asked.docs, page(found).encode())
        print(f"Wrote {asked.docs}.")
    return code


def _told(
    results: Iterator[Result], total: int, label: Callable[[Config], str], shown: Sequence[str] = SHOWN
) -> list[Result]:
    """All results; each is printed as it comes, above a progress bar where there is a terminal."""
    found = []
    with tqdm(total=total, unit="run", file=sys.stderr, disable=None) as bar:
        for result in results:
            found.append(result)
            bar.update()
            with bar.external_write_mode(file=sys.stdout):
                print(line_of(result, label(result.config), shown), flush=True)
    return found


def _finish_study(study, results, folder):
    _finish(summary(study, results), folder)
    # This command stands above the figures, as the app does, though it lives in a package below them: found by name.
    figure = pkgutil.resolve_name("playground.figures.studies:figure")(study, results)
    drawn = pkgutil.resolve_name("playground.figures.labs:drawn")
    for kind in FIGURES:
        write(folder / f"{study.id}.{kind}", drawn(figure, kind))
    print(f"Figure: {folder / study.id}.{{{','.join(FIGURES)}}}")


def _finish(rows, folder):
    print(f"\n{table(rows)}\n")
    write_table(rows, folder)
    print(f"Table: {folder}")


def _how_to_go_on(given):
    if given[:1] not in (["run"], ["grid"]):
        return ""
    again = given if "--resume" in given else [*given, "--resume"]
    return f"What was done is kept; to go on: {PROGRAM} {shlex.join(again)}"


if __name__ == "__main__":
    sys.exit(main())
