"""A channel: what is done is done once on whichever way it comes, and the page hears of what it has to draw anew."""

import gc
import time
from types import SimpleNamespace

import pytest

from nn_core.activations import Tanh
from nn_core.layers import Dense
from playground.datasets.pictures import Digits
from playground.datasets.plane import Moons
from playground.experiments.config import PIXELS, Config
from playground.live import channel as module
from playground.live.budget import BUDGET
from playground.live.channel import CHANNELS, MOST_PROBLEMS, PAIRED_WITHIN, STAGES, Channel
from playground.live.frame import Sent
from playground.live.images.run import PictureRun
from playground.live.labs.axes import axis
from playground.live.labs.lab import Lab
from playground.live.labs.painters import grid_frame
from playground.live.labs.spec import LabSpec
from playground.live.messages import Request
from playground.live.run import Run
from tests.live.frames import Reader, unpack

CONFIG = Config(data=Moons(samples=60), hidden=(Dense(4, Tanh()),), batch_size=10)
PICTURES = CONFIG.replace(data=Digits(samples=120), features=PIXELS)
RUNS = {
    "plane": lambda: Run(CONFIG),
    "pictures": lambda: PictureRun(PICTURES),
    "lab": lambda: Lab(LabSpec(CONFIG.replace(stop_epochs=30), axis("rate", "0.1, 1")), grid_frame),
}


class Socket:
    """Stands in for a connection; counts how often the stage was told to ask."""

    pokes = 0

    def poke(self):
        self.pokes += 1


class Stage:
    """What stands at the other end: it asks, tells, and knows what it has been sent."""

    def __init__(self, channel: Channel, name: str = "a"):
        self.channel, self.name = channel, name
        self.number = self.told = 0
        self.socket = Socket()
        self.sent, self.reader = Sent(), Reader()

    def connect(self) -> "Stage":
        """As after a lost connection: with a new socket, which has been sent nothing."""
        self.socket = Socket()
        self.sent, self.reader = Sent(), Reader()
        self.channel.connect(self.socket)
        return self

    def ask(self, *deeds: dict) -> dict:
        """The header of the answer; deeds that have a number were told before."""
        numbered = []
        for deed in deeds:
            if "number" not in deed:
                self.told += 1
                deed = deed | {"number": self.told}
            numbered.append(deed)
        self.number += 1
        request = Request(self.name, self.number, tuple(numbered))
        return self.reader.take(self.channel.answer(request, self.sent))[0]

    def press(self, button: str) -> dict:
        return self.ask({"kind": "press", "button": button})


@pytest.fixture
def channel():
    channel = Channel(Run(CONFIG))
    channel.show(channel.run)
    yield channel
    BUDGET.leave(channel.run.session)


@pytest.fixture
def stage(channel):
    return Stage(channel).connect()


@pytest.fixture
def clock(monkeypatch):
    """Seconds that go by when they are told to."""
    now = [time.monotonic()]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def wait(seconds):
        now[0] += seconds

    return wait


# --- who may -------------------------------------------------------------------------------------------------------


def test_tokens_cannot_be_guessed_and_are_forgotten_with_their_channel():
    made = [Channel(Run(CONFIG)) for _ in range(50)]
    tokens = [one.token for one in made]
    assert len(set(tokens)) == 50
    assert all(len(token) >= 32 for token in tokens)  # 192 bits
    assert all(CHANNELS[token] is one for token, one in zip(tokens, made, strict=True))
    del made
    gc.collect()
    assert not set(tokens) & set(CHANNELS)


@pytest.mark.parametrize("kind", RUNS)
def test_each_kind_of_run_starts_with_a_whole_frame_that_names_its_token(kind):
    run = RUNS[kind]()
    channel = Channel(run)
    header, arrays = unpack(channel.show(run, "why", None))
    assert (header["token"], header["run"], header["note"]) == (channel.token, run.name, "why")
    assert (header["due"], header["playing"], header["buttons"]) == ("", False, list(run.buttons))
    answer = Stage(channel).ask()
    assert "token" not in answer  # whoever has it need not be told
    assert set(answer) == set(header) - {"token", "arrays"} | {"answers", "acted"}
    assert arrays


