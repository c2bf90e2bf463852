"""The picture pages without a browser: what is behind Data, Picture, Settings and Get does what it says."""

import gzip
import hashlib
import socket
import struct
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from nn_core.activations import ReLU
from nn_core.layers import AveragePool2D, BatchNorm, Conv2D, Dense, MaxPool2D, Residual
from nn_core.spec import read
from playground.datasets import fetch, pictures, places, prepare
from playground.datasets.augment import Augment
from playground.datasets.pictures import Digits, FashionMnist, Mnist
from playground.datasets.places import IDX_FILES, Remote, Source
from playground.datasets.prepare import Pixels
from playground.experiments.config import MOST_PICTURE_LAYERS
from playground.experiments.link import show_link
from playground.live.images.painter import ENOUGH, VIEWS
from playground.ui.words import plain
from tests.app.opened import Opened
from tests.pages import PAGES, PICTURES

CONVOLUTIONAL = "net=conv8x3s2v-bn-avg2-res16&batch=50&stop_epochs=3"
RANDOM = np.random.default_rng(0)


@pytest.fixture
def page():
    return Opened("digits")


def stage(page: Opened) -> tuple[dict, dict]:
    """Header and arrays of what is on the stage."""
    return page.stage.ask()


def kinds(page: Opened) -> list[str]:
    """The kinds of the layers as the widgets show them."""
    return [box.value for box in page.at.selectbox if box.key.startswith("kind-")]


def widgets(page: Opened) -> dict:
    """What the widgets show, by their keys."""
    found = [*page.at.selectbox, *page.at.number_input, *page.at.toggle]
    return {widget.key: widget.value for widget in found}


def slide(page: Opened, key: str, value) -> Opened:
    page.at.slider(key=key).set_value(value)
    return page.rerun()


def switch(page: Opened, key: str) -> Opened:
    page.at.toggle(key=key).set_value(not page.at.toggle(key=key).value)
    return page.rerun()


# --- Data -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", PICTURES)
def test_what_is_there_without_a_download(view):
    page = Opened(view)
    assert isinstance(page.run.config.data, Digits)
    keys = {widget.key for kind in ("number_input", "selectbox", "toggle", "slider") for widget in page.at.get(kind)}
    assert not {"seed-split", "speed", "picture-index"} & keys  # closed: nothing is computed that nobody sees
    page.open("data")
    assert any("1,317 to train on, 120 to choose by, 360 to test." in caption.value for caption in page.at.caption)
    assert page.problems == []


def test_fewer_samples(page):
    page.click("step").open("data")
    page.at.select_slider(key="samples").set_value(500)
    page.rerun()
    data = page.run.experiment.data
    assert (len(data.train) + len(data.validation), len(data.test)) == (500, 360)
    assert set(np.unique(data.train.y)) == set(range(10))
    assert page.run.trainer.step == 0
    assert page.link["data"] == "digits(samples=500)"
    assert page.at.select_slider(key="samples").value == 500


def test_standardised_pixels(page):
    page.open("data").choose("pixels-Pixels-scale", "standardised")
    seen = page.run.experiment.data.train.x[:]
    assert abs(seen.mean()) < 0.01
    assert abs(seen.std() - 1) < 0.01
    assert "standardised" in page.link["pixels"]
    page.choose("pixels-Pixels-scale", "0-1")
    seen = page.run.experiment.data.train.x[:]
    assert (seen.min(), seen.max()) == (0, 1)
    assert "standardised" not in page.link.get("pixels", "")


def test_minus_the_mean_picture(page):
    switch(page.open("data"), "pixels-Pixels-mean_image")
    seen = page.run.experiment.data.train.x[:]
    assert np.abs(seen.mean(axis=0)).max() < 1e-5
    assert page.run.config.pixels == Pixels(mean_image=True)


def test_as_many_principal_components_as_are_enough(page):
    page.open("data").click("enough")
    data, needed = page.run.experiment.data, page.run.config.pixels.components
    assert data.train.x.shape == (1317, needed)
    assert data.components.shares.sum() >= ENOUGH > data.components.shares[:-1].sum()
    assert stage(page)[0]["sheet"] is not None  # the weights are still drawn as pictures
    assert "enough" not in page.buttons
    assert page.click("play").tick().run.trainer.step > 0
    page.click("pixels-again")
    assert page.run.experiment.data.train.x.shape == (1317, 8, 8, 1)
    assert "enough" in page.buttons


