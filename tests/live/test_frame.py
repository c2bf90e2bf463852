"""What goes over a socket: only what has changed, and put together it is the whole frame, on every page."""

import zlib

import numpy as np
import pytest

from playground.experiments.config import Config
from playground.live.frame import Frame, Sent, envelope, pack
from playground.live.images.painter import VIEWS
from playground.live.images.run import PictureRun
from playground.live.labs.lab import Lab
from playground.live.run import SPEEDS, Run
from tests.live.frames import Reader, unpack
from tests.pages import LABS, PAGES, PICTURES, PLANE

POINTS = np.arange(12, dtype=np.float32).reshape(6, 2)
MAP = np.arange(9, dtype=np.uint8).reshape(3, 3)


def on_the_wire(message: bytes) -> tuple[dict, dict]:
    """What a message itself holds."""
    header, arrays = unpack(zlib.decompress(message, -zlib.MAX_WBITS))
    del header["arrays"]
    return header, arrays


def assert_same(found: tuple[dict, dict], whole: tuple[dict, dict]):
    """The same header and the same arrays, to the last bit."""
    header, arrays = whole
    assert found[0] == {key: value for key, value in header.items() if key != "arrays"}
    assert set(found[1]) == set(arrays)
    for name, array in arrays.items():
        assert (found[1][name].dtype, found[1][name].shape) == (array.dtype, array.shape), name
        assert found[1][name].tobytes() == array.tobytes(), name


# --- whole frames ---------------------------------------------------------------------------------------------------


def test_pack_and_unpack():
    arrays = {
        "odd": np.arange(5, dtype=np.uint8),
        "u16": np.array([[1, 65535]], np.uint16),
        "empty": np.zeros((0, 2), np.float32),
        "big_endian": np.array([1.5, -2.25], ">f4"),
        "strided": np.arange(12, dtype=np.float32).reshape(3, 4)[:, ::2],
        "scalar_like": np.array([[[7.0]]], np.float32),
    }
    for words in ("", "é", "x" * 1001, "日本"):
        header, found = unpack(pack({"text": words, "number": 1.5}, arrays))
        assert header["text"] == words
        assert list(found) == list(arrays)
        for name, array in arrays.items():
            np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("length", range(1, 40))
def test_the_header_grows_with_the_offsets_that_it_holds(length):
    """More digits in an offset make the header longer, which makes the offsets larger."""
    arrays = {f"a{k}": np.full(k, k, np.uint8) for k in range(length)}
    header, found = unpack(pack({"text": "x" * length}, arrays))
    assert len(header["text"]) == length
    assert all(np.array_equal(found[name], array) for name, array in arrays.items())


def test_a_header_that_is_no_json_is_refused():
    for number in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not JSON compliant"):
            pack({"loss": number}, {})
        with pytest.raises(ValueError, match="not JSON compliant"):
            Sent().pack(Frame({"loss": number}, {}))


def test_other_types_of_numbers_are_refused():
    """A painter that forgets to make them small has a mistake, and not a frame of twice the size."""
    for dtype in (np.float16, np.int64, bool):
        with pytest.raises(KeyError):
            pack({}, {"array": np.zeros(3, dtype)})


def test_frames_are_numbered_and_say_what_every_page_says():
    run = Run(Config())
    first, second = envelope(run, ""), envelope(run, "why")
    assert (first["id"], second["id"]) == (1, 2)
    assert second == {"id": 2, "run": run.name, "playing": False, "state": "ready", "note": "why", "projector": False}


# --- what has changed -----------------------------------------------------------------------------------------------


def test_the_first_frame_of_a_socket_is_whole():
    frame = Frame({"id": 1, "text": "é"}, {"points": POINTS})
    assert_same(on_the_wire(Sent().pack(frame)), unpack(pack(*frame)))


def test_what_changed_is_sent_and_nothing_else():
    sent, reader = Sent(), Reader()
    frames = [
        Frame({"id": 1, "title": "a", "readings": [{"value": "1"}]}, {"points": POINTS, "map": MAP}),
        Frame({"id": 2, "title": "a", "readings": [{"value": "1"}]}, {"points": POINTS, "map": MAP + np.uint8(1)}),
        Frame({"id": 3, "title": "a", "readings": [{"value": "2"}]}, {"points": POINTS.copy(), "map": MAP}),
        Frame({"id": 3, "title": "a", "readings": [{"value": "2"}]}, {"points": POINTS, "map": MAP}),
    ]
    messages = [sent.pack(frame) for frame in frames]
    held = [on_the_wire(message) for message in messages]
    assert [(set(header), set(arrays)) for header, arrays in held] == [
        ({"id", "title", "readings"}, {"points", "map"}),
        ({"id"}, {"map"}),
        ({"id", "readings"}, {"map"}),
        (set(), set()),
    ]
    for frame, message in zip(frames, messages, strict=True):
        assert_same(reader.take(message), unpack(pack(*frame)))


