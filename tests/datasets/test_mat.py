"""MATLAB files: the shipped ones are what the manifest says, and each unusable one gets its sentence."""

import hashlib
import io
import json
import struct
import zlib

import numpy as np
import pytest
import scipy.io
import scipy.sparse

from nn_core.random import stream
from playground.datasets import make, mat, matfile, shipped
from playground.datasets.base import DataError, split
from playground.datasets.mat import FIELDS, read_mat, write_mat
from playground.datasets.registry import load
from playground.datasets.shipped import FILES, FOLDER, Shipped

MANIFEST = {e["file"]: e for e in json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))["generated"]}


def good(**changes):
    one_hot = np.eye(3)[:, np.arange(12) % 3]
    arrays = {"Yt": np.arange(24.0).reshape(2, 12), "Ct": one_hot, "Yv": np.ones((2, 6)), "Cv": one_hot[:, :6]}
    return arrays | changes


def refused(arrays_or_bytes, name="mine.mat"):
    raw = arrays_or_bytes if isinstance(arrays_or_bytes, bytes) else write_mat(arrays_or_bytes)
    with pytest.raises(DataError) as caught:
        read_mat(raw, name)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 300
    return sentence


@pytest.mark.parametrize("name", FILES)
def test_shipped_files_are_those_of_the_manifest(name):
    entry = MANIFEST[FILES[name]]
    raw = (FOLDER / FILES[name]).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == entry["sha256"]
    assert len(raw) == entry["bytes"] < 1_500_000


@pytest.mark.parametrize("name", FILES)
def test_shipped_files_hold_what_the_command_makes(name):
    made = make.arrays_of(name)
    stored = scipy.io.loadmat(FOLDER / FILES[name])
    assert all(np.array_equal(made[field], stored[field]) for field in FIELDS)
    assert make.checksum(made) == MANIFEST[FILES[name]]["sha256_of_arrays"]


def test_making_the_files_writes_them_and_the_manifest(tmp_path):
    make.make(tmp_path)
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["generated"]
    for file in FILES.values():
        assert read_mat(tmp_path / file).x.tolist() == read_mat(FOLDER / file).x.tolist()


@pytest.mark.parametrize(("name", "inputs", "classes"), [("swiss_roll", 2, 2), ("peaks", 2, 5), ("gmm", 5, 5)])
def test_shipped_files_load(name, inputs, classes):
    data = load(Shipped(name))
    assert data.train.x.shape == (20_000, inputs)
    assert len(data.validation) == len(data.test) == 2_500
    assert len(data.classes) == classes