def test_a_number_of_principal_components(page):
    page.open("data").number("pixels-Pixels-components", 7)
    assert page.run.experiment.network.input_shape == (7,)
    page.number("pixels-Pixels-components", 65)
    assert "components must be from 1 to 64" in page.sentence
    assert page.run.config.pixels.components == 7
    assert page.at.number_input(key="pixels-Pixels-components").value == 7


def test_another_split(page):
    before = page.run.experiment.data.train.y
    page.open("data").number("seed-split", 5)
    assert not np.array_equal(page.run.experiment.data.train.y, before)
    assert page.link["seeds"] == "0-5-0-0"


# --- Picture --------------------------------------------------------------------------------------------------------


def test_a_test_picture_by_its_number(page):
    page.open("picture").number("picture-index", 7)
    header, arrays = stage(page)
    album = page.run.experiment.data.album
    assert np.array_equal(arrays["pad"], album.test[7].astype(int) * 255 // 16)
    assert (header["pad"]["index"], header["pad"]["truth"]) == (7, album.test_labels[7])
    assert arrays["answer"].sum() == pytest.approx(1)
    assert page.at.number_input(key="picture-index").max == 359


def test_turning_shifting_and_roughening(page):
    page.open("picture").number("picture-index", 7)
    still = stage(page)[1]["pad"].astype(int)
    answer = stage(page)[1]["answer"]
    assert np.array_equal(stage(slide(page, "picture-turn", 180))[1]["pad"], still[::-1, ::-1])
    assert not np.array_equal(stage(page)[1]["answer"], answer)
    slide(page, "picture-turn", 0)
    slide(page, "picture-right", 2)
    assert np.array_equal(stage(slide(page, "picture-down", -1))[1]["pad"][:-1, 2:], still[1:, :-2])
    assert stage(page)[0]["pad"]["changed"]
    page.click("picture-reset")
    assert np.array_equal(stage(page)[1]["pad"], still)
    assert not stage(page)[0]["pad"]["changed"]
    rough = stage(slide(page, "picture-noise", 0.5))[1]["pad"]
    assert np.abs(rough - still).mean() > 20
    assert np.array_equal(stage(page)[1]["pad"], rough)  # the noise does not flicker
    assert {key: page.at.slider(key=f"picture-{key}").value for key in ("turn", "right", "down", "noise")} == {
        "turn": 0, "right": 0, "down": 0, "noise": 0.5
    }  # fmt: skip


def test_the_next_mistake(page):
    page.click("epoch").open("picture")
    labels, answers = page.run.experiment.data.test.y, page.run.results.answers
    wrong = np.flatnonzero(answers != labels)
    seen = [page.click("next-mistake").run.pad.index for _ in range(4)]
    assert seen == wrong[wrong > 0][:4].tolist()
    page.number("picture-index", int(wrong[-1])).click("next-mistake")
    assert page.run.pad.index == wrong[0]  # from the last on to the first


def test_an_empty_pad_and_a_drawing(page):
    page.open("picture").click("picture-draw")
    header, arrays = stage(page)
    assert (header["pad"]["drawing"], header["pad"]["empty"]) == (True, True)
    assert not arrays["pad"].any()
    page.do(kind="ink", strokes=[[[0.5, 0.1], [0.5, 0.9]]])
    header, arrays = stage(page)
    assert (header["pad"]["drawing"], header["pad"]["empty"]) == (True, False)
    assert arrays["pad"].any()
    slide(page, "picture-turn", 30)  # acts on a test picture, which then lies there
    assert not stage(page)[0]["pad"]["drawing"]


@pytest.mark.parametrize(
    "action",
    [
        {"kind": "ink", "strokes": [[["a", 1]]]},
        {"kind": "ink", "strokes": 5},
        {"kind": "ink", "strokes": [[[float("nan"), 0.5]]]},
        {"kind": "ink", "strokes": [[[0.5, 0.5]] * 3000]},
        {"kind": "picture", "index": 360},
        {"kind": "picture", "index": -1},
        {"kind": "picture", "index": "1"},
        {"kind": "view", "view": "nowhere"},
        {"kind": "units", "layer": 0, "by": 1},
    ],
    ids=str,
)
def test_what_the_stage_may_not_ask_for(page, action):
    pad, view = page.run.pad, page.run.view
    with pytest.raises(ValueError, match=r"^[A-Z][^\n]*\.$"):
        page.run.act(action)
    assert (page.run.pad, page.run.view) == (pad, view)


# --- Settings -------------------------------------------------------------------------------------------------------


def test_the_tabs_of_settings(page):
    page.open("settings")
    assert [tab.label for tab in page.at.tabs] == ["Network", "Training", "Stop", "Seeds", "View"]
    keys = {widget.key for widget in page.at.number_input}
    assert {"l1", "l2", "stop_epochs", "stop_patience", "seed-weights", "seed-batches"} <= keys
    page.number("stop_epochs", 2).click("epoch").click("epoch")
    assert (page.run.state, page.run.trainer.epoch) == ("finished", 2)


def test_layers_are_added_and_removed(page):
    page.click("step").open("settings").click("layer-add")
    assert page.run.config.hidden == (Dense(32, ReLU()), Dense(16, ReLU()), Dense(32))
    assert kinds(page) == ["dense"] * 3  # the widgets follow at once
    assert page.run.trainer.step == 0
    assert page.link["net"] == "32-16-32"
    assert page.at.button_group(key="recipe").value is None
    page.click("layer-remove-0")
    assert page.run.config.hidden == (Dense(16, ReLU()), Dense(32))
    assert kinds(page) == ["dense"] * 2
    page.click("layer-remove-1").click("layer-remove-0")
    assert (page.run.config.hidden, kinds(page)) == ((), [])
    assert page.at.button_group(key="recipe").value == "Softmax alone"


def test_there_is_a_most_of_layers(page):
    page.open("settings")
    for _ in range(MOST_PICTURE_LAYERS - 2):
        page.click("layer-add")
    assert len(page.run.config.hidden) == len(kinds(page)) == MOST_PICTURE_LAYERS
    assert "layer-add" not in page.buttons


def test_the_kind_and_the_sizes_of_a_layer(page):
    page.open("settings").choose("kind-0", "convolution")
    assert page.run.config.hidden == (Conv2D(16, 3, activation=ReLU()), Dense(16, ReLU()))
    page.number("layer-0-Conv2D-filters", 4).number("layer-0-Conv2D-kernel", 5).number("layer-0-Conv2D-stride", 2)
    page.choose("layer-0-Conv2D-padding", "valid").choose("layer-0-Conv2D-activation", "tanh")
    assert page.link["net"] == "conv4x5s2v-16"
    assert page.link["activation"] == "tanh,relu"
    assert page.run.experiment.network.places[0]["W"][1].shape == (5, 5, 1, 4)
    page.choose("kind-0", "max pool").number("layer-0-MaxPool2D-size", 4)
    assert page.link["net"] == "max4-16"
    for kind, name in (("mean pool", "avg2"), ("batch norm", "bn"), ("layer norm", "ln"), ("residual block", "res32")):
        page.choose("kind-0", kind)
        assert page.link["net"] == f"{name}-16"
        assert page.click("step").run.trainer.step == 1
    page.number("layer-0-Residual-units", 64)
    assert page.link["net"] == "res64-16"
    assert page.problems == []


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("layer-0-Conv2D-kernel", 9, "Conv2D has a kernel of 9 x 9 pixels, larger than its picture of 8 x 8."),
        ("layer-1-MaxPool2D-size", 9, "MaxPool2D has a window of 9 x 9 pixels, larger than its picture of 8 x 8."),
        ("kind-3", "max pool", "net does not fit the data: MaxPool2D"),  # behind a layer of units
    ],
)
def test_a_change_that_does_not_fit_costs_one_sentence(key, value, words):
    page = Opened("digits", "net=conv16x3-max2-64-16").click("step").open("settings")
    config, before = page.run.config, widgets(page)
    page.choose(key, value) if key.startswith("kind") else page.number(key, value)
    assert words in page.sentence
    assert (page.run.config, page.run.trainer.step) == (config, 1)  # nothing is lost
    assert widgets(page) == before  # they return to the truth
    assert page.rerun().problems == []


