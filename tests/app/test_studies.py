"""The page of the studies without a browser: all can be chosen, one is run to its end, one is measured, links obey."""

import csv
import dataclasses
import io
import threading

import pytest
import streamlit as st

from playground.datasets.base import DataError
from playground.experiments import measuring
from playground.experiments.experiment import build
from playground.experiments.link import show_link
from playground.experiments.measuring import perform
from playground.experiments.studies import STUDIES, missing
from playground.experiments.studies.study import RIGHT, Measured, row
from playground.figures.labs import FORMATS
from playground.live.labs import check
from playground.live.labs.check import CheckRun
from playground.live.labs.lab import Lab
from playground.live.labs.spec import MOST_SEEDS
from playground.ui.labs import downloads, study_page
from playground.ui.labs.study_page import FETCHED, FIRST, SEEDS
from playground.ui.session import KEY
from playground.views.studies import PAGE
from tests.app.opened import Opened
from tests.app.test_pictures import FILES, cache  # noqa: F401
from tests.experiments.test_studies import CHECKS, CIFAR, IDS, MNIST, shortened

pytestmark = pytest.mark.usefixtures("slices")

HERE = [name for name in IDS if name not in (*MNIST, *CIFAR)]
SWEEPS = [name for name in HERE if name not in CHECKS]
QUICK = "C1"  # a thousand steps of a line
PNG = b"\x89PNG in the place of a figure"


@pytest.fixture
def quick(monkeypatch):
    """Studies of two epochs."""
    for name in SWEEPS:
        monkeypatch.setitem(STUDIES, name, shortened(STUDIES[name], 2))


@pytest.fixture
def no_figures(monkeypatch):
    """Drawing the downloads takes longer than all else."""
    monkeypatch.setattr(downloads, "drawn", lambda figure, kind: kind.encode())


@pytest.fixture
def images(monkeypatch):
    """The pictures that the page has shown."""
    shown, original = [], st.delta_generator.DeltaGenerator.image

    def image(self, picture, **others):
        shown.append(picture)
        return original(self, picture, **others)

    monkeypatch.setattr(st.delta_generator.DeltaGenerator, "image", image)
    return shown


def studies(link: dict[str, str] | str = "") -> Opened:
    return Opened("studies", link)


def study_of(page: Opened):
    run = page.run
    return run.spec.study if isinstance(run, Lab) else run.study


def measured(page: Opened) -> Opened:
    """Press Measure, and wait until it is done."""
    page.at.button(key="play").click()
    page.at.run()
    assert not page.at.exception, page.at.exception
    page.run.measurement.wait(60)
    return page.rerun()


def shows(page: Opened, name: str) -> None:
    """The page is that of a study: its name, its texts, its link."""
    study = STUDIES[name]
    assert study_of(page) is study
    assert page.at.selectbox(key="study").value == name
    said = " ".join(markdown.value for markdown in page.at.markdown)
    assert study.question in said
    assert f"The report: {study.report}." in said
    assert study.look_for in said
    assert PAGE.title in page.at.markdown[0].value
    assert page.link["study"] == name
    assert f"run {name}`" in " ".join(caption.value for caption in page.at.caption)


# --- choosing -------------------------------------------------------------------------------------------------------


def test_it_opens_with_its_first_study():
    page = studies()
    shows(page, FIRST)
    assert page.problems == []
    assert (page.run.spec.seeds, page.run.state) == (STUDIES[FIRST].seeds, "ready")
    assert page.link == {"study": FIRST, "trials": str(STUDIES[FIRST].seeds)}
    assert page.at.button(key="play").label == f"Run {30 * STUDIES[FIRST].seeds}"
    assert PAGE.key == "studies" == page.view
    assert [option.split(" · ")[0] for option in page.at.selectbox(key="study").options] == list(IDS)


def test_every_study_can_be_chosen():
    page = studies()
    for name in IDS:
        page.choose("study", name)
        shows(page, name)
        assert page.problems == []
        run, study = page.run, STUDIES[name]
        if name in SWEEPS:
            assert isinstance(run, Lab)
            assert page.link == {"study": name, "trials": str(study.seeds)}
            assert page.at.button(key="play").label == f"Run {len(study.configs())}"
            assert page.ask()["state"] == "ready"
            assert int(page.at.selectbox(key="lab-seeds").value) == study.seeds
        else:
            assert isinstance(run, CheckRun)
            trials = {"trials": str(study.seeds)} if study.cells else {}  # of pictures that are not here
            assert page.link == {"study": name} | trials
            assert page.at.button(key="play").label == "Measure"
            assert page.at.button(key="play").disabled == bool(study.needs)
        told = [info.value for info in page.at.info]
        assert told == ([missing(study)] if study.needs else [])
        links = [link.proto.label for link in page.at.get("page_link")]
        assert links == ([FETCHED[study.needs][1]] if study.needs else [])