# --- presses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", RUNS)
@pytest.mark.parametrize("connected", [False, True])
def test_the_buttons_of_each_kind_of_run(kind, connected):
    """Each does something, on either way: nothing is named that there is not."""
    for way in ("page", "wire"):
        channel = Channel(RUNS[kind]())
        stage = Stage(channel).connect() if connected else Stage(channel)
        for button in channel.run.buttons:
            channel.press(button) if way == "page" else stage.press(button)
            assert channel.run.playing == (button == "play")
        assert channel.take_problems() == []
        BUDGET.leave(channel.run.session)


@pytest.mark.parametrize("first", ["wire", "page"])
def test_a_press_comes_on_both_ways_and_is_done_once(channel, stage, first):
    for count in range(1, 6):
        for way in (first, "page" if first == "wire" else "wire"):
            stage.press("step") if way == "wire" else channel.press("step")
            assert channel.run.trainer.step == count


@pytest.mark.parametrize("order", ["wwpp", "wpwp", "ppww", "wppw", "pwwp", "wwwppp"])
def test_presses_in_a_row_are_each_done_once(channel, stage, order):
    for way in order:
        stage.press("step") if way == "w" else channel.press("step")
    assert channel.run.trainer.step == len(order) // 2


def test_without_a_wire_there_is_no_other_way(channel):
    for count in range(1, 4):
        channel.press("step")
        assert channel.run.trainer.step == count


def test_a_press_whose_other_way_never_came_takes_nothing_from_a_later_one(channel, stage, clock):
    stage.press("step")
    clock(PAIRED_WITHIN + 0.1)
    channel.press("step")
    assert channel.run.trainer.step == 2


def test_presses_of_different_buttons_are_not_taken_for_each_other(channel, stage):
    stage.press("play")
    stage.press("pause")
    channel.press("play")
    channel.press("pause")
    assert not channel.run.playing
    assert channel.run.trainer.step == 0


@pytest.mark.parametrize("order", ["wp", "pw"])
def test_space_is_what_the_wire_says_where_the_page_still_shows_the_button_of_a_moment_ago(channel, stage, order):
    channel.run.play()
    for way in order:
        stage.press("pause") if way == "w" else channel.press("play")
    assert not channel.run.playing
    for way in order:  # and nothing of it is left over
        stage.press("play") if way == "w" else channel.press("pause")
    assert channel.run.playing


def test_the_page_heard_of_a_press_that_the_wire_tells_after_it_was_lost(channel, stage):
    """The socket closes before the message has left; the same deed is told over the next one."""
    channel.press("step")
    channel.disconnect(stage.socket)
    stage.connect()
    assert stage.press("step")["step"] == 1


def test_a_press_on_the_page_pokes_the_stage(channel, stage):
    channel.press("step")
    assert stage.socket.pokes == 1
    stage.press("step")  # its other way
    assert stage.socket.pokes == 1


def test_a_button_that_the_page_has_not_is_a_sentence(channel, stage):
    for button in ("explode", "", "train", "_start", "lock"):
        stage.press(button)
        (problem,) = channel.take_problems()
        assert problem.startswith("The page has no such button any more")
    assert channel.run.trainer.step == 0


# --- deeds ----------------------------------------------------------------------------------------------------------


def test_deeds_are_done_in_their_order_and_each_is_answered(channel, stage):
    header = stage.ask({"kind": "units", "layer": 0, "by": 1}, {"kind": "bias", "column": 0, "to": 4, "value": 2})
    assert (header["answers"], header["acted"]) == (1, 2)
    assert channel.run.experiment.network.views(channel.run.trainer.theta)[0]["b"][4] == 2
    header = stage.ask()
    assert (header["answers"], header["acted"]) == (2, 2)


def test_after_a_lost_connection_a_deed_is_told_again_and_done_once(channel, stage):
    deed = {"kind": "units", "layer": 0, "by": 1}
    stage.ask(deed)
    channel.disconnect(stage.socket)
    stage.connect()
    header = stage.ask(deed | {"number": 1}, deed)  # the first was done before, the second was on its way
    assert header["acted"] == 2
    assert channel.run.config.hidden[0].units == 6
    stage.ask(*(deed | {"number": number} for number in (1, 2, 2, 1)))
    assert channel.run.config.hidden[0].units == 6


def test_a_number_stands_for_one_deed(channel, stage):
    deed = {"kind": "units", "layer": 0, "by": 1}
    stage.ask(deed | {"number": 4}, deed | {"number": 4}, deed | {"number": 3}, deed | {"number": 5})
    assert channel.run.config.hidden[0].units == 6


