"""CIFAR-10's binary files: colours and labels come out right; the archive gives its six files and nothing else."""

import gzip
import io
import tarfile

import numpy as np
import pytest

from playground.datasets import cifar
from playground.datasets.base import DataError
from playground.datasets.cifar import CLASSES, MEMBERS, RECORD, read_batch, unpack

SMALL = 2 * RECORD


@pytest.fixture(autouse=True)
def small_members(monkeypatch):
    monkeypatch.setattr(cifar, "MEMBER_BYTES", SMALL)
    monkeypatch.setattr(cifar, "SPARE", 100_000)


def records(count, first_label=0):
    raw = np.random.default_rng(first_label).integers(256, size=(count, RECORD), dtype=np.uint8)
    raw[:, 0] = (np.arange(count) + first_label) % 10
    return raw


def stored(folder, raw, name="batch.bin"):
    (folder / name).write_bytes(bytes(raw))
    return folder / name


def refused(call, *arguments):
    with pytest.raises(DataError) as caught:
        call(*arguments)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 300
    return sentence


def member(name, raw=bytes(SMALL), **fields):
    info = tarfile.TarInfo(name)
    info.size = len(raw)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, raw


def six(*without):
    return [member(f"cifar-10-batches-bin/{name}") for name in MEMBERS if name not in without]


def archive(folder, members, name="cifar-10-binary.tar.gz"):
    with tarfile.open(folder / name, "w:gz", compresslevel=1) as tar:
        for info, raw in members:
            tar.addfile(info, io.BytesIO(raw))
    return folder / name


