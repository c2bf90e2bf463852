"""Saving and loading: to the last bit, and one sentence for every file that is not what it should be."""

import io
import json
import random
import tracemalloc
import zipfile

import numpy as np
import pytest

from nn_core.activations import LeakyReLU, ReLU, Tanh
from nn_core.formats import files, npz
from nn_core.formats.files import FileError, load, save
from nn_core.formats.npz import read_npz, write_npz
from nn_core.initialisers import Glorot
from nn_core.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, LayerNorm, MaxPool2D, Residual
from nn_core.losses import MeanSquaredError
from nn_core.network import Network
from nn_core.settings import Looks
from tests.nn_core.runs import assert_same_run, is_one_sentence, same_bits, trainer

NETWORK = Network((Dense(4, Tanh()), Dropout(0.3), Residual(3), Dense(2)), (2,))
PICTURES = Network(
    (Conv2D(3, activation=LeakyReLU(0.2)), BatchNorm(), MaxPool2D(), Flatten(), LayerNorm(), Dense(2)),
    (6, 4, 1),
    np.float64,
)
THETA = NETWORK.init(Glorot(), 0)


def saved(network=NETWORK, theta=THETA, **more) -> bytes:
    file = io.BytesIO()
    save(file, network, theta, **more)
    return file.getvalue()


def changed(**arrays) -> io.BytesIO:
    """The file with some of its arrays replaced, or, with None, left out; "_" stands for "."."""
    found = read_npz(io.BytesIO(saved()))
    for name, array in arrays.items():
        found.pop(name.replace("_", "."), None)
        if array is not None:
            found[name.replace("_", ".")] = array
    file = io.BytesIO()
    write_npz(file, found)
    return io.BytesIO(file.getvalue())


def about(**fields) -> io.BytesIO:
    """The file with other words in `about`."""
    text = json.loads(read_npz(io.BytesIO(saved()))["about"].tobytes()) | fields
    return changed(about=np.frombuffer(json.dumps(text).encode(), np.uint8))


def with_history(run=None, history=None, epochs=None) -> io.BytesIO:
    """The file of a run, or of one with looks within its epochs, with other counts or epochs of its history."""
    if run is None:
        run = trainer(looks=Looks(per_epoch=2, between=7))
        run.run(steps=13)
    found = read_npz(io.BytesIO(saved(run.network, run.theta, history=run.history)))
    text = json.loads(found["about"].tobytes())
    text["history"] = text["history"] if history is None else history
    found["about"] = np.frombuffer(json.dumps(text).encode(), np.uint8)
    found["history.epochs"] = found["history.epochs"] if epochs is None else epochs
    file = io.BytesIO()
    write_npz(file, found)
    return io.BytesIO(file.getvalue())


def zipped(members: dict[str, bytes], **how) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **how) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return io.BytesIO(file.getvalue())


def npy(header: str = "{'descr': '|u1', 'fortran_order': False, 'shape': (0,)}", data: bytes = b"") -> bytes:
    """An .npy file of any header."""
    text = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


# --- there and back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", [NETWORK, PICTURES], ids=["float32", "float64, pictures"])
@pytest.mark.parametrize("seeds", [3, [1, 2, 3]], ids=["one", "stack"])
def test_networks_come_back_bit_for_bit(network, seeds, tmp_path):
    theta = network.init(Glorot(), seeds)
    save(tmp_path / "net.npz", network, theta, loss=MeanSquaredError("half"), config={"data": "moons", "rate": 0.1})
    found = load(tmp_path / "net.npz")
    assert same_bits(found.theta, theta)
    assert found.network.layers == network.layers
    assert (found.network.input_shape, found.network.dtype) == (network.input_shape, network.dtype)
    assert found.loss == MeanSquaredError("half")
    assert found.config == {"data": "moons", "rate": 0.1}
    assert found.history is None
    assert same_bits(found.theta_for(network), theta)


@pytest.mark.parametrize("seeds", [3, [1, 2]], ids=["one", "stack"])
def test_histories_come_back_too(seeds, monkeypatch):
    monkeypatch.setattr("nn_core.history.LONGEST", 4)
    run = trainer(weights_seed=seeds)
    run.run(epochs=7)
    found = load(io.BytesIO(saved(run.network, run.theta, history=run.history))).history
    assert (found.epochs, found.stride, found.last_epoch) == (run.history.epochs, run.history.stride, 7)
    assert found.stride > 1
    again = trainer(weights_seed=seeds)
    again.restore(run.save() | {"history": found})
    assert_same_run(again, run)
    assert all(same_bits(found.last[name], value) for name, value in run.history.last.items())
    run.run(epochs=2)
    again.run(epochs=2)
    assert_same_run(again, run)