def test_each_stage_counts_from_its_own_beginning(channel):
    deed = {"kind": "units", "layer": 0, "by": 1}
    stages = [Stage(channel, f"stage {number}") for number in range(STAGES + 3)]
    for stage in stages:
        assert stage.connect().ask(deed)["acted"] == 1
    assert channel.run.config.hidden[0].units == 4 + len(stages)
    assert stages[-1].ask(deed | {"number": 1})["acted"] == 1
    assert channel.run.config.hidden[0].units == 4 + len(stages)
    assert len(channel._acted) == STAGES  # a page that is reloaded for ever fills nothing


def test_what_cannot_be_done_reaches_the_page_once(channel, stage):
    header = stage.ask({"kind": "explode"}, {"kind": "feature", "key": "x9"})
    assert header["due"] == "page"
    first, second = channel.take_problems()
    assert first == "The page and the server do not fit together any more; reload the page."
    assert second == "There is no such feature for these data."
    assert channel.take_problems() == []
    channel.show(channel.run)
    assert stage.ask()["due"] == ""


def test_problems_that_no_page_takes_do_not_pile_up(channel, stage):
    for _ in range(5):
        stage.ask(*({"kind": "explode"} for _ in range(60)))
    assert len(channel.take_problems()) == MOST_PROBLEMS


def test_the_page_sees_to_some_deeds_itself(channel, stage):
    seen = []
    channel.do = {"paint": seen.append}
    stage.ask({"kind": "paint", "points": [[0, 1]], "class": 2})
    assert seen == [{"kind": "paint", "points": [[0, 1]], "class": 2, "number": 1}]

    def refuse(deed):
        raise ValueError("That cannot be painted.")

    channel.do = {"paint": refuse}
    stage.ask({"kind": "paint"})
    assert channel.take_problems() == ["That cannot be painted."]


@pytest.mark.parametrize(
    ("kind", "deed"),
    [
        ("plane", {"kind": "ink", "strokes": []}),
        ("plane", {"kind": "cell", "row": 0, "column": 0}),
        ("plane", {"kind": "paint", "points": [[0, 0]], "class": 0}),
        ("pictures", {"kind": "units", "layer": 0, "by": 1}),
        ("pictures", {"kind": "cell", "row": 0, "column": 0}),
        ("lab", {"kind": "units", "layer": 0, "by": 1}),
        ("lab", {"kind": "view", "view": "overview"}),
        ("lab", {"kind": "press", "button": "step"}),
    ],
)
def test_deeds_of_another_kind_of_page_are_refused(kind, deed):
    channel = Channel(RUNS[kind]())
    config, stage = channel.run.config, Stage(channel)
    assert stage.ask(deed)["acted"] == 1
    assert len(channel.take_problems()) == 1
    assert channel.run.config == config


# --- news of the page -----------------------------------------------------------------------------------------------


def test_news_and_due(channel, stage):
    channel.show_transport(False)
    quiet = stage.ask()
    assert quiet["due"] == ""
    assert stage.ask()["news"] == quiet["news"]

    played = stage.press("play")  # the buttons alone have to be drawn anew
    assert (played["due"], played["news"]) == ("transport", quiet["news"] + 1)
    still = stage.ask()
    assert (still["due"], still["news"]) == ("transport", played["news"])  # one piece of news, however often asked
    channel.show_transport(True)
    assert stage.ask()["due"] == ""

    changed = stage.ask({"kind": "units", "layer": 0, "by": 1})
    assert (changed["due"], changed["news"]) == ("page", played["news"] + 1)
    again = stage.ask({"kind": "units", "layer": 0, "by": 1})
    assert (again["due"], again["news"]) == ("page", changed["news"] + 1)
    back = [stage.ask({"kind": "units", "layer": 0, "by": -1}) for _ in range(2)]
    assert back[-1]["due"] == "" == stage.ask()["due"]  # it is what the page shows
    channel.show(channel.run)
    assert stage.ask()["due"] == ""


def test_the_end_of_a_run_is_news(channel, stage):
    channel.run.apply(CONFIG.replace(stop_epochs=1))
    channel.run.play()
    channel.show(channel.run)
    assert stage.ask()["news"] > 0
    headers = [stage.ask() for _ in range(3)]
    assert headers[-1]["state"] == "finished"
    assert headers[-1]["due"] == "transport"  # Play stands where Pause was
    assert BUDGET.playing() == 0