def test_what_is_gone_is_said_once():
    sent, reader = Sent(), Reader()
    sent_of = [
        Frame({"id": 1, "kind": "pictures", "pad": {}}, {"pad": MAP, "points": POINTS}),
        Frame({"id": 2, "task": "classes"}, {"points": POINTS}),
        Frame({"id": 3, "task": "classes"}, {"points": POINTS}),
        Frame({"id": 4, "kind": "pictures"}, {}),
        Frame({"id": 5, "kind": "pictures", "pad": {}}, {"pad": MAP}),
    ]
    messages = [sent.pack(frame) for frame in sent_of]
    assert [on_the_wire(message)[0].get("gone") for message in messages] == [
        None,
        [["kind", "pad"], ["pad"]],
        None,
        [["task"], ["points"]],
        None,
    ]
    for frame, message in zip(sent_of, messages, strict=True):
        assert_same(reader.take(message), unpack(pack(*frame)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (np.zeros((2, 3), np.uint8), np.zeros((3, 2), np.uint8)),  # the same bytes in another shape
        (np.zeros(4, np.uint8), np.zeros(1, np.float32)),  # or of another type
        (np.zeros(0, np.uint8), np.zeros((0, 2), np.uint8)),
        (np.array([0.0], np.float32), np.array([-0.0], np.float32)),
        (np.array([np.nan], np.float32), np.array([1.0], np.float32)),
    ],
    ids=str,
)
def test_an_array_is_the_same_when_its_bytes_its_shape_and_its_type_are(before, after):
    sent, reader = Sent(), Reader()
    reader.take(sent.pack(Frame({}, {"a": before})))
    message = sent.pack(Frame({}, {"a": after}))
    assert "a" in on_the_wire(message)[1]
    assert_same(reader.take(message), unpack(pack({}, {"a": after})))
    assert "a" not in on_the_wire(sent.pack(Frame({}, {"a": after.copy()})))[1]


def test_an_array_that_is_painted_into_again_is_another_one():
    """A painter may keep its buffer: what was sent is what was in it then."""
    sent, buffer = Sent(), MAP.copy()
    sent.pack(Frame({}, {"map": buffer}))
    buffer[0, 0] = 99
    assert on_the_wire(sent.pack(Frame({}, {"map": buffer})))[1]["map"][0, 0] == 99


def test_each_socket_has_been_sent_what_it_was_sent():
    one, other = Sent(), Sent()
    frame = Frame({"id": 1}, {"points": POINTS})
    one.pack(frame)
    assert "points" not in on_the_wire(one.pack(frame))[1]
    assert "points" in on_the_wire(other.pack(frame))[1]


def test_a_message_is_one_raw_deflate_stream():
    """As DecompressionStream("deflate-raw") reads it: without a head, to its end."""
    message = Sent().pack(Frame({"text": "a" * 5000}, {"zeros": np.zeros(50_000, np.float32)}))
    assert len(message) < 2000
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflater.decompress(message)
    assert inflater.eof
    assert inflater.unused_data == b""


# --- every page -----------------------------------------------------------------------------------------------------


def happens(run, count: int) -> None:
    """What is done on a page, one thing after the other: between two of them it trains."""
    if count == 1:
        run.play()
    elif count % 2 == 0:
        run.train(0.002)
    elif isinstance(run, Lab):
        run.act({"kind": "cell", "row": 0, "column": count % run.spec.columns})
    else:
        match count // 2 % 9:
            case 0:
                run.apply(run.config.replace(learning_rate=0.01 * (1 + count % 7)))
            case 1:
                run.step_batch()
            case 2:
                run.play()
            case 3:
                run.log_loss = not run.log_loss
            case 4:
                run.new_weights()
            case 5:
                run.speed = list(SPEEDS)[count % len(SPEEDS)]
            case 6:
                run.rewind()
            case 7:
                run.projector = not run.projector
            case 8:
                run.look(run.views[count % len(run.views)])


def opened(view: str):
    """The run of a page."""
    if view in LABS:
        page = LABS[view]
        spec = page.recipes[0].spec
        small = spec.replace(base=spec.base.replace(stop_epochs=3), seeds=2 if page.form.seeds else 1)
        return page.form.lab(small)
    return (PictureRun if view in PICTURES else Run)(PAGES[view].default)


@pytest.mark.parametrize("view", [*PLANE, *PICTURES, *LABS])
def test_put_together_it_is_the_whole_frame(view):
    run, sent, reader = opened(view), Sent(), Reader()
    sizes = []
    for number in range(42):
        happens(run, number)
        if view in PICTURES:
            run.look(list(VIEWS)[number // 4 % len(VIEWS)])
        frame = run.picture("a note" if number % 3 else "", number % 2 or None)
        whole = pack(*frame)
        message = sent.pack(frame)
        assert_same(reader.take(message), unpack(whole))
        sizes.append((len(message), len(whole)))
    assert sum(small for small, _ in sizes) < sum(large for _, large in sizes)


@pytest.mark.parametrize("view", ["swiss_roll", "mnist"])
def test_a_mean_moving_picture_is_small(view):
    """15 kB are the most; MNIST's page stands here on the digits that are there without a download."""
    run, sent = opened(view), Sent()
    run.play()
    sent.pack(run.picture())
    sizes = []
    for _ in range(30):
        run.train(0.01)
        sizes.append(len(sent.pack(run.picture())))
    assert np.mean(sizes) <= 15_000