@pytest.mark.parametrize("seeds", [3, [1, 2]], ids=["one", "stack"])
def test_histories_of_looks_within_epochs_come_back_too(seeds, monkeypatch):
    monkeypatch.setattr("nn_core.history.LONGEST", 8)
    looks = Looks(per_epoch=3, between=7)
    run, again = (trainer(weights_seed=seeds, looks=looks) for _ in range(2))
    run.run(steps=38)
    history = load(io.BytesIO(saved(run.network, run.theta, history=run.history))).history
    assert history.stride > 1
    assert any(epoch % 1 for epoch in history.epochs)
    assert (history.last_epoch, history.looks, history.stride) == (7 + 16 / 37, 23, run.history.stride)
    assert same_bits(np.array(history.epochs), np.array(run.history.epochs, float))
    again.restore(run.save() | {"history": history})
    assert_same_run(again, run)
    assert all(same_bits(history.last[name], value) for name, value in run.history.last.items())
    for one in (run, again):
        one.run(steps=20)
    assert_same_run(again, run)
    assert again.history.looks == run.history.looks
    twice = load(io.BytesIO(saved(run.network, run.theta, history=again.history))).history
    assert twice.epochs == run.history.epochs


def test_whole_epochs_stay_whole_numbers():
    run = trainer()
    run.run(epochs=3)
    file = saved(run.network, run.theta, history=run.history)
    assert read_npz(io.BytesIO(file))["history.epochs"].dtype == np.int64
    history = load(io.BytesIO(file)).history
    assert [type(epoch) for epoch in [*history.epochs, history.last_epoch]] == [int] * 5


def test_histories_of_files_without_looks(monkeypatch):
    monkeypatch.setattr("nn_core.history.LONGEST", 4)
    run = trainer()
    run.run(epochs=7)
    counts = {"stride": run.history.stride, "last_epoch": 7}  # as it was before looks were counted
    history = load(with_history(run, history=counts)).history
    assert (history.looks, history.stride) == (8, run.history.stride)
    again = trainer()
    again.restore(run.save() | {"history": history})
    for one in (run, again):
        one.run(epochs=9)
    assert_same_run(again, run)
    assert again.history.looks == run.history.looks == 17


def test_the_same_network_makes_the_same_file():
    assert saved() == saved()


def test_numpy_can_look_into_the_file(tmp_path):
    save(tmp_path / "net.npz", NETWORK, THETA)
    with np.load(tmp_path / "net.npz", allow_pickle=False) as arrays:
        assert set(arrays) == {"about", "0.W", "0.b", "2.W1", "2.b", "2.W2", "3.W", "3.b"}
        assert same_bits(arrays["0.W"], NETWORK.views(THETA)[0]["W"])


def test_compressed_and_foreign_byte_orders_are_read(tmp_path):
    arrays = read_npz(io.BytesIO(saved())) | {"0.b": np.zeros(4, ">f4")}
    np.savez_compressed(tmp_path / "net.npz", **arrays)
    assert load(tmp_path / "net.npz").theta.dtype == np.float32
    np.savez(tmp_path / "turned.npz", a=np.asfortranarray(np.arange(6.0).reshape(2, 3)))
    assert read_npz(tmp_path / "turned.npz")["a"].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    path.write_bytes(b"old")

    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", fail)
    with pytest.raises(FileError, match=r"net.npz cannot be written \(No space left on device\)"):
        save(path, NETWORK, THETA)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


# --- what is refused ------------------------------------------------------------------------------------------------