def test_the_end_of_a_lab_is_news_of_the_page():
    channel = Channel(RUNS["lab"]())
    stage = Stage(channel).connect()
    channel.show(channel.run)
    channel.run.play()
    channel.show(channel.run)
    while stage.ask()["playing"]:
        assert stage.ask()["due"] in ("", "page")
    assert stage.ask()["due"] == "page"  # Run, the downloads and more
    channel.show(channel.run)
    assert stage.ask()["due"] == ""


def test_a_stage_that_is_connected_hears_over_its_wire_that_the_page_was_drawn(channel, stage):
    before = channel.run.frame_number
    header, arrays = unpack(channel.show(channel.run, "another note", 2))
    assert (header, arrays) == ({"token": channel.token, "arrays": {}}, {})  # nothing is painted twice
    assert channel.run.frame_number == before
    assert stage.socket.pokes == 1
    answer = stage.ask()
    assert (answer["note"], answer["paint"]) == ("another note", 2)
    channel.disconnect(stage.socket)
    header, arrays = unpack(channel.show(channel.run))
    assert header["run"] == channel.run.name
    assert "map_class" in arrays


def test_who_comes_back_to_a_page_before_its_socket_is_closed_gets_a_whole_frame(channel, stage):
    channel.leave()
    header, arrays = unpack(channel.show(channel.run))
    assert (header["run"], header["token"]) == (channel.run.name, channel.token)
    assert "map_class" in arrays
    assert unpack(channel.show(channel.run))[1] == {}  # the next run of the page is news again


def test_another_run_in_the_place_of_this_one(channel, stage):
    """A link was opened, or a study chosen: the stage sees the new run, and the old one has no share any more."""
    old = channel.run
    stage.press("play")
    stage.ask()
    assert BUDGET.playing() == 1
    new = Run(CONFIG.replace(learning_rate=0.5))
    channel.show(new)
    assert BUDGET.playing() == 0
    assert stage.socket.pokes == 1
    step = old.trainer.step
    header = stage.ask()
    assert (header["run"], header["playing"], header["step"], header["due"]) == (new.name, False, 0, "")
    stage.press("step")
    assert (new.trainer.step, old.trainer.step) == (1, step)


# --- who asks, trains ----------------------------------------------------------------------------------------------


def test_only_who_asks_trains(channel, stage):
    channel.press("play")
    assert channel.run.trainer.step == 0
    steps = [stage.ask()["step"] for _ in range(3)]
    assert steps == sorted(set(steps))
    assert steps[0] > 0


def test_a_deed_is_answered_without_a_slice(channel, stage):
    stage.press("play")
    assert stage.ask({"kind": "bias", "column": 0, "to": 0, "value": 1})["step"] == 0
    assert stage.ask()["step"] > 0


def test_after_pause_no_answer_shows_another_step(channel, stage):
    stage.press("play")
    step = stage.ask()["step"]
    assert stage.press("pause")["step"] == step
    assert stage.ask()["step"] == step
    assert BUDGET.playing() == 0


def test_who_is_gone_takes_no_share(channel, stage):
    stage.press("play")
    stage.ask()
    assert BUDGET.playing() == 1
    channel.disconnect(stage.socket)
    assert BUDGET.playing() == 0
    step = channel.run.trainer.step
    assert channel.run.playing  # it stands where it stood, and goes on when it is asked
    assert stage.connect().ask()["step"] > step


def test_the_newest_socket_has_the_run(channel, stage):
    other = Stage(channel, "b")
    assert channel.connect(other.socket) is stage.socket
    channel.disconnect(stage.socket)  # the older one closes, which takes nothing from the newer one
    assert channel.connection is other.socket
    channel.show(channel.run)
    assert (stage.socket.pokes, other.socket.pokes) == (0, 1)


def test_requests_ahead(channel, stage):
    """One more than is due, while few play."""
    stage.press("play")
    assert stage.ask()["ahead"] == 1
    others = [f"other {number}" for number in range(8)]
    for other in others:
        BUDGET.slice_for(other)
    assert stage.ask()["ahead"] == 0
    for other in others:
        BUDGET.leave(other)


def test_a_fault_of_ours_is_not_hidden(channel, stage, monkeypatch):
    """The wire logs it and tells the stage; here it must come out."""

    def act(deed):
        raise ZeroDivisionError

    monkeypatch.setattr(channel.run, "act", act)
    with pytest.raises(ZeroDivisionError):
        stage.ask({"kind": "view", "view": "overview"})