def test_taking_out_a_layer_that_others_need_costs_one_sentence():
    page = Opened("digits", "net=conv4x3-max4-conv4x2-16").click("step").open("settings")
    page.number("layer-1-MaxPool2D-size", 8)
    assert "net does not fit the data: Conv2D" in page.sentence
    assert page.link["net"] == "conv4x3-max4-conv4x2-16"
    assert page.run.trainer.step == 1


def test_a_net_that_is_too_large_costs_one_sentence(page):
    page.open("settings").number("layer-0-Dense-units", 2048)
    assert page.link["net"] == "2048-16"
    page.choose("kind-0", "convolution").number("layer-0-Conv2D-filters", 512)
    page.choose("kind-1", "convolution")
    before = page.run.config
    page.number("layer-1-Conv2D-filters", 512)
    assert "net asks for" in page.sentence
    assert page.run.config == before


def test_augmentation(page):
    page.click("step").open("settings").number("augment-Augment-shift", 2).number("augment-Augment-turn", 15.0)
    assert page.run.config.augment == page.run.experiment.data.train.x.augment == Augment(2, 15.0)
    assert page.run.trainer.step == 1  # in mid-run
    assert page.run.experiment.data.train.x.varies
    assert not page.run.experiment.data.test.x.varies
    assert page.click("step").run.trainer.step == 2
    page.at.session_state["settings-popover"] = False
    page.open("data").click("enough")
    assert "augment must be off" in page.sentence
    assert page.run.trainer.step == 2