def names_in(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_pictures_and_labels_of_a_batch(tmp_path):
    raw = records(12)
    pictures, labels = read_batch(stored(tmp_path, raw.tobytes()))
    assert pictures.shape == (12, 32, 32, 3)
    assert pictures.dtype == np.uint8
    assert labels.dtype == np.int64
    assert labels.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert not pictures.flags.writeable
    assert not labels.flags.writeable
    for picture, row, column, colour in [(0, 0, 0, 0), (3, 5, 31, 1), (11, 31, 7, 2)]:
        assert pictures[picture, row, column, colour] == raw[picture, 1 + 1024 * colour + 32 * row + column]


def test_ten_classes():
    assert len(CLASSES) == len(set(CLASSES)) == 10


@pytest.mark.parametrize("size", [0, 1, RECORD - 1, RECORD + 1, 5 * RECORD + 100])
def test_a_size_that_is_no_number_of_records(tmp_path, size):
    sentence = refused(read_batch, stored(tmp_path, bytes(size)))
    assert f"batch.bin has {size:,} bytes, which is not a whole number of CIFAR-10 records" in sentence


def test_too_many_records(tmp_path, monkeypatch):
    monkeypatch.setattr(cifar, "MAX_RECORDS", 3)
    assert len(read_batch(stored(tmp_path, records(3).tobytes()))[0]) == 3
    assert "batch.bin has 4 records, and CIFAR-10's files 10,000 each; download it again." in refused(
        read_batch, stored(tmp_path, records(4).tobytes())
    )


def test_a_label_that_no_class_has(tmp_path):
    raw = records(4)
    raw[2, 0] = 10
    assert "Record 3 of batch.bin has label 10; it must be 0 to 9" in refused(
        read_batch, stored(tmp_path, raw.tobytes())
    )


def test_no_batch(tmp_path):
    assert "nothing.bin is missing or not a file" in refused(read_batch, tmp_path / "nothing.bin")
    assert "is missing or not a file" in refused(read_batch, tmp_path)


def test_a_batch_that_may_not_be_read(tmp_path, monkeypatch):
    def deny(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(cifar.np, "memmap", deny)
    assert "batch.bin cannot be read (Permission denied)" in refused(read_batch, stored(tmp_path, bytes(RECORD)))


def test_the_archive_is_unpacked(tmp_path):
    contents = {name: records(2, number).tobytes() for number, name in enumerate(MEMBERS)}
    others = [member("cifar-10-batches-bin/readme.html", b"<p>"), member("cifar-10-batches-bin/batches.meta.txt", b"x")]
    packed = archive(tmp_path, [*others, *(member(f"cifar-10-batches-bin/{n}", raw) for n, raw in contents.items())])
    paths = unpack(packed, tmp_path / "out")
    assert [path.name for path in paths] == list(MEMBERS)
    assert names_in(tmp_path / "out") == sorted(MEMBERS)
    assert {path.name: path.read_bytes() for path in paths} == contents
    assert read_batch(paths[1])[1].tolist() == [1, 2]


def test_paths_of_the_archive_are_not_used(tmp_path):
    hostile = [member("../../evil.bin"), member("/tmp/evil.bin"), member(f"../../../{MEMBERS[0]}")]
    out = tmp_path / "a" / "b" / "out"
    unpack(archive(tmp_path, [*hostile, *six(MEMBERS[0])]), out)
    assert names_in(out) == sorted(MEMBERS)
    assert names_in(tmp_path) == ["a", "cifar-10-binary.tar.gz"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_not_taken_out(tmp_path, kind):
    link = member(MEMBERS[0], b"", type=kind, linkname="/etc/passwd")
    sentence = refused(unpack, archive(tmp_path, [link, *six(MEMBERS[0])]), tmp_path / "out")
    assert "cifar-10-binary.tar.gz holds no data_batch_1.bin; download" in sentence
    assert names_in(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ([*six(), member(MEMBERS[2])], "holds data_batch_3.bin twice"),
        ([*six("test_batch.bin"), member("test_batch.bin", b"123")], f"test_batch.bin has 3 bytes and not {SMALL:,}"),
        (six("test_batch.bin", "data_batch_4.bin"), "holds no data_batch_4.bin and no test_batch.bin"),
        ([member(f"file {number}", b"") for number in range(60)] + six(), "holds more than 50 files"),
        ([], "holds no data_batch_1.bin and no data_batch_2.bin"),
        ([member("readme.html", bytes(400_000)), *six()], "is not CIFAR-10's archive, or it is damaged"),
    ],
)
def test_archives_that_are_refused_leave_nothing_behind(tmp_path, members, sentence):
    assert sentence in refused(unpack, archive(tmp_path, members), tmp_path / "out")
    assert names_in(tmp_path / "out") == []


def test_an_archive_that_is_cut_off_or_none(tmp_path):
    raw = archive(tmp_path, [member(f"x/{name}", records(2).tobytes()) for name in MEMBERS]).read_bytes()
    broken = [raw[:cut] for cut in range(0, len(raw), len(raw) // 20)]
    for content in [*broken, b"hello", gzip.compress(b"hello" * 500), gzip.compress(b"\xff" * 5000)]:
        sentence = refused(unpack, stored(tmp_path, content, "cut.tar.gz"), tmp_path / "out")
        assert sentence.startswith("cut.tar.gz ")
        assert names_in(tmp_path / "out") == []


def test_a_bomb_of_an_archive_is_not_followed(tmp_path):
    header = member("readme.html", b"", size=10**12)[0].tobuf()
    long_name = member("x", b"", size=10**12, type=tarfile.GNUTYPE_LONGNAME)[0].tobuf(tarfile.GNU_FORMAT)
    for start in (header, long_name):
        bomb = stored(tmp_path, gzip.compress(start + bytes(5_000_000)), "bomb.tar.gz")
        assert "damaged" in refused(unpack, bomb, tmp_path / "out")


def test_no_archive(tmp_path):
    assert "none.tar.gz is missing" in refused(unpack, tmp_path / "none.tar.gz", tmp_path / "out")


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    packed = archive(tmp_path, six())
    stored(tmp_path, b"", "taken")
    assert "cannot be unpacked into the folder taken" in refused(unpack, packed, tmp_path / "taken")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cifar.os, "fsync", full)
    sentence = refused(unpack, packed, tmp_path / "out")
    assert "cannot be unpacked into the folder out (No space left on device); make room" in sentence
    assert names_in(tmp_path / "out") == []