BAD_ABOUT = {
    "a newer version": ({"version": 2}, "was written by a newer version"),
    "no version": ({"version": "1"}, "damaged .version"),
    "another format": ({"format": "pictures"}, "was not saved by nn_core"),
    "an unknown layer": ({"layers": ["attention"]}, "describes no network: layer 'attention' is not known"),
    "a silly layer": ({"layers": ["dense(units=0)"]}, "describes no network: layer dense: units must be"),
    "too large a layer": ({"layers": ["dense(units=99999)"] * 3}, "describes no network: The network would have"),
    "no layers": ({"layers": []}, "describes no network"),
    "layers that are no list": ({"layers": "dense"}, "damaged .layers"),
    "a shape that is none": ({"input_shape": [0]}, "describes no network: input_shape must be"),
    "words for a shape": ({"input_shape": "2"}, "damaged .input_shape"),
    "another dtype": ({"dtype": "float16"}, "damaged .input_shape or dtype"),
    "an unknown loss": ({"loss": "hinge"}, "describes no network: loss 'hinge' is not known"),
    "half a model": ({"models": 0.5}, "damaged .models"),
    "a config of lists": ({"config": {"a": [1]}}, "The config must hold words and numbers"),
    "a config that is none": ({"config": 3}, "damaged .config"),
    "a history without numbers": ({"history": {}}, "damaged .history"),
}
COUNTS = {"stride": 1, "last_epoch": 2.5, "looks": 6}  # what `about` says of the history of with_history()
BAD_HISTORIES = {
    "negative looks": {"looks": -1},
    "looks in words": {"looks": "6"},
    "looks that are none": {"looks": None},
    "half a look": {"looks": 5.5},
    "a yes for looks": {"looks": True},
    "a list of looks": {"looks": [6]},
    "an epoch that is no number": {"last_epoch": float("nan")},
    "an endless epoch": {"last_epoch": float("inf")},
    "an epoch in words": {"last_epoch": "2.5"},
    "no last epoch": {"last_epoch": None},
    "no stride": {"stride": 0},
    "half a stride": {"stride": 1.5},
}
BAD_EPOCHS = {
    "not a number": np.array([0, 0.4, 0.8, 1, np.nan, 2]),
    "endless": np.array([0, 0.4, 0.8, 1, np.inf, 2]),
    "small floats": np.arange(6, dtype=np.float32),
    "small numbers": np.arange(6, dtype=np.int32),
    "a table": np.zeros((6, 1)),
    "one number": np.array(2.0),
    "too few": np.arange(5.0),
}


@pytest.mark.parametrize("name", BAD_ABOUT)
def test_what_is_wrong_in_the_description_is_said(name):
    fields, sentence = BAD_ABOUT[name]
    with pytest.raises(FileError, match=sentence) as raised:
        load(about(**fields))
    assert is_one_sentence(str(raised.value))


@pytest.mark.parametrize("name", BAD_HISTORIES)
def test_a_damaged_history_is_told(name):
    with pytest.raises(FileError, match=r"damaged .history") as raised:
        load(with_history(history=COUNTS | BAD_HISTORIES[name]))
    assert is_one_sentence(str(raised.value))


def test_fractions_of_epochs_without_looks_are_damage():
    with pytest.raises(FileError, match=r"damaged .history"):
        load(with_history(history={"stride": 1, "last_epoch": 2.5}))


@pytest.mark.parametrize("name", BAD_EPOCHS)
def test_damaged_epochs_are_told(name):
    assert load(with_history(history=COUNTS)).history.looks == 6
    with pytest.raises(FileError, match=r"damaged .history") as raised:
        load(with_history(epochs=BAD_EPOCHS[name]))
    assert is_one_sentence(str(raised.value))


OBJECTS = "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"
HUGE = "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,)}"
BAD_FILES = {
    "empty": (lambda: io.BytesIO(), "no .npz file"),
    "a picture": (lambda: io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(99)), "no .npz file"),
    "cut off": (lambda: io.BytesIO(saved()[:-200]), "no .npz file"),
    "another archive": (lambda: zipped({"archive/data.pkl": b"cos\nsystem\n"}), "other things than arrays"),
    "somebody's arrays": (lambda: changed(about=None), "was not saved by nn_core"),
    "words that are none": (lambda: changed(about=np.frombuffer(b"{" * 5000, np.uint8)), "damaged .about"),
    "a parameter too few": (lambda: changed(_0_W=None, **{"2_W1": None}), "lacks 2.W1"),
    "a parameter too many": (lambda: changed(**{"9_W": np.zeros(2, "f4")}), "'9.W', which belongs to none"),
    "another shape": (lambda: changed(**{"0_b": np.zeros(5, "f4")}), r"0.b as float32 of shape \(5,\)"),
    "another dtype": (lambda: changed(**{"0_b": np.zeros(4)}), "0.b as float64"),
    "not a number": (lambda: changed(**{"0_b": np.full(4, np.nan, "f4")}), "0.b that are not finite"),
    "twice the same name": (lambda: twice(), "other things than arrays"),
    "an object array": (lambda: zipped({"a.npy": npy(OBJECTS, b"x" * 8)}), "no array of plain"),
    "a header that runs": (lambda: zipped({"a.npy": npy("__import__('os').getcwd()")}), "no array of plain"),
    "a deep header": (lambda: zipped({"a.npy": npy("(" * 90)}), "no array of plain"),
    "a shape too large": (lambda: zipped({"a.npy": npy(HUGE, b"x" * 8)}), "no array of plain"),
    "no array at all": (lambda: zipped({"a.npy": b"hello"}), "no array of plain"),
    "a bomb": (lambda: zipped({"a.npy": bytes(10**7)}, compression=zipfile.ZIP_DEFLATED), "claims to grow more than"),
}


