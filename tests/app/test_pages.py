"""Each page without a browser: it opens, plays, pauses, steps, rewinds, takes changes, and obeys a link."""

import gc
import time
import weakref
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nn_core.optimisers import OPTIMISERS
from playground.experiments.config import Own
from playground.experiments.experiment import build
from playground.experiments.link import show_link
from playground.live.budget import Budget
from playground.live.channel import CHANNELS
from playground.ui import session
from playground.ui.session import KEY
from tests.app.opened import Opened
from tests.pages import APP, FILES, LABS, PAGES, PICTURES, PLANE, VIEWS

each_page = pytest.mark.parametrize("view", VIEWS)
TOO_HOT = {"optimiser": "sgd", "rate": "1000000", "activation": "leaky_relu", "net": "8-8", "seeds": "1-0-0-0"}
BAD = {"optimiser": "foo", "rate": "abc", "net": "1000000000", "batch": "8"}


@each_page
def test_it_opens_plays_pauses_steps_and_rewinds(view):
    page = Opened(view)
    run = page.run
    assert run.config == PAGES[view].default
    assert run.state == "ready"
    assert page.problems == []
    assert PAGES[view].title in page.at.markdown[0].value
    assert page.link == show_link(run.config)
    first = run.trainer.theta.copy()

    page.without_end().click("play")
    assert "pause" in page.buttons
    assert "play" not in page.buttons
    step = run.trainer.step
    assert page.tick(2).run.trainer.step > step

    page.click("pause")
    assert "play" in page.buttons
    step = run.trainer.step
    assert page.tick(2).run.trainer.step == step

    page.click("step")
    assert run.trainer.step == step + 1
    epoch = run.trainer.epoch
    page.click("epoch")
    assert (run.trainer.epoch, run.state) == (epoch + 1, "paused")

    page.click("rewind")
    assert run.trainer.step == 0
    assert np.array_equal(run.trainer.theta, first)

    page.click("weights")
    assert run.trainer.step == 0
    assert not np.array_equal(run.trainer.theta, first)
    assert page.link["seeds"] == f"0-0-{PAGES[view].default.seed_weights + 1}-0"


@each_page
def test_its_recipes(view):
    page = Opened(view)
    for recipe in PAGES[view].recipes:
        page.pick("recipe", recipe.label)
        assert page.run.config == recipe.config
        assert page.at.button_group(key="recipe").value == recipe.label
        page.tick() if page.run.playing else page.click("play")
        assert page.run.trainer.step > 0
        assert page.problems == []
    page.pick("recipe", PAGES[view].recipes[0].label)
    page.choose("batch", "64").choose("rate", "3")
    assert page.at.button_group(key="recipe").value is None  # no recipe any more


@each_page
def test_changes_in_mid_run_keep_the_run_and_others_restart_it(view):
    page = Opened(view).without_end().click("play")
    run, step = page.run, page.run.trainer.step
    page.choose("rate", "0.003").choose("optimiser", "rmsprop").choose("batch", "64")
    page.choose("penalty", "L2 0.001").choose("dropout", "0.1").choose("schedule", "cosine")
    page.choose("activation", "relu") if run.config.hidden else page
    config = run.config
    assert (config.learning_rate, config.batch_size, config.l2, config.dropout) == (0.003, 64, 0.001, 0.1)
    assert type(config.optimiser) is OPTIMISERS["rmsprop"]
    assert {layer.activation.label for layer in config.hidden} <= {"ReLU"}
    assert run.trainer.step > step
    assert run.playing
    assert run.changed_at is not None
    assert page.link["rate"] == "0.003"
    page.click("pause").open("settings")
    page.click("layer-add") if view in PICTURES else page.number("layers", len(config.hidden) + 1)
    assert (run.trainer.step, run.state) == (0, "ready")
    assert len(run.config.hidden) == len(config.hidden) + 1


