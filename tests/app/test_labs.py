"""The labs without a browser: every recipe runs to its end, all controls obey, what is downloaded is what was run."""

import csv
import io
from itertools import cycle

import pytest

from playground.datasets.pictures import PICTURES as PICTURE_SETS
from playground.datasets.pictures import Digits
from playground.experiments.config import SOURCES
from playground.experiments.experiment import build, with_data
from playground.experiments.link import read_link, show_link
from playground.experiments.stacks import Stack
from playground.figures.labs import FORMATS
from playground.live.labs.axes import AXES, axis, show_values
from playground.live.labs.forms import FORMS
from playground.live.labs.spec import LabSpec, read_lab, show_lab
from playground.ui.session import KEY
from tests.app.opened import Opened
from tests.pages import LAB_RECIPES, LABS, PICTURES, PLANE, lab_recipe_of
from tests.pages import PAGES as LIVE

pytestmark = pytest.mark.usefixtures("slices")

SMALL = {"stop_epochs": "4", "trials": "2", "budget": "0"}
# The loss surface takes its time, to be looked at.
MANY = [view for view, page in LABS.items() if page.form is not FORMS["surface"]]
ACROSS = [view for view in MANY if LABS[view].form.axes]
GRID = next(view for view, page in LABS.items() if page.form is FORMS["grid"])
PICTURE_LABS = [view for view in MANY if LABS[view].form.takes_images]
each_lab = pytest.mark.parametrize("view", MANY)


def write(page: Opened, key: str, text: str) -> Opened:
    """Type into a text field."""
    page.at.text_input(key=key).set_value(text)
    return page.rerun()


def table(files) -> list[dict[str, str]]:
    """The rows of the CSV file that is offered."""
    text = next(data for name, (data, _) in files.items() if name.endswith(".csv"))
    return list(csv.DictReader(io.StringIO(text)))