def test_a_missing_shipped_file_says_how_to_make_it(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    with pytest.raises(DataError, match=r"GMMData.mat is missing from data/; make it with: python -m"):
        Shipped("gmm").draw(stream(0, "data"))


def test_a_good_file_reads_from_bytes_and_from_a_path(tmp_path):
    raw = write_mat(good())
    (tmp_path / "mine.mat").write_bytes(raw)
    for drawn in (read_mat(raw, "mine.mat"), read_mat(tmp_path / "mine.mat"), read_mat(str(tmp_path / "mine.mat"))):
        assert drawn.x[:3].tolist() == [[0, 12], [1, 13], [2, 14]]
        assert drawn.y[:4].tolist() == [0, 1, 2, 0]
        assert drawn.train_rows == 12
        assert len(drawn.x) == 18
        assert drawn.title == "mine.mat"
        assert len(split(drawn).test) == 3


def test_files_are_the_same_whenever_they_are_made():
    assert write_mat(good()) == write_mat(good())
    assert b"Created on" not in write_mat(good())


@pytest.mark.parametrize("rename", [str.lower, str.upper, str.swapcase])
def test_names_may_differ_in_case(rename):
    arrays = {rename(field): array for field, array in good().items()}
    assert len(read_mat(write_mat(arrays)).x) == 18


def test_other_kinds_of_numbers_are_read():
    arrays = good(
        Ct=good()["Ct"].astype(np.uint8),
        Yt=good()["Yt"].astype(">f4"),
        Cv=good()["Cv"].astype(bool),
        Yv=np.ones((2, 6), np.int16),
    )
    drawn = read_mat(write_mat(arrays))
    assert drawn.x.dtype == np.float64
    assert drawn.y.dtype == np.int64


@pytest.mark.parametrize("raw", [b"", b"hello", b"\0" * 400, b"x,y\n1,2\n" * 100, bytes(range(256)) * 20])
def test_not_a_mat_file(raw):
    assert refused(raw).startswith("mine.mat is not a MATLAB file, or it is damaged; save")


@pytest.mark.parametrize("start", [b"MATLAB 7.3 MAT-file, Platform: GLNXA64", b"\x89HDF\r\n\x1a\n"])
def test_version_7_3_says_how_to_save_it(start):
    assert "version 7.3 (HDF5)" in refused(start.ljust(600, b"\0"))
    assert "'-v7'" in refused(start.ljust(600, b"\0"))


def test_a_file_that_breaks_off_is_refused_wherever_it_does():
    raw = write_mat(good())
    for cut in range(0, len(raw), 37):
        refused(raw[:cut])


def test_missing_fields_are_named_beside_those_found():
    arrays = good()
    del arrays["Ct"], arrays["Cv"]
    sentence = refused(arrays | {"labels": np.ones(3)})
    assert "has no field Ct and no field Cv" in sentence
    assert "it holds Yt, Yv, labels" in sentence
    assert "it holds nothing" in refused({})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"Ct": np.eye(3)[:, [0, 1]]}, "Yt is 2 x 12 but Ct is 3 x 2 in mine.mat: they must have equally many samples"),
        ({"Yv": np.ones((2, 5))}, "Yv is 2 x 5 but Cv is 3 x 6"),
        ({"Yv": np.ones((3, 6))}, "Yt is 2 x 12 but Yv is 3 x 6 in mine.mat: they must have equally many rows"),
        ({"Cv": np.eye(2)[:, np.arange(6) % 2]}, "Ct is 3 x 12 but Cv is 2 x 6"),
        ({"Ct": np.ones((3, 12))}, "Column 1 of Ct in mine.mat is (1, 1, 1); it must hold a single 1"),
        ({"Cv": np.zeros((3, 6))}, "Column 1 of Cv in mine.mat is (0, 0, 0)"),
        ({"Ct": np.eye(3)[:, np.arange(12) % 3] * 0.5}, "is (0.5, 0, 0)"),
        (
            {"Ct": np.eye(3)[:, [0] * 12]},
            "All samples of Ct in mine.mat are of one class; a classifier needs at least two.",
        ),
        ({"Ct": np.ones((1, 12)), "Cv": np.ones((1, 6))}, "it must have a row for each class, from 2 to 20"),
        ({"Yt": np.full((2, 12), np.nan)}, "Yt in mine.mat holds nan at row 1, column 1"),
        ({"Yv": np.full((2, 6), np.inf)}, "Yv in mine.mat holds inf at row 1, column 1"),
        ({"Yt": np.full((2, 12), 1e200)}, "holds 1e+200 at row 1, column 1"),
        (
            {"Yt": np.ones((2, 12)) * 1j},
            "Yt in mine.mat is a matrix of complex numbers; it must be a plain matrix of real numbers.",
        ),
        ({"Yt": {"a": 1}}, "Yt in mine.mat is a structure; it must be a plain matrix of real numbers."),
        ({"Ct": scipy.sparse.csc_matrix(np.eye(3))}, "Ct in mine.mat is a sparse matrix; it must be a plain matrix of"),
        ({"Yt": "text"}, "Yt in mine.mat is a text; it must be a plain matrix of real numbers."),
        (
            {"Yt": np.array([[1, "a"]], dtype=object)},
            "Yt in mine.mat is a cell array; it must be a plain matrix of real numbers.",
        ),
        ({"Yt": np.ones((2, 12, 2))}, "Yt in mine.mat has 3 dimensions; it must be a matrix"),
        ({"Yt": np.ones((0, 12))}, "Yt is 0 x 12 in mine.mat: it is empty"),
        ({"Yt": np.ones((500, 2))}, "Yt in mine.mat is 500 x 2; the most is 100 rows"),
        ({"Yt": np.zeros((2, 200_001), np.int8)}, "Yt in mine.mat is 2 x 200,001; the most is"),
        ({"Yt": np.zeros((50, 150_000), np.int8)}, "the most is 5,000,000 numbers"),
        ({"Yv": np.ones((2, 1)), "Cv": np.eye(3)[:, :1]}, "Yv in mine.mat holds one sample; it needs at least 2"),
    ],
)
def test_each_fault_has_its_sentence(changes, sentence):
    assert sentence in refused(good(**changes))