def test_the_monitor_is_switched_off_and_on(page):
    page.without_end().open("settings")
    page.choose("view", "histograms").click("play").tick()
    header, arrays = stage(page)
    assert header["grid"]["layers"]
    assert "cell0_0" in arrays
    switch(page, "watching")
    looked = len(page.run.watch.monitor.steps)
    page.tick(3)
    assert len(page.run.watch.monitor.steps) == looked
    assert stage(page)[0]["monitor"] == "off"
    switch(page.click("pause"), "watching").click("rewind")
    assert page.run.watch.on
    assert page.run.watch.monitor.steps


def test_the_error_instead_of_the_accuracy(page):
    page.click("epoch").open("settings")
    header, arrays = stage(page)
    assert header["curves"][1]["title"] == "Accuracy"
    before = arrays["curve1_test"]
    header, arrays = stage(switch(page, "show_error"))
    assert header["curves"][1]["title"] == "Error"
    assert np.allclose(arrays["curve1_test"], 1 - before)
    assert page.run.config == PAGES["digits"].default  # it is how one looks at it


@pytest.mark.parametrize("view", PICTURES)
def test_every_view_can_be_chosen_and_is_in_the_link(view):
    page = Opened(view).click("epoch").open("settings")
    for name, (label, _) in reversed(VIEWS.items()):
        page.choose("view", name)
        assert page.run.view == name
        assert page.link.get("view", "overview") == name
        header, _ = stage(page)
        assert header["view"] == name
        assert {"key": name, "label": label} in [{k: v[k] for k in ("key", "label")} for v in header["views"]]
    again = Opened(view, {**page.link, "view": "embedding"})
    assert (again.run.view, again.problems) == ("embedding", [])
    assert again.at.session_state["playground"].runs[view].config == page.run.config


def test_the_pages_status_line(page):
    readings = {
        reading["label"]: reading["value"] for reading in stage(page.click("epoch").click("step"))[0]["readings"]
    }
    assert readings["Epoch"] == "1.02 of 60"
    right = (page.run.results.answers == page.run.experiment.data.test.y).mean()
    assert readings["Test accuracy"] == f"{100 * right:.2f} %"
    assert readings["Step"] == "000,043"
    assert readings["Parameters"] == f"{64 * 32 + 32 + 32 * 16 + 16 + 16 * 10 + 10:,}"


# --- links ----------------------------------------------------------------------------------------------------------