def test_every_study_can_be_linked_to():
    page = studies()
    for name in IDS:
        page.go("studies", {"study": name.lower()})
        shows(page, name)
        assert page.problems == []
        assert page.run.state == ("missing" if STUDIES[name].needs else "ready")


def test_the_figure_decides_which_controls_there_are():
    page = studies()
    for name in SWEEPS:
        page.choose("study", name)
        boxes = {box.key for box in page.at.selectbox}
        assert "lab-seeds" in boxes
        assert ("lab-x" in boxes) == (STUDIES[name].figure == "curves")


# --- seeds and links ------------------------------------------------------------------------------------------------


def test_the_seeds_box_changes_the_study(quick):
    page = studies({"study": "B1"}).to_the_end()
    assert page.run.finished == 10
    options = [int(option) for option in page.at.selectbox(key="lab-seeds").options]
    assert options == sorted({*SEEDS, 10})
    page.choose("lab-seeds", 3)
    assert (page.run.spec.seeds, page.run.state, page.link["trials"]) == (3, "ready", "3")
    assert page.run.configs == STUDIES["B1"].configs(3)
    assert page.at.button(key="play").label == "Run 3"
    assert page.to_the_end().run.finished == 3
    assert page.problems == []


def test_more_seeds_than_a_page_takes_are_not_offered():
    page = studies({"study": "B2", "trials": "3"})
    assert page.at.selectbox(key="lab-seeds").options == ["1", "3", "5", "10", "20"]
    page = studies({"study": "B2", "trials": "100"})
    assert page.sentence.startswith("The link's trials was left out: 3,000 runs are too many for one page")


def test_a_link_opens_the_same_study_in_another_session():
    page = studies("study=C1&trials=10")
    assert (study_of(page).id, page.run.spec.seeds, len(page.run.configs)) == ("C1", 10, 10)
    assert page.problems == []
    other = studies(page.link)
    assert other.run.spec == page.run.spec
    assert other.link == page.link
    assert [int(option) for option in page.at.selectbox(key="lab-seeds").options] == sorted({*SEEDS, 10, 100})


def test_seeds_that_the_box_does_not_offer():
    page = studies("study=A3&trials=7")
    assert page.problems == []
    assert (page.run.spec.seeds, page.at.selectbox(key="lab-seeds").value) == (7, 7)
    assert "7" in page.at.selectbox(key="lab-seeds").options


NO_STUDIES = [
    "",
    " ",
    "A12",
    "F1",
    "<img src=x onerror=alert(1)>",
    "`B2` `C1`",
    "x" * 10_000,
    "²",
    "ß",
    "B2&C1",
    "\x00",
]
NO_TRIALS = ["0", "-1", "abc", "1e1", "²", "1" * 10_000, "201", "999999", "1.5", "<b>", " "]


def test_a_study_that_there_is_not_is_one_sentence():
    page = studies()
    for name in NO_STUDIES:
        page.go("studies", {"study": name})
        assert page.sentence.startswith("The link's study was left out: There is no study ")
        shows(page, FIRST)
        assert page.rerun().problems == []
    page.go("studies", {"study": " c1 "})
    assert page.problems == []
    shows(page, "C1")


def test_trials_that_cannot_be_are_one_sentence():
    page = studies()
    for trials in NO_TRIALS:
        page.go("studies", {"study": "C1", "trials": trials})
        assert page.sentence.startswith("The link's trials was left out: ")
        assert str(MOST_SEEDS) in page.problems[0]
        shows(page, "C1")
        assert page.run.spec.seeds == 100
        assert page.link == {"study": "C1", "trials": "100"}


def test_too_many_trials_for_a_large_study_are_one_sentence():
    page = studies({"study": "B2", "trials": "200"})
    assert page.sentence.startswith("The link's trials was left out: 6,000 runs are too many for one page")
    assert page.run.spec.seeds == 10


def test_a_broken_link_of_two_parts_is_two_sentences():
    page = studies({"study": "nonsense", "trials": "nonsense", "rate": "7", "across": "rate:1"})
    assert len(page.problems) == 2
    shows(page, FIRST)
    assert page.link == {"study": FIRST, "trials": "10"}