def test_a_file_that_is_too_large_is_not_read(monkeypatch):
    monkeypatch.setattr(mat, "MAX_BYTES", 100)
    assert "mine.mat is too large: 0.0 MB, and the most is 0.0 MB: use fewer samples." in refused(good())


def test_a_file_that_unpacks_to_too_much_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(matfile, "MAX_UNPACKED", 3_000_000)
    packed = zlib.compress(b"\0" * 5_000_000)
    bomb = write_mat({})[:128] + (15).to_bytes(4, "little") + len(packed).to_bytes(4, "little") + packed
    assert "mine.mat unpacks to more than" in refused(bomb)


def test_a_hostile_file_name_is_clipped_text():
    name = "<img src=x onerror=alert(1)>" * 50
    sentence = refused(b"junk", name)
    assert sentence.startswith(name[:40] + "… is not a MATLAB file")
    assert read_mat(write_mat(good()), name).title == name[:40] + "…"


@pytest.mark.parametrize("compress", [True, False])
def test_the_reader_agrees_with_scipy(compress):
    buffer = io.BytesIO()
    arrays = {kind: np.arange(-6, 6).reshape(3, 4).astype(kind) for kind in ("f8", "f4", "i1", "u2", "i8", "?")}
    arrays = {f"a{number}": array for number, array in enumerate(arrays.values())} | {"text": "abc", "cell": {"a": [1]}}
    scipy.io.savemat(buffer, arrays, do_compression=compress)
    expected = scipy.io.loadmat(buffer)
    found = matfile.variables(buffer.getvalue())
    assert list(found) == list(arrays)
    for name in found:
        if found[name].kind == "numbers":
            assert np.array_equal(found[name].numbers(), expected[name].astype(float))
    assert [found[name].kind for name in ("a0", "text", "cell")] == ["numbers", "text", "structure"]


def test_big_endian_files_are_read():
    """Made by hand after the format's description: one 1 x 2 matrix of doubles named Y."""
    flags, shape = struct.pack(">IIII", 6, 8, 6, 0), struct.pack(">IIii", 5, 8, 1, 2)
    name, numbers = struct.pack(">HH4s", 1, 1, b"Y"), struct.pack(">IIdd", 9, 16, 1.5, -2.0)
    body = flags + shape + name + numbers
    raw = (
        b"MATLAB 5.0 MAT-file".ljust(124)
        + struct.pack(">HH", 0x0100, 0x4D49)
        + struct.pack(">II", 14, len(body))
        + body
    )
    assert matfile.variables(raw)["Y"].numbers().tolist() == [[1.5, -2.0]]


def test_random_damage_never_escapes_as_another_error():
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, good())
    for raw in (write_mat(good()), buffer.getvalue()):
        for _ in range(1000):
            damaged = bytearray(raw)
            for place in rng.integers(100, len(raw), 3):
                damaged[place] = rng.integers(256)
            try:
                drawn = read_mat(bytes(damaged))
            except DataError:
                continue
            assert np.isfinite(drawn.x).all()