def test_a_link_with_convolutions():
    page = Opened("digits", CONVOLUTIONAL)
    assert page.problems == []
    bent = read("relu", {"relu": ReLU}, "activation")
    assert page.run.config.hidden == (
        Conv2D(8, 3, 2, "valid", bent), BatchNorm(), AveragePool2D(2), Residual(16, bent)
    )  # fmt: skip
    assert page.link["net"] == "conv8x3s2v-bn-avg2-res16"
    page.open("settings")
    assert kinds(page) == ["convolution", "batch norm", "mean pool", "residual block"]
    assert page.click("play").tick().run.trainer.step > 0
    other = Opened("digits", page.link)
    assert (other.run.config, other.problems) == (page.run.config, [])


def test_a_link_that_begins_with_a_pool():
    page = Opened("digits", "net=max2-bn-8")
    assert page.run.config.hidden[:2] == (MaxPool2D(2), BatchNorm())
    assert stage(page)[0]["sheet"]["shape"] == [4, 4, 1]  # what the layer behind it looks for


@pytest.mark.parametrize(
    ("view", "link", "words"),
    [
        ("digits", "view=1-2", f"The link's view was left out: it can be {', '.join(VIEWS)}."),
        ("digits", "view=<b>", "The link's view was left out: it can be overview"),
        ("moons", "view=overview", "The link's view was left out: it can be 1-2."),
        (
            "digits",
            "data=moons",
            "The link's data was left out: data Moons is not a picture set; open it on its own page.",
        ),
        (
            "moons",
            "data=digits",
            "data Digits 8×8 is a picture set, which has a page of its own; open it on its own page.",
        ),
        ("moons", "data=mnist", "data MNIST is a picture set, which has a page of its own; open it on its own page."),
        ("digits", "data=mnist", "MNIST is not on this computer; fetch it with Download on its page, or put the four"),
        ("digits", "data=cifar10", "CIFAR-10 is not on this computer; fetch it with Download on its page, or put the"),
        ("digits", "features=x1,x2", "The link's features was left out: "),
        ("digits", "batch=full", "The link's batch was left out: batch must be from 1 to 2,048 pictures, not full."),
        ("digits", "net=conv4x0", "The link's net was left out: "),
        ("digits", "net=conv4x9", "Conv2D has a kernel of 9 x 9 pixels, larger than its picture of 8 x 8."),
        ("digits", "net=conv9999x3", "The link's net was left out: "),
        ("digits", "net=8" + "-8" * 12, "there can be from 0 to 12 hidden layers"),
        ("moons", "net=conv4x3", "The link's net was left out: each layer must have a whole number of units"),
        (
            "digits",
            "data=digits(samples=5)",
            "The link's data was left out: data digits: samples must be a whole number from",
        ),
        ("digits", "pixels=pixels(components=600)", "The link's pixels was left out: "),
    ],
)
def test_a_link_that_does_not_fit_is_told_in_one_sentence(view, link, words):
    page = Opened(view, link)
    assert words in page.sentence
    assert page.at.toast[0].value == plain(page.problems[0])
    assert page.run.config == PAGES[view].default
    assert page.link == show_link(page.run.config)
    assert page.click("step").run.trainer.step == 1


def test_a_whole_link_of_another_page_keeps_what_fits():
    page = Opened("digits", {**show_link(PAGES["moons"].default), "rate": "0.5"})
    assert len(page.problems) == 2
    assert any(problem.startswith("The link's data was left out: ") for problem in page.problems)
    assert any(problem.startswith("The link's features was left out: ") for problem in page.problems)
    assert page.run.config.data == Digits()
    assert page.run.config.learning_rate == 0.5


# --- Get ------------------------------------------------------------------------------------------------------------


def idx(content: np.ndarray) -> bytes:
    """An IDX file of bytes, packed."""
    header = struct.pack(f">I{content.ndim}I", 0x0800 + content.ndim, *content.shape)
    return gzip.compress(header + content.astype(np.uint8).tobytes(), mtime=0)


def small(count: int) -> tuple[np.ndarray, np.ndarray]:
    """So many noisy pictures of 28x28 pixels, with one bright row for each class."""
    labels = np.arange(count) % 10
    images = RANDOM.integers(0, 60, (count, 28, 28))
    images[np.arange(count), 4 + 2 * labels] = 255
    return images, labels