@each_page
def test_a_link_reproduces_the_run(view):
    config = (
        PAGES[view]
        .recipes[0]
        .config.replace(learning_rate=0.02, batch_size=7, seed_data=1, seed_split=2, seed_weights=3, seed_batches=4)
    )
    page = Opened(view, show_link(config))
    assert page.problems == []
    assert page.run.config == config
    for _ in range(5):
        page.click("step")
    alone = build(config)
    alone.trainer.run(steps=5)
    assert page.run.experiment.fingerprint == alone.fingerprint


@each_page
def test_a_bad_link_says_what_is_wrong_and_the_rest_is_used(view):
    page = Opened(view, BAD)
    assert len(page.problems) == 3
    for problem, key in zip(sorted(page.problems), ("net", "optimiser", "rate"), strict=True):
        assert problem.startswith(f"The link's {key} was left out: ")
    assert page.run.config == PAGES[view].default.replace(batch_size=8)
    assert page.link == show_link(page.run.config)  # the address bar tells the truth again
    assert page.rerun().problems == []
    assert page.click("play").tick().run.trainer.step > 0


@each_page
def test_a_learning_rate_of_a_million_diverges_with_a_message(view):
    page = Opened(view, TOO_HOT).click("play")
    for _ in range(40):
        if page.tick().run.state == "diverged":
            break
    assert page.run.state == "diverged"
    assert page.run.trainer.message.startswith("Diverged at step ")
    assert "play" in page.buttons
    assert page.choose("rate", "0.01").click("rewind").run.state == "ready"


def test_a_number_may_be_typed_and_nonsense_has_its_sentence():
    page = Opened("moons").type("rate", "0.0123").type("batch", "full")
    assert (page.run.config.learning_rate, page.run.config.batch_size) == (0.0123, 0)
    page.type("rate", "abc")
    assert page.problems == ["learning_rate must be a number from 0 to 1,000,000,000, not 'abc'."]
    page.type("batch", "-3")
    assert page.problems == ["batch_size must be a whole number from 0 to 1,000,000, not '-3'."]
    page.type("dropout", "<b>1</b>")
    assert page.problems == ["dropout must be a number from 0 to 0.9, not '<b>1</b>'."]
    assert (page.run.config.learning_rate, page.run.config.batch_size) == (0.0123, 0)
    assert page.at.selectbox(key="rate").value == "0.0123"  # the box returns to the truth


@pytest.mark.parametrize("view", PLANE)
def test_what_is_behind_data_and_settings(view):
    page = Opened(view)
    keys = {widget.key for kind in ("number_input", "selectbox", "toggle") for widget in page.at.get(kind)}
    assert not {"seed-data", "speed"} & keys  # closed: nothing is computed that nobody sees
    page.open("data")
    keys = {widget.key for widget in page.at.number_input}
    assert {"seed-data", "seed-split", "validation-share", "test-share"} <= keys
    assert {toggle.key for toggle in page.at.toggle} >= {"standardise"}
    data = page.run.experiment.data
    assert any(f"{len(data.train):,} samples to train on" in caption.value for caption in page.at.caption)
    if len(PAGES[view].sets) > 1:
        assert len(page.at.selectbox(key="data-set").options) == len(PAGES[view].sets)
    page.at.session_state["data-popover"] = False
    page.open("settings")
    assert [tab.label for tab in page.at.tabs] == ["Network", "Training", "Stop", "Seeds", "Weights", "View"]
    keys = {widget.key for widget in page.at.number_input}
    assert {"layers", "l1", "l2", "stop_epochs", "stop_patience", "seed-weights", "seed-batches", "edit-value"} <= keys
    page.number("stop_epochs", 2).click("epoch").click("epoch")
    assert (page.run.state, page.run.trainer.epoch) == ("finished", 2)


def test_the_app_names_every_page_once():
    text = APP.read_text(encoding="utf-8")
    assert [text.count(f'"views/{view}.py"') for view in FILES] == [1] * text.count("st.Page(")
    for view, page in PAGES.items():
        assert page.key == view
        assert page.recipes[page.start].config == page.default