def test_trials_of_a_check_change_nothing():
    page = studies({"study": "D1", "trials": "10"})
    assert page.problems == []
    assert page.link == {"study": "D1"}


def test_trials_of_missing_pictures_are_kept_or_refused():
    page = studies({"study": "C4", "trials": "10"})
    assert (page.problems, page.link) == ([], {"study": "C4", "trials": "10"})
    page = studies({"study": "C4", "trials": "999"})
    assert page.sentence.startswith("The link's trials was left out: ")
    assert page.link == {"study": "C4", "trials": str(STUDIES["C4"].seeds)}


def test_another_link_on_the_open_page_opens_its_study(slices):
    page = studies({"study": "C1", "trials": "10"})
    lab = page.click("play").run
    page.at.query_params = {"study": "C3", "trials": "5"}
    page.rerun()
    shows(page, "C3")
    assert page.run is not lab
    assert (page.run.spec.seeds, page.run.state) == (5, "ready")
    page.at.query_params = {"study": "C1", "trials": "10"}  # of a request that was on its way: no new link
    page.rerun()
    shows(page, "C3")


# --- a study of runs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["A2", "A5", "A8", "B2", "B3", "C3", "E2"])
def test_a_study_is_run_to_its_end(name, quick, no_figures, files):
    page = studies({"study": name, "trials": "2"})
    study, lab = STUDIES[name], page.run
    page.to_the_end()
    assert page.run is lab
    assert (lab.progress, lab.finished) == (1, 2 * len(study.cells))
    assert page.at.button(key="play").label == f"Run {2 * len(study.cells)}"
    assert page.problems == []
    header = page.ask()
    assert (header["state"], header["progress"]) == ("finished", 1)
    page.open("download")
    assert {f"{name}.csv", *(f"{name}.{kind}" for kind in FORMATS)} == set(files)
    text, kind = files[f"{name}.csv"]
    assert kind == "text/csv"
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["fingerprint"] for row in rows] == [result.fingerprint for result in lab.results()]
    alone = build(lab.configs[-1], study.own)
    alone.trainer.run()
    assert rows[-1]["fingerprint"] == alone.fingerprint
    assert ("open-live" in page.buttons) == (study.own is None)  # no live page has the samples of A2


@pytest.mark.parametrize("name", ["A2", "B2"])
def test_its_figure_is_the_studys_own(name, quick, files, monkeypatch):
    drawn, original = [], study_page.figure
    monkeypatch.setattr(
        study_page, "figure", lambda study, results: drawn.append((study, results)) or original(study, results)
    )
    page = studies({"study": name, "trials": "1"}).to_the_end().open("download")
    ((study, results),) = drawn
    assert study is STUDIES[name]
    assert all(one.same_as(other) for one, other in zip(results, page.run.results(), strict=True))
    assert files[f"{name}.png"][0].startswith(b"\x89PNG")
    assert files[f"{name}.pdf"][0].startswith(b"%PDF")
    assert b"<svg" in files[f"{name}.svg"][0]


def test_before_it_has_run_there_is_nothing_to_download(files):
    for name in ("C1", "D1", "C4"):
        page = studies({"study": name}).open("download")
        assert any("Nothing to download yet: press " in caption.value for caption in page.at.caption)
    assert not files


def test_the_chosen_cell_is_opened_in_its_live_page(quick, no_figures):
    page = studies({"study": "B2", "trials": "1"}).to_the_end()
    page.do(kind="cell", row=1, column=2)
    config = page.run.configs[8]
    assert (config.batch_size, config.learning_rate) == (10, 0.1)
    page.open("download").click("open-live")
    memory = page.at.session_state[KEY]
    assert (memory.page, page.problems) == ("circles", [])
    assert memory.runs["circles"].config == config
    assert page.link == show_link(config)


def test_stop_and_go_on(slices):
    page = studies({"study": "B1", "trials": "3"})
    page.click("play")
    while not page.run.progress:
        page.tick()
    page.click("pause")
    assert (page.run.state, page.at.button(key="play").label) == ("paused", "Go on")
    progress = page.run.progress
    assert page.tick(2).run.progress == progress
    page.click("play").tick(2)
    assert page.run.progress > progress