# --- each lab -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("view", "label"), [(view, label) for view, label in LAB_RECIPES if view in MANY])
def test_every_recipe_runs_to_its_end(view, label):
    page = Opened(view)
    recipe = lab_recipe_of(view, label)
    page.pick("recipe", label)
    assert page.run.spec == recipe.spec
    assert page.at.button_group(key="recipe").value == label
    assert page.link == show_lab(recipe.spec)
    assert page.at.button(key="play").label == f"Run {len(recipe.spec.configs())}"
    base = recipe.spec.base  # a tenth of it will do: the whole is run in the browser
    page.run.apply(recipe.spec.replace(base=base.replace(stop_epochs=max(3, base.stop_epochs // 10))))
    page.rerun().to_the_end()
    assert (page.run.progress, page.run.finished) == (1, len(recipe.spec.configs()))
    assert page.at.button(key="play").label == f"Run {len(recipe.spec.configs())}"
    assert page.problems == []
    header = page.ask()
    assert (header["state"], header["progress"]) == ("finished", 1)


@each_lab
def test_it_opens_with_its_first_recipe(view):
    page = Opened(view)
    recipe = LABS[view].recipes[0]
    assert page.run.spec == recipe.spec
    assert page.run.state == "ready"
    assert page.problems == []
    assert LABS[view].title in page.at.markdown[0].value
    assert page.at.button_group(key="recipe").value == recipe.label
    assert LABS[view].key == view


@each_lab
def test_stop_and_go_on(view, slices):
    page = Opened(view, SMALL | {"stop_epochs": "2000"})
    spec = page.run.spec
    page.click("play")
    assert page.run.playing
    assert page.at.button(key="pause").label == "Stop"
    assert "play" not in page.buttons
    while not page.run.progress:
        page.tick()
    page.click("pause")
    assert (page.run.state, page.run.playing) == ("paused", False)
    assert 0 < page.run.progress < 1
    assert page.at.button(key="play").label == "Go on"
    done = page.run.progress
    assert page.tick(2).run.progress == done
    page.click("play").tick(2)
    assert page.run.progress > done
    assert (page.run.spec, page.problems) == (spec, [])


@each_lab
def test_seeds_change_the_lab(view):
    page = Opened(view, SMALL)
    options = [int(option) for option in page.at.selectbox(key="lab-seeds").options]
    assert options == sorted({*LABS[view].form.seeds, 2})
    page.to_the_end()
    page.choose("lab-seeds", options[-1])
    assert (page.run.spec.seeds, page.link["trials"], page.run.state) == (options[-1], str(options[-1]), "ready")
    assert page.to_the_end().run.finished == len(page.run.configs)


@pytest.mark.parametrize("view", ACROSS)
def test_another_setting_and_other_values_change_the_lab(view):
    page = Opened(view, SMALL)
    down = page.run.spec.down
    page.choose("lab-across", "l1")
    assert page.run.spec.across == axis("l1", AXES["l1"].example)
    assert page.at.text_input(key="lab-across-values").value == show_values(*page.run.spec.across)
    assert page.at.button_group(key="recipe").value is None  # no recipe any more
    write(page, "lab-across-values", "0.5,1")
    assert page.run.spec.across == ("l1", (0.5, 1.0))
    assert (page.link["across"], page.run.spec.down) == ("l1:0.5, 1", down)
    assert page.to_the_end().run.finished == len(page.run.configs) == 2 * 2 * page.run.spec.rows
    write(page, "lab-across-values", "0.5, 0.5")
    assert page.sentence == "L1 has a value twice; name each once."
    assert page.run.state == "finished"  # nothing is lost
    assert page.at.text_input(key="lab-across-values").value == "0.5, 1"  # the field returns to the truth


def test_every_setting_can_be_varied():
    page = Opened(GRID, SMALL | {"down": "none", "trials": "1", "stop_epochs": "2"})
    for key in [*list(AXES)[1:], next(iter(AXES))]:
        page.choose("lab-across", key)
        assert page.problems == []
        assert page.run.spec.across[0] == key
        assert page.to_the_end().run.finished == len(page.run.configs) > 1


def test_both_settings_of_a_grid(files):
    page = Opened(GRID, SMALL)
    page.choose("lab-down", "units")
    write(page, "lab-down-values", "3, 1")
    assert page.run.spec.down == ("units", (3, 1))
    page.choose("lab-down", page.run.spec.across[0])
    assert page.sentence.startswith("across and down are both learning rate")
    assert page.run.spec.down == ("units", (3, 1))
    page.choose("lab-across", "l2").choose("lab-down", "rate")  # changing places takes a detour
    assert (page.run.spec.across[0], page.run.spec.down[0]) == ("l2", "rate")


def test_nonsense_among_the_values_is_one_sentence():
    page = Opened(GRID, SMALL | {"across": "units:1,2"}).to_the_end()
    before = page.run.results()
    many = ",".join(map(str, range(1, 14)))
    for text in ("", "a", "1,1", "-1", "1" * 10_000, "<img src=x onerror=alert(1)>", many):
        write(page, "lab-across-values", text)
        sentence = page.sentence
        assert "int_max_str" not in sentence
        assert len(sentence) < 300
        assert page.run.spec.across == ("units", (1, 2))
        assert page.run.state == "finished"
        assert page.at.text_input(key="lab-across-values").value == "1, 2"
    assert all(one.same_as(other) for one, other in zip(before, page.run.results(), strict=True))


def test_curves_over_updates_and_seconds():
    view = next(view for view, page in LABS.items() if page.form is FORMS["compare"])
    page = Opened(view, SMALL).to_the_end()
    name = page.run.name
    for over in ("updates", "seconds", "epochs"):
        page.choose("lab-x", over)
        assert page.ask()["x_label"] == over
    assert (page.run.name, page.run.state) == (name, "finished")  # only looked at in another way


# --- settings -------------------------------------------------------------------------------------------------------


@each_lab
def test_settings_change_the_base(view):
    page = Opened(view, SMALL | {"across": "none", "down": "none"}).open("settings")
    write(page, "lab-base-rate", "0.07")
    write(page, "lab-base-batch", "full")
    write(page, "lab-base-net", "3-res4")
    write(page, "lab-base-activation", "relu")
    write(page, "lab-base-optimiser", "adam(beta1=0.8)")
    write(page, "lab-base-init", "he")
    write(page, "lab-base-l2", "0.01")
    write(page, "lab-base-stop_epochs", "3")
    assert page.problems == []
    base = page.run.spec.base
    assert (base.learning_rate, base.batch_size, base.l2, base.stop_epochs) == (0.07, 0, 0.01, 3)
    shown = {"net": "3-res4", "activation": "relu", "optimiser": "adam(beta1=0.8)", "init": "he", "batch": "full"}
    assert {key: page.link[key] for key in shown} == shown
    assert {key: page.at.text_input(key=f"lab-base-{key}").value for key in shown} == shown
    assert page.to_the_end().run.finished == len(page.run.configs) == 2


@each_lab
def test_every_data_set_that_is_offered(view):
    """Those whose files are not here are one sentence, and the lab stays as it was."""
    page = Opened(view, SMALL | {"across": "none", "down": "none"}).open("settings")
    here = []
    for name in list(page.at.selectbox(key="lab-data").options):
        key = next(key for key, kind in SOURCES.items() if kind.label == name)
        before = page.run.spec, page.run.name
        page.choose("lab-data", key)
        if not getattr(SOURCES[key], "is_here", lambda: True)():
            assert page.sentence.startswith(f"{name} is not on this computer; fetch it with Download on its page")
            assert (page.run.spec, page.run.name, page.run.state) == (*before, "finished")
            assert page.at.selectbox(key="lab-data").value == here[-1]
            assert page.rerun().problems == []
            continue
        here.append(key)
        assert page.problems == []
        assert type(page.run.config.data) is SOURCES[key]
        assert page.at.selectbox(key="lab-data").value == key
        assert page.to_the_end().run.finished == 2
    assert {kind for kind in here if kind in PICTURE_SETS} == ({"digits"} if LABS[view].form.takes_images else set())
    if here[-1] == "digits":  # and back to the plane, where a net for pictures is none
        page.choose("lab-data", here[0])
        assert page.problems == []
        assert page.run.config == with_data(LABS[view].recipes[0].spec.base, SOURCES[here[0]]())
        assert page.to_the_end().run.finished == 2


@pytest.mark.parametrize("view", PICTURE_LABS)
def test_a_setting_that_pictures_do_not_take_gives_way_to_their_recipe(view):
    page = Opened(view, SMALL | {"across": "batch:8,full", "down": "none"}).open("settings")
    page.choose("lab-data", "digits")
    assert page.problems == []
    assert page.run.spec == next(r.spec for r in LABS[view].recipes if type(r.spec.base.data) is Digits)
    page.choose("lab-across", "batch")  # its first values suit pictures as well
    assert page.problems == []
    page = Opened(view, SMALL | {"across": "units:2,4", "down": "none"}).open("settings")
    write(page, "lab-across-values", "4, 2048")
    assert page.sentence == "net must have from 1 to 64 units in each layer, not 2,048."
    page.choose("lab-across", "rate").choose("lab-data", "digits").choose("lab-across", "units")
    write(page, "lab-across-values", "4, 2048")
    assert page.problems == []
    assert page.run.spec.across == ("units", (4, 2048))


REFUSED = [
    ("net", "0-0", "net stays as it was: each layer must have a whole number of units from 1 to 64"),
    ("net", "", "net stays as it was: "),
    ("activation", "tanhh", "activation stays as it was: activation 'tanhh' is not known"),
    ("optimiser", "<b>sgd</b>", "optimiser stays as it was: optimiser '<b>sgd</b>' cannot be read"),
    ("rate", "fast", "rate stays as it was: learning_rate must be a number"),
    ("batch", "-1", "batch stays as it was: batch must be a whole number, or full"),
    ("init", "x" * 10_000, "init stays as it was: "),
    ("l2", "11", "l2 stays as it was: l2 must be a number from 0 to 10"),
    ("stop_epochs", "0", "epochs must be from 1 to 5,000, not 0."),
    ("stop_epochs", "9" * 10_000, "stop_epochs stays as it was: "),
]


def test_settings_refuse_nonsense_and_nothing_is_lost():
    page = Opened(GRID, SMALL).to_the_end().open("settings")
    spec, results = page.run.spec, page.run.results()
    for key, text, words in REFUSED:
        shown = page.at.text_input(key=f"lab-base-{key}").value
        write(page, f"lab-base-{key}", text)
        assert page.sentence.startswith(words)
        assert (page.run.spec, page.run.state) == (spec, "finished")
        assert page.at.text_input(key=f"lab-base-{key}").value == shown
        assert page.rerun().problems == []
    assert all(one.same_as(other) for one, other in zip(results, page.run.results(), strict=True))


# --- downloads ------------------------------------------------------------------------------------------------------


@each_lab
def test_downloads_are_there_when_something_has_run(view, files):
    page = Opened(view, SMALL).open("download")
    assert not files
    assert any("press Run first" in caption.value for caption in page.at.caption)
    page.to_the_end()
    assert {f"{view}.csv", *(f"{view}.{kind}" for kind in FORMATS)} == set(files)
    assert {kind for _, kind in files.values()} == {"text/csv", *FORMATS.values()}
    assert files[f"{view}.png"][0].startswith(b"\x89PNG")
    assert files[f"{view}.pdf"][0].startswith(b"%PDF")
    assert b"<svg" in files[f"{view}.svg"][0]
    assert "open-live" in page.buttons


@each_lab
def test_the_table_has_a_row_for_each_run_that_can_be_made_again(view, files):
    page = Opened(view, SMALL | {"rate": "0.2"}).to_the_end().open("download")
    spec, rows = page.run.spec, table(files)
    assert len(rows) == len(spec.configs())
    for row, config, result in zip(rows, spec.configs(), page.run.results(), strict=True):
        query = dict(part.split("=", 1) for part in row["link"].split("&"))
        found, problems = read_link(query, LIVE["moons"].default)
        assert (found, problems) == (config, [])
        assert (row["seed_weights"], row["seed_batches"]) == (str(config.seed_weights), str(config.seed_batches))
        assert row["state"] == ("diverged" if result.diverged else "finished")
        assert row["steps"] == str(result.steps)
        assert {name: float(row[name]) for name in result.final} == result.final
    for row, config in list(zip(rows, spec.configs(), strict=True))[:: max(1, len(rows) // 7)]:
        alone = build(config)
        alone.trainer.run()
        assert row["fingerprint"] == alone.fingerprint


def test_the_table_names_the_cell_of_each_run_also_while_it_runs(files):
    """Also while some stacks have not begun: units across, so that a stack is a column."""
    page = Opened(GRID, SMALL | {"across": "units:2,3,4", "down": "rate:0.1,1", "stop_epochs": "2000"})
    lab = page.run  # between two slices, the first of which was over when two of three stacks were made
    lab.stacks.append(Stack([lab.configs[i] for i in lab.groups[1]]))
    for stack in lab.stacks:
        stack.trainer.run(epochs=2)
    page.open("download")
    rows = table(files)
    assert len(rows) == 8  # two of three columns have begun
    for row in rows:
        query = dict(part.split("=", 1) for part in row["link"].split("&"))
        assert (row["units in a layer"], row["learning rate"]) == (query["net"], query["rate"])
        assert row["state"] != "finished"


def test_the_table_of_runs_that_diverge(files):
    page = Opened(GRID, SMALL | {"across": "rate:0.1,1000000", "down": "none", "activation": "linear", "net": "8-8"})
    page.to_the_end().open("download")
    assert [row["state"] for row in table(files)] == ["finished", "finished", "diverged", "diverged"]
    for row, config in zip(table(files), page.run.configs, strict=True):
        alone = build(config)
        alone.trainer.run()
        assert row["fingerprint"] == alone.fingerprint


def test_a_table_without_anything_varied(files):
    Opened(GRID, SMALL | {"across": "none", "down": "none"}).to_the_end().open("download")
    assert len(table(files)) == 2
    assert next(iter(table(files)[0])) == "seed_weights"


# --- to the live page -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", ["circles", "peaks", "swiss_roll", "checkerboard", "sine"])
def test_a_chosen_cell_is_opened_in_the_live_page(data):
    values = {"loss": "mse", "features": "x1"} if data == "sine" else {}
    page = Opened(GRID, {"data": data, **values} | SMALL | {"across": "rate:0.1,0.2", "down": "batch:10,full"})
    assert page.problems == []
    page.to_the_end()
    page.do(kind="cell", row=1, column=0)
    lab, config = page.run, page.run.configs[4]
    assert (config.batch_size, config.learning_rate, config.seed_weights) == (0, 0.1, 0)
    page.open("download").click("open-live")
    memory = page.at.session_state[KEY]
    assert memory.page in PLANE
    assert data in (memory.page, "checkerboard", "sine")
    run = memory.runs[memory.page]
    assert run.config == config
    assert (run.state, page.problems) == ("ready", [])
    assert page.link == show_link(config)
    run.trainer.run()
    assert run.experiment.fingerprint == lab.results()[4].fingerprint
    page.go(GRID)
    assert page.run is lab
    assert lab.state == "finished"


def test_without_a_click_the_best_run_is_opened():
    page = Opened(GRID, SMALL | {"data": "moons", "across": "rate:0.001,0.1,1000000", "down": "none"}).to_the_end()
    best = max(page.run.results(), key=lambda run: (not run.diverged, run.final["test_metric"]))
    page.open("download").click("open-live")
    assert page.at.session_state[KEY].runs["moons"].config == best.config


def test_the_run_to_open_is_chosen_by_the_keyboard_too():
    """What a click on a cell does, a list does as well."""
    page = Opened(GRID, SMALL | {"data": "moons", "across": "rate:0.001,0.1", "down": "batch:8,16"}).to_the_end()
    page.open("download").choose("lab-chosen", 2)
    assert page.run.chosen == (1, 0)
    assert page.ask()["chosen"] == 2
    page.choose("lab-chosen", None)
    assert page.run.chosen is None
    config = page.choose("lab-chosen", 1).run.configs[2]
    page.click("open-live")
    assert page.at.session_state[KEY].runs["moons"].config == config


def test_a_loss_surface_of_several_shapes_is_one_sentence():
    page = Opened("surface", {"across": "units:2,4"})
    assert page.sentence.startswith("The link could not be used: A loss surface needs networks of one shape")
    assert "units in a layer" not in page.at.selectbox(key="lab-across").options


def test_a_link_that_names_data_alone_takes_features_that_these_have():
    page = Opened(GRID, {"data": "sine"} | SMALL)
    assert page.problems == []
    assert page.run.config.features == ("x1",)


# --- links ----------------------------------------------------------------------------------------------------------


@each_lab
def test_a_link_opens_the_same_lab_in_another_session(view, slices):
    page = Opened(view, SMALL).open("settings")
    write(page, "lab-base-rate", "0.0123")
    if "lab-across" in {box.key for box in page.at.selectbox}:
        page.choose("lab-across", "activation")
        write(page, "lab-across-values", "tanh, elu(alpha=0.5)")
    other = Opened(view, page.link)
    assert other.problems == []
    assert other.run.spec == page.run.spec
    assert other.link == page.link
    assert other.run is not page.run


@each_lab
def test_a_bad_link_says_what_is_wrong_and_the_rest_is_used(view):
    page = Opened(view, {"rate": "abc", "across": "colour:red", "trials": "0", "batch": "8", "stop_epochs": "7"})
    assert sorted(problem.split(" was left out")[0] for problem in page.problems) == [
        "The link's across",
        "The link's rate",
        "The link's trials",
    ]
    first = LABS[view].recipes[0].spec
    assert page.run.spec == first.replace(base=first.base.replace(batch_size=8, stop_epochs=7))
    assert page.link == show_lab(page.run.spec)
    assert page.rerun().problems == []


@each_lab
def test_a_lab_that_cannot_be_built_is_one_sentence(view):
    page = Opened(view, {"features": "x1,x9"})
    assert "x9" in page.sentence
    assert page.run.spec == LABS[view].recipes[0].spec


@pytest.mark.parametrize("part", ["across", "down", "trials", "budget", "rate", "stop_epochs"])
def test_ten_thousand_characters_are_one_sentence(part):
    page = Opened(GRID, {part: "units:" + "1" * 10_000 if part in ("across", "down") else "1" * 10_000})
    assert len(page.sentence) < 300
    assert page.run.spec == LABS[GRID].recipes[0].spec


@pytest.mark.parametrize(("view", "live"), list(zip(cycle(MANY), PLANE, strict=False)))
def test_a_link_of_a_live_page_costs_at_most_a_sentence(view, live):
    link = {"data": "own(fingerprint=abc)"} if live == "own_data" else show_link(LIVE[live].default)
    page = Opened(view, link)
    assert len(page.problems) <= 1, page.problems
    if page.run.spec.seeds < 100:
        assert page.click("play").run.progress > 0


@each_lab
@pytest.mark.parametrize("live", PICTURES)
def test_a_link_of_a_picture_page(view, live):
    """Labs for the plane refuse it with one sentence; the others take it, if what they vary fits pictures."""
    page = Opened(view, show_link(LIVE[live].default) | {"across": "rate:0.01,0.1", "down": "none", "trials": "2"})
    spec, first = page.run.spec, LABS[view].recipes[0].spec
    if LABS[view].form.takes_images:
        assert page.problems == []
        assert spec == LabSpec(LIVE[live].default, ("rate", (0.01, 0.1)), None, 2)
        page.run.apply(spec.replace(base=spec.base.replace(stop_epochs=1, data=Digits(100))))
        assert page.rerun().to_the_end().run.finished == 4
        assert page.link["data"] == "digits(samples=100)"
    else:
        assert page.sentence == (
            "The link's data was left out: this lab is for the plane; Grid and Compare take pictures."
        )
        assert spec == first
        assert page.link == show_lab(first)
    assert page.rerun().problems == []


@pytest.mark.parametrize("view", PICTURE_LABS)
@pytest.mark.parametrize("data", ["mnist", "fashion_mnist", "cifar10"])
def test_a_link_to_pictures_that_are_not_here(view, data):
    page = Opened(view, {"data": data, "down": "none", "across": "rate:0.01,0.1"})
    assert page.sentence.startswith(f"The link's data was left out: {SOURCES[data].label} is not on this computer; ")
    assert page.run.spec == LABS[view].recipes[0].spec
    assert page.click("play").run.progress > 0


@pytest.mark.parametrize("view", PICTURE_LABS)
def test_the_table_and_the_live_page_of_runs_on_pictures(view, files):
    link = {"data": "digits(samples=200)", "across": "rate:0.001,0.1", "down": "none", "net": "8", "trials": "2"}
    page = Opened(view, link | {"stop_epochs": "2", "init": "he"}).to_the_end().open("download")
    rows = table(files)
    assert len(rows) == 4
    for row, config in zip(rows, page.run.configs, strict=True):
        alone = build(config)
        alone.trainer.run()
        assert row["fingerprint"] == alone.fingerprint
        query = dict(part.split("=", 1) for part in row["link"].split("&"))
        assert read_link(query, LIVE["digits"].default) == (config, [])
    assert {f"{view}.csv", *(f"{view}.{kind}" for kind in FORMATS)} == set(files)
    page.do(kind="cell", row=0, column=1)
    page.click("open-live")
    memory = page.at.session_state[KEY]
    assert memory.page == "digits"
    assert memory.runs["digits"].config == page.run.configs[2]
    assert page.problems == []


@pytest.mark.parametrize("view", [view for view in MANY if view != GRID])
def test_a_lab_varies_nothing_that_it_cannot_show(view):
    """A link may name two settings, of which this page has a control for one, or for none."""
    page = Opened(view, SMALL | {"across": "rate:0.1,0.2", "down": "l2:0,0.1"})
    shown = {box.key.removeprefix("lab-") for box in page.at.selectbox}
    varied = {name for name in ("across", "down") if getattr(page.run.spec, name)}
    assert varied <= shown
    assert len(page.problems) <= 2


def test_from_a_lab_to_a_live_page_and_back_keeps_both(slices):
    page = Opened(GRID, SMALL | {"stop_epochs": "3000"})
    lab = page.click("play").tick(2).run
    link, progress = page.link, lab.progress
    page.go("moons")
    assert not lab.playing
    run = page.click("play").tick(2).run
    step = run.trainer.step
    page.go(GRID)
    assert page.run is lab
    assert not run.playing
    assert (page.link, page.problems) == (link, [])
    assert (lab.state, lab.progress) == ("paused", progress)
    assert page.at.button(key="play").label == "Go on"
    page.go("moons")
    assert page.run is run
    assert run.trainer.step >= step
    assert page.link == show_link(run.config)


@each_lab
def test_from_one_lab_to_every_other_and_back(view):
    page = Opened(view, SMALL)
    lab = page.run
    for other in LABS:
        if other != view:
            page.go(other)
            assert page.run.spec == LABS[other].recipes[0].spec
            assert page.problems == []
    page.go(view)
    assert page.run is lab
    assert page.problems == []
    assert page.link == show_lab(lab.spec)
    assert read_lab(page.link, LABS[view].recipes[0].spec)[0] == lab.spec


def test_an_older_link_of_the_page_is_no_new_link():
    page = Opened(GRID, SMALL)
    lab, older = page.run, dict(page.link)
    page.choose("lab-across", "l1")
    page.at.query_params = older  # of a request that was on its way
    page.rerun()
    assert page.run is lab
    assert page.run.spec.across[0] == "l1"
    page.at.query_params = older | {"trials": "7"}
    page.rerun()
    assert page.run is not lab
    assert page.run.spec.seeds == 7