FILES = {
    f"{IDX_FILES[f'{part}_{content}'][0]}.gz": idx(array)
    for part, count in (("train", 600), ("test", 100))
    for content, array in zip(("images", "labels"), small(count), strict=True)
}


class Mirror(SimpleHTTPRequestHandler):
    """Serves FILES; each file's second half waits for `go_on`."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        content = FILES[self.path.removeprefix("/")]
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        half = (start + len(content)) // 2
        self.wfile.write(content[start:half])
        self.wfile.flush()
        self.server.go_on.wait(20)
        self.wfile.write(content[half:])


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that went away is no fault."""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of its own, mirrors as they are told by the function that this gives, nothing kept from before."""
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(fetch, "PAUSE", 0.001)
    monkeypatch.setattr(fetch, "LATEST", {})

    def use(port: int) -> None:
        mirrors = (f"http://127.0.0.1:{port}/",)
        files = [Remote(name, len(raw), hashlib.sha256(raw).hexdigest(), mirrors) for name, raw in FILES.items()]
        source = Source("MNIST <b>", "free, as [it](http://x) says", "http://home/", tuple(files))
        monkeypatch.setattr(places, "sources", lambda: {"mnist": source, "fashion_mnist": source, "cifar10": source})

    yield use
    for running in fetch.LATEST.values():
        running.cancel()
        running.wait(10)
    for remembered in (pictures._idx_album, prepare._rows, prepare._scaling, prepare._components, prepare._projected):
        remembered.cache_clear()


@pytest.fixture
def mirror(cache):
    """A server that sends the first half of each file, and the second when `go_on` is set."""
    with Server(("127.0.0.1", 0), partial(Mirror, directory=None)) as server:
        server.go_on = threading.Event()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        cache(server.server_port)
        yield server
        server.go_on.set()
        server.shutdown()
        thread.join()


def come(page: Opened, share: float) -> Opened:
    """Wait until so much of the download has come, and look at the page."""
    running = fetch.latest("mnist")
    while running.done < share * running.total and running.state == "running":
        running.thread.join(0.01)
    return page.rerun()


def ended(page: Opened, monkeypatch, wanted=Mnist) -> Opened:
    """Wait until the download has ended; then the fragment looks at it, alone, on a page that was drawn before."""
    fetch.latest(wanted.files).wait(20)
    truth = [False]
    with monkeypatch.context() as patch:
        patch.setattr(wanted, "is_here", classmethod(lambda cls: truth.pop() if truth else places.find(cls.files)))
        return page.rerun()


def test_get_says_what_it_would_fetch(cache):
    cache(1)
    page = Opened("mnist")
    assert "download-mnist" not in page.buttons
    page.open("get")
    assert "download-mnist" in page.buttons
    words = " ".join(element.value for element in [*page.at.markdown, *page.at.caption])
    assert plain("MNIST <b>") in words
    assert plain("[it](http://x)") in words
    assert plain("the four files into data/mnist/") in words
    assert fetch.latest("mnist") is None  # nothing begins by itself


def test_get_offline_says_one_clear_sentence(cache):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        cache(nobody.getsockname()[1])
        page = Opened("mnist").open("get").click("download-mnist")
        fetch.latest("mnist").wait(20)
        page.rerun()
    sentence = page.sentence
    assert sentence.startswith("MNIST <b> could not be downloaded: no mirror could be reached (")
    assert sentence.endswith("; check the connection, or put the four files into data/mnist/.")
    assert page.at.error[0].value == plain(sentence)
    assert "download-mnist" in page.buttons  # for another try
    assert page.click("play").tick().run.trainer.step > 0
    assert isinstance(page.run.config.data, Digits)


def test_get_shows_how_far_it_is_and_then_the_page_has_the_data(mirror, monkeypatch):
    page = Opened("mnist").click("step").open("get").click("download-mnist")
    first = next(iter(FILES.values()))
    total = sum(map(len, FILES.values()))
    come(page, len(first) // 2 / total)
    (bar,) = page.at.get("progress")
    assert bar.proto.value == int(100 * (len(first) // 2) / total)
    assert " of " in bar.proto.text
    assert "download-stop-mnist" in page.buttons
    assert "download-mnist" not in page.buttons
    assert page.rerun().run.trainer.step == 1  # the page goes on meanwhile
    mirror.go_on.set()
    ended(page, monkeypatch)
    assert page.problems == []
    assert page.run.config.data == Mnist()
    data = page.run.experiment.data
    assert (data.album.shape, len(data.train), len(data.validation), len(data.test)) == ((28, 28, 1), 550, 50, 100)
    assert page.run.experiment.network.input_shape == (28, 28, 1)
    assert page.link["data"] == "mnist"
    page.rerun()
    assert not any(button.startswith("download-") for button in page.buttons)
    assert "8×8" not in stage(page)[0]["note"]
    page.click("epoch").click("epoch").click("epoch")
    assert page.run.results.counts.trace() > 50
    page.open("data")
    assert page.at.select_slider(key="samples").value == 60_000
    page.go("mnist", "net=conv4x5-max2-16")
    assert (page.problems, page.run.config.data) == ([], Mnist())  # what the page now opens with


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
def test_the_page_gets_the_data_whatever_is_clicked_meanwhile(mirror, closed):
    """The whole page is drawn anew after the files have come, before the fragment has looked at them."""
    page = come(Opened("mnist").open("get").click("download-mnist"), 0.001)
    if closed:
        page.at.session_state["get-popover"] = False
        page.rerun()
    mirror.go_on.set()
    fetch.latest("mnist").wait(20)
    assert page.click("step").run.config.data == Mnist()


def test_a_damaged_copy_that_is_found_before_the_download_is_told(mirror, monkeypatch, tmp_path):
    """It stands in the way for ever: the page says where it lies, and does not run again and again."""
    own = tmp_path / "own" / "mnist"
    own.mkdir(parents=True)
    for name, raw in FILES.items():
        (own / name).write_bytes(raw[: len(raw) // 2])
    monkeypatch.setenv("PLAYGROUND_DATA", str(own.parent))
    mirror.go_on.set()
    page = ended(Opened("mnist").open("get").click("download-mnist"), monkeypatch)
    assert fetch.latest("mnist").state == "finished"
    (error,) = page.at.error
    assert plain(str(own)) in error.value
    assert "download-mnist" in page.buttons
    assert isinstance(page.run.config.data, Digits)


def test_files_that_were_taken_away_after_the_download_can_be_fetched_again(mirror, monkeypatch, tmp_path):
    mirror.go_on.set()
    ended(Opened("mnist").open("get").click("download-mnist"), monkeypatch)
    for file in (tmp_path / "mnist").iterdir():
        file.unlink()
    pictures._idx_album.cache_clear()
    page = Opened("mnist").open("get")
    assert (page.problems, isinstance(page.run.config.data, Digits)) == ([], True)
    assert ended(page.click("download-mnist"), monkeypatch).run.config.data == Mnist()


def test_get_is_stopped_and_goes_on_from_there(mirror, monkeypatch):
    page = come(Opened("mnist").open("get").click("download-mnist"), 0.001).click("download-stop-mnist")
    mirror.go_on.set()
    assert "was stopped; start it again to go on from there." in ended(page, monkeypatch).sentence
    assert ended(page.click("download-mnist"), monkeypatch).run.config.data == Mnist()


def test_mnist_offers_fashion_mnist_beside_it(mirror, monkeypatch):
    mirror.go_on.set()
    page = ended(Opened("mnist").open("get").click("download-mnist"), monkeypatch).open("data")
    page.click("download-fashion_mnist")
    ended(page, monkeypatch, FashionMnist).rerun()
    assert page.run.config.data == FashionMnist()
    assert page.run.experiment.data.classes[9] == "ankle boot"
    assert not page.run.experiment.data.can_be_drawn
    page.rerun().choose("data-set", "mnist")
    assert page.run.config.data == Mnist()


def test_a_page_that_somebody_else_has_open_keeps_its_run(mirror, monkeypatch):
    other = Opened("mnist").click("step")
    mirror.go_on.set()
    page = ended(Opened("mnist").open("get").click("download-mnist"), monkeypatch)
    assert page.run.config.data == Mnist()
    other.rerun()
    assert (other.run.config.data, other.run.trainer.step, other.problems) == (Digits(), 1, [])
    other.pick("recipe", "Softmax alone")
    assert other.run.config.data == Mnist()