def test_every_page_is_found_by_some_test():
    """Live pages and labs are tested by existing; a page of another kind needs tests of its own, as these two have."""
    others = set(FILES) - set(PAGES) - set(LABS)
    assert others == {"gradients", "studies"}
    assert all((Path(__file__).parent / f"test_{view}.py").is_file() for view in others)
    assert not set(PAGES) & set(LABS)


def test_pages_are_left_and_found_again_as_they_were():
    page = Opened("moons").click("play").tick(2)
    run = page.run
    page.go("xor")
    assert not run.playing
    step = run.trainer.step
    assert page.run.config == PAGES["xor"].default
    page.tick(2)
    page.go("moons")
    assert page.run is run
    assert run.trainer.step == step
    assert set(page.at.session_state[KEY].runs) == {"swiss_roll", "moons", "xor"}


def test_a_request_with_an_older_link_of_the_page_is_no_new_link():
    """While it plays, a request may be on its way when a change writes another link into the address bar."""
    page = Opened("moons").click("play")
    older = dict(page.link)
    page.choose("rate", "0.003").choose("rate", "0.1")
    run, newest = page.run, dict(page.link)
    for link in (older, {**older, "rate": "0.003"}, newest):
        page.at.query_params = link
        page.rerun()
        assert page.run is run
        assert (run.playing, run.config.learning_rate) == (True, 0.1)
        assert page.link == newest
    page.at.query_params = {**older, "rate": "0.3"}  # a link that the page has not written is one
    page.rerun()
    assert page.run is not run
    assert page.run.config.learning_rate == 0.3


# --- the stage and the page around it ----------------------------------------------------------------------------


def test_the_page_is_due_when_the_run_has_ended(monkeypatch):
    """The frame that shows the end says so, and the run of the script that it asks for brings Play back."""
    monkeypatch.setattr(Budget, "slice_for", lambda self, session: 1e-9)
    page = Opened("moons", "stop_epochs=1").click("play")
    due = []
    while page.run.playing:
        assert "pause" in page.buttons
        due.append(page.ask()["due"])
    assert due == [""] * (len(due) - 1) + ["transport"]
    assert len(due) > 2
    assert page.ask()["due"] == "transport"  # until the page has been drawn
    page.rerun()
    assert "play" in page.buttons
    assert [page.ask()["due"] for _ in range(3)] == [""] * 3


@each_page
def test_what_plays_does_not_run_the_script(view, monkeypatch):
    page = Opened(view).without_end().click("play")
    monkeypatch.setattr(page, "_run", lambda: pytest.fail("The page was drawn for a picture."))
    step = page.tick(5).run.trainer.step
    assert page.tick(5).run.trainer.step > step


@each_page
def test_a_press_that_the_stage_tells_of_draws_the_buttons_anew(view):
    page = Opened(view).without_end()
    assert page.ask({"kind": "press", "button": "play"})["due"] == "transport"
    assert page.tick().run.playing
    assert "pause" in page.buttons
    page.do(kind="press", button="pause")
    assert "play" in page.buttons
    step = page.run.trainer.step
    page.do(kind="press", button="step")
    assert page.run.trainer.step == step + 1


@pytest.mark.parametrize("view", [*VIEWS, *LABS])
def test_the_buttons_that_the_stage_listens_to_are_on_the_page(view):
    """It knows them by the keys that they have there."""
    page = Opened(view)
    told = set(page.ask()["buttons"])
    assert told - {"pause"} <= set(page.buttons)
    page.channel.press("play")
    assert told - {"play"} <= set(page.rerun().buttons)


@pytest.mark.parametrize("view", PLANE)
def test_what_is_done_on_the_canvas_is_done_on_the_page(view):
    page = Opened(view)
    config = page.run.config
    page.do(kind="layer", by=1)
    assert len(page.run.config.hidden) == len(config.hidden) + 1
    assert page.link == show_link(page.run.config)  # the address bar follows
    assert page.at.button_group(key="recipe").value is None
    page.do(kind="layer", by=-1)
    assert page.run.config == config
    assert page.link == show_link(config)
    assert page.problems == []
    page.do(kind="bias", column=0, to=0, value=0.5)
    assert page.ask()["due"] == ""  # it is on the stage alone
    page.do(kind="feature", key="x99")
    assert page.sentence == "There is no such feature for these data."
    assert page.rerun().problems == []