def test_curves_over_updates_and_seconds(quick):
    page = studies({"study": "B3", "trials": "1"}).to_the_end()
    for over in ("updates", "seconds", "epochs"):
        page.choose("lab-x", over)
        assert page.ask()["x_label"] == over
    assert page.run.state == "finished"


# --- a measurement --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in CHECKS if name in HERE])
def test_a_check_is_measured_and_shown(name, images, here, monkeypatch):
    monkeypatch.setattr(check, "drawn", lambda figure, kind: PNG)
    monkeypatch.setattr(st.delta_generator.DeltaGenerator, "image", lambda self, shown, **_: images.append(shown))
    page = measured(studies({"study": name}))
    run = page.run
    assert (run.state, page.problems) == ("finished", [])
    assert page.at.button(key="play").label == "Measured"
    assert page.at.button(key="play").disabled
    (table,) = page.at.dataframe
    found = STUDIES[name].measured().rows
    assert list(table.value.columns) == ["what", "report", "ours", "verdict"]
    assert table.value.to_numpy().tolist() == [
        [row[k] for k in ("label", "report", "value", "verdict")] for row in found
    ]
    assert images == ([] if STUDIES[name].figure == "table" else [PNG] * len(images))
    assert bool(images) == (STUDIES[name].figure != "table")
    assert any(caption.value.startswith("Measured in ") for caption in page.at.caption)
    assert page.link == {"study": name}


def test_a_check_is_measured_in_a_process_of_its_own(monkeypatch):
    """And nothing of it in the server's: the figure, too, is drawn of what came back."""
    mine = dataclasses.replace(STUDIES["D1"], measure=lambda: pytest.fail("measured in the server"))
    monkeypatch.setitem(STUDIES, "D1", mine)
    page = measured(studies({"study": "D1"}))
    assert (page.run.state, page.problems) == ("finished", [])
    assert [row["verdict"] for row in page.run.found.rows] == [RIGHT] * len(page.run.found.rows)
    assert page.run.figure().axes
    assert measured(studies({"study": "D1"})).run.found is page.run.found  # the next session finds it


def test_a_process_that_is_killed_is_one_sentence_and_measure_can_be_pressed_again(monkeypatch):
    mine = dataclasses.replace(STUDIES["D1"], measure=lambda: pytest.fail("measured in the server"))
    monkeypatch.setitem(STUDIES, "D1", mine)
    with monkeypatch.context() as patch:
        patch.setattr(measuring, "START", "import os; os._exit(9)")
        page = measured(studies({"study": "D1"}))
    assert page.run.state == "failed"
    (words,) = [warning.value for warning in page.at.warning]
    assert words.startswith("Study D1 was not measured: its process ended before it had an answer")
    assert not page.at.button(key="play").disabled
    measured(page)
    assert (page.run.state, len(page.at.warning)) == ("finished", 0)


def test_the_figure_of_a_check_is_shown_and_downloaded(images, files, here):
    page = measured(studies({"study": "A1"}))
    assert images[-1].startswith(b"\x89PNG")
    light, dark = page.run.png(False), page.run.png(True)
    assert light != dark
    assert page.run.png(True) is dark  # drawn once
    page.open("download")
    assert {"A1.csv", *(f"A1.{kind}" for kind in FORMATS)} == set(files)
    rows = list(csv.DictReader(io.StringIO(files["A1.csv"][0])))
    assert rows == page.run.found.rows
    assert files["A1.png"][0].startswith(b"\x89PNG")
    assert files["A1.pdf"][0].startswith(b"%PDF")
    assert b"<svg" in files["A1.svg"][0]


@pytest.fixture
def here(monkeypatch):
    """What is measured is measured in this process."""
    monkeypatch.setattr(check, "apart", perform)


@pytest.fixture
def slow(monkeypatch, here):
    """D1 as a measurement that waits until it is told to go on, and then does what it is told."""
    go_on, does = threading.Event(), []

    def measure():
        go_on.wait(30)
        if does:
            raise does[0]
        return Measured([row("one", "1", "1", True)])

    monkeypatch.setitem(STUDIES, "D1", dataclasses.replace(STUDIES["D1"], measure=measure))
    yield go_on, does
    go_on.set()


def test_while_it_measures_the_page_says_so(slow):
    go_on, _ = slow
    page = studies({"study": "D1"})
    assert page.run.state == "ready"
    page.click("play")
    assert page.run.state == "playing"
    assert page.at.button(key="play").label == "Measuring …"
    assert page.at.button(key="play").disabled
    assert any(caption.value.startswith("Measuring for ") for caption in page.at.caption)
    began = page.run.measurement.seconds
    page.run.play()  # a click that was on its way
    assert page.run.measurement.seconds >= began
    go_on.set()
    page.run.measurement.wait(30)
    page.rerun()
    assert page.run.state == "finished"
    assert len(page.at.dataframe[0].value) == 1