def twice():
    data = zipped({"a.npy": npy(), "b.npy": npy()}).getvalue()
    return io.BytesIO(data.replace(b"b.npy", b"a.npy"))


@pytest.mark.parametrize("name", BAD_FILES)
def test_files_that_are_refused(name):
    make, sentence = BAD_FILES[name]
    with pytest.raises(FileError, match=sentence) as raised:
        load(make())
    assert is_one_sentence(str(raised.value))


def test_limits_are_kept_before_memory_is_taken(monkeypatch):
    monkeypatch.setattr(npz, "MOST_BYTES", 100)
    with pytest.raises(FileError, match="holds more than 0 MB"):
        load(io.BytesIO(saved()))
    monkeypatch.undo()
    monkeypatch.setattr(npz, "MOST_MEMBERS", 3)
    with pytest.raises(FileError, match="other things than arrays"):
        load(io.BytesIO(saved()))
    monkeypatch.undo()
    monkeypatch.setattr(files, "LONGEST_TEXT", 10)
    with pytest.raises(FileError, match="was not saved by nn_core"):
        load(io.BytesIO(saved()))


def test_a_locked_archive_is_refused():
    data = bytearray(saved())
    place = data.rfind(b"PK\x01\x02")
    while place >= 0:  # the flag stands in each entry of the archive's directory
        data[place + 8] |= 1
        place = data.rfind(b"PK\x01\x02", 0, place)
    with pytest.raises(FileError, match="locked by a password"):
        load(io.BytesIO(bytes(data)))


def test_paths_that_lead_nowhere(tmp_path):
    for path, sentence in ((tmp_path / "none.npz", "is not there"), (tmp_path, "cannot be opened|cannot be read")):
        with pytest.raises(FileError, match=sentence) as raised:
            load(path)
        assert is_one_sentence(str(raised.value))
    with pytest.raises(FileError, match="cannot be written"):
        save(tmp_path / "nowhere" / "net.npz", NETWORK, THETA)


def test_parameters_that_do_not_fit_are_not_saved():
    for theta, sentence in (
        (THETA[:-1], "the network has 49 parameters"),
        (THETA.astype(np.float64), "theta is float64"),
        (THETA[None, None], "of shape"),
        (THETA * np.nan, "not finite"),
    ):
        with pytest.raises(ValueError, match=sentence):
            save(io.BytesIO(), NETWORK, theta)
    with pytest.raises(FileError, match="The config must hold words"):
        save(io.BytesIO(), NETWORK, THETA, config={"a": NETWORK})


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (Network((Dense(4), Dense(2)), (3,)), r"it takes samples of shape \(2,\), the network \(3,\)"),
        (
            Network((Dense(5), Dropout(), Residual(3), Dense(2)), (2,)),
            r"layer 0 has W \(2, 4\), b \(4,\), that of the network W \(2, 5\), b \(5,\)",
        ),
        (Network((Dense(4), Dense(2)), (2,)), "layer 1 has nothing, that of the network W"),
        (Network((Dense(4), Dropout(), Residual(3), Dense(2), Dropout()), (2,)), "it has 4 layers, the network 5"),
        (Network((Dense(4), Dropout(), Residual(3), Dense(2)), (2,), np.float64), "it is float32, the network float64"),
    ],
    ids=["inputs", "units", "layers", "count", "dtype"],
)
def test_weights_of_another_architecture(other, sentence):
    found = load(io.BytesIO(saved()))
    with pytest.raises(FileError, match=sentence) as raised:
        found.theta_for(other)
    assert is_one_sentence(str(raised.value))
    another_bend = Network((Dense(4, ReLU()), Dropout(0.1), Residual(3), Dense(2)), (2,))
    assert same_bits(found.theta_for(another_bend), THETA)


def test_damage_of_any_kind_is_told_or_does_no_harm():
    whole, draw, told = saved(), random.Random(0), []
    tracemalloc.start()
    for number in range(1500):
        data = bytearray(whole)
        if number % 3 == 0:
            data = data[: draw.randrange(len(data))]
        else:
            for _ in range(draw.randint(1, 4)):
                data[draw.randrange(len(data))] = draw.randrange(256)
        try:
            found = load(io.BytesIO(bytes(data)))
        except FileError as error:
            told.append(str(error))
        else:
            assert np.isfinite(found.theta).all()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(told) > 1000
    assert [sentence for sentence in told if not is_one_sentence(sentence)] == []
    assert peak < 20e6