@pytest.mark.parametrize("view", PLANE)
def test_points_are_painted_where_there_are_brushes_and_nowhere_else(view):
    page = Opened(view)
    stroke = {"kind": "paint", "points": [[0.1, 0.2], [0.3, -0.4]], "class": 1}
    count = sum(len(part) for part in (page.run.experiment.data.train, page.run.experiment.data.test))
    can = page.ask()["paint"] is not None
    page.do(**stroke)
    assert isinstance(page.run.config.data, Own) == can == (view == "own_data")
    if can:
        data = page.run.experiment.data
        assert len(data.train) + len(data.validation) + len(data.test) == count + 2 + len(data.validation)
        assert page.link == show_link(page.run.config)
        page.at.button_group(key="brush").set_value(None)
        page.rerun()
        config = page.run.config
        page.do(**stroke)
        assert page.run.config == config
    assert page.sentence == "The page and the server do not fit together any more; reload the page."


def test_a_stage_that_is_connected_is_sent_its_pictures_over_the_wire_alone():
    class Socket:
        pokes = 0

        def poke(self):
            self.pokes += 1

    page, socket = Opened("moons"), Socket()
    page.channel.connect(socket)
    before = page.run.frame_number
    page.choose("rate", "0.3")
    assert set(page.first) == {"token", "arrays"}
    assert page.first["token"] == page.stage.token
    assert socket.pokes == 1
    assert page.run.frame_number == before + 1  # that which the stage has asked for
    page.channel.disconnect(socket)
    assert page.rerun().first["run"] == page.run.name


def test_who_comes_back_before_the_old_socket_is_closed_finds_a_stage_with_a_picture():
    page = Opened("moons")
    page.channel.connect(SimpleNamespace(poke=lambda: None))
    page.go("xor")
    page.go("moons")
    assert page.channel.connection is not None
    assert page.first["run"] == page.run.name


def test_each_session_has_runs_and_tokens_of_its_own():
    """Who holds the token of one drives that one, and sees nothing of the other."""
    one, other = Opened("moons"), Opened("moons")
    assert one.stage.token != other.stage.token
    one.do(kind="units", layer=0, by=1)
    one.do(kind="press", button="step")
    assert other.run is not one.run
    assert (other.run.config, other.run.trainer.step) == (PAGES["moons"].default, 0)
    assert other.ask()["run"] == other.run.name != one.ask()["run"]
    one.go("xor")
    assert one.stage.token not in (other.stage.token, "")


def test_a_page_keeps_its_token_and_another_has_its_own():
    page = Opened("moons")
    token = page.stage.token
    page.choose("rate", "0.3").pick("recipe", PAGES["moons"].recipes[-1].label)
    assert page.stage.token == token
    page.at.query_params = show_link(PAGES["moons"].recipes[0].config)  # another run in its place
    assert page.rerun().stage.token == token
    assert page.go("xor") is None
    assert page.stage.token != token
    page.go("moons")
    assert page.stage.token == token


def test_runs_of_pages_long_left_are_let_go(monkeypatch):
    page = Opened("moons").choose("rate", "0.3").click("play").tick()
    token, link, run = page.stage.token, page.link, weakref.ref(page.run)
    page.go("xor")
    page.go("circles")
    assert page.at.session_state[KEY].runs["moons"] is run()  # not yet
    now = time.monotonic() + session.KEPT_FOR + 1
    monkeypatch.setattr(session, "time", SimpleNamespace(monotonic=lambda: now))
    page.go("peaks")
    memory = page.at.session_state[KEY]
    assert set(memory.runs) == set(memory.channels) == {"circles", "peaks"}
    gc.unfreeze()
    gc.collect()
    assert run() is None
    assert token not in CHANNELS
    page.go("moons")
    assert (page.run.config.learning_rate, page.run.trainer.step, page.link) == (0.3, 0, link)
    assert page.problems == []
    assert page.stage.token != token