def test_who_leaves_a_measurement_finds_it_done(slow):
    go_on, _ = slow
    page = studies({"study": "D1"}).click("play")
    run = page.run
    page.go("moons")
    assert run.playing  # it goes on behind the page
    go_on.set()
    run.measurement.wait(30)
    page.go("studies")
    assert page.run is run
    assert len(page.at.dataframe) == 1
    assert page.problems == []
    assert page.link == {"study": "D1"}


def test_what_was_measured_is_there_for_the_next_session(slow):
    go_on, _ = slow
    go_on.set()
    first = measured(studies({"study": "D1"})).run.found
    assert measured(studies({"study": "D1"})).run.found is first


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DataError("The file is damaged; replace it."), "The file is damaged; replace it."),
        (MemoryError(), "The server has not enough memory for this measurement; try again later."),
        (ZeroDivisionError("1/0"), "Study D1 could not be measured; the server's log says why."),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_measurement_that_fails_is_one_sentence_and_can_be_tried_again(slow, error, words):
    go_on, does = slow
    go_on.set()
    does.append(error)
    page = measured(studies({"study": "D1"}))
    assert page.run.state == "failed"
    assert [warning.value for warning in page.at.warning] == [words]
    assert page.at.button(key="play").label == "Measure"
    assert not page.at.button(key="play").disabled
    assert len(page.at.dataframe) == 0
    does.clear()
    measured(page)
    assert page.run.state == "finished"
    assert len(page.at.warning) == 0


# --- leaving and coming back ----------------------------------------------------------------------------------------


def test_who_comes_back_finds_the_study_as_it_was(slices):
    page = studies({"study": "B1", "trials": "3"})
    lab = page.click("play").tick(2).run
    progress, link = lab.progress, page.link
    page.go("grid")
    assert not lab.playing
    assert page.run is not lab
    page.go("studies")
    assert page.run is lab
    assert (page.link, page.problems) == (link, [])
    assert lab.progress == progress
    assert page.at.button(key="play").label == "Go on"
    assert page.click("play").tick(2).run.progress > progress


def test_another_study_and_back_begins_afresh_and_leaves_nothing_playing(slices):
    page = studies({"study": "B1", "trials": "3"})
    lab = page.click("play").tick(2).run
    page.choose("study", "D1")
    assert not lab.playing
    page.choose("study", "B1")
    assert page.run is not lab
    assert (page.run.state, page.run.spec.seeds) == ("ready", 10)


# --- pictures that come, or are damaged -----------------------------------------------------------------------------


def stored(folder, name: str, content: dict[str, bytes]) -> None:
    """Files of a picture set where the app looks for them."""
    (folder / name).mkdir(exist_ok=True)
    for file, raw in content.items():
        (folder / name / file).write_bytes(raw)


@pytest.mark.usefixtures("cache")
def test_pictures_that_have_come_meanwhile(tmp_path, no_figures, files):
    page = studies({"study": "C5", "trials": "1"})
    assert [info.value for info in page.at.info] == [missing(STUDIES["C5"])]
    stored(tmp_path, "mnist", FILES)
    page.rerun()
    assert isinstance(page.run, Lab)
    assert (page.problems, list(page.at.info)) == ([], [])
    shows(page, "C5")
    assert page.run.spec.seeds == 1  # as the link asked for
    page.to_the_end().open("download")
    assert page.run.finished == 3
    assert "C5.csv" in files
    header = page.ask()
    assert [row[0] for row in header["table"]] == ["setting", "ReLU", "sigmoid", "tanh"]


@pytest.mark.usefixtures("cache")
def test_damaged_pictures_are_one_sentence(tmp_path):
    stored(tmp_path, "mnist", {file: raw[:-9] for file, raw in FILES.items()})
    page = studies({"study": "C5", "trials": "1"})
    assert page.sentence.endswith("is a damaged gzip file; download it again.")
    shows(page, FIRST)
    assert page.rerun().problems == []
    page.choose("study", "E3")
    assert page.sentence.endswith("is a damaged gzip file; download it again.")
    shows(page, FIRST)
    assert page.run.state == "ready"
