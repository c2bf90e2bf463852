"""IDX files: pictures and labels come out as they went in, and each unusable file gets its sentence."""

import gzip
import struct

import numpy as np
import pytest

from playground.datasets import idx
from playground.datasets.base import DataError
from playground.datasets.idx import IMAGES, LABELS, read_idx_images, read_idx_labels, read_pair

PICTURES = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
CLASSES = [0, 9, 255, 3, 1]


def images(pictures=PICTURES):
    return struct.pack(">4I", IMAGES, *pictures.shape) + pictures.tobytes()


def labels(classes=CLASSES):
    return struct.pack(">2I", LABELS, len(classes)) + bytes(classes)


def stored(folder, raw, name="some-file"):
    (folder / name).write_bytes(raw)
    return folder / name


def refused(read, *paths):
    with pytest.raises(DataError) as caught:
        read(*paths)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 300
    assert paths[0].name[:40] in sentence
    return sentence


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("name", ["pictures", "pictures.gz"])
def test_pictures_are_read_whatever_the_file_is_called(tmp_path, pack, name):
    read = read_idx_images(stored(tmp_path, pack(images()), name))
    assert read.shape == (5, 4, 3, 1)
    assert read.dtype == np.uint8
    assert np.array_equal(read[..., 0], PICTURES)
    assert not read.flags.writeable


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_labels_are_read(tmp_path, pack):
    read = read_idx_labels(str(stored(tmp_path, pack(labels()))))
    assert read.dtype == np.int64
    assert read.tolist() == CLASSES
    assert not read.flags.writeable


def test_a_raw_file_is_mapped_and_not_read(tmp_path):
    assert isinstance(read_idx_images(stored(tmp_path, images())), np.memmap)
    assert not isinstance(read_idx_images(stored(tmp_path, gzip.compress(images()))), np.memmap)


def test_a_gzip_file_in_several_pieces_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(idx, "BLOCK", 7)
    raw = images()
    read = read_idx_images(stored(tmp_path, gzip.compress(raw[:30]) + gzip.compress(raw[30:])))
    assert np.array_equal(read[..., 0], PICTURES)


def test_a_pair_belongs_together(tmp_path):
    pictures, classes = stored(tmp_path, images(), "pictures"), stored(tmp_path, labels(), "classes")
    x, y = read_pair(pictures, classes)
    assert len(x) == len(y) == 5
    sentence = refused(read_pair, pictures, stored(tmp_path, labels([1, 2]), "others"))
    assert sentence.startswith("pictures holds 5 pictures but others holds 2 labels; use two")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("read", "raw", "sentence"),
    [
        (read_idx_images, labels(), "holds labels, but pictures are wanted here"),
        (read_idx_labels, images(), "holds pictures, but labels are wanted here"),
        (
            read_idx_images,
            b"hello, world",
            "not an IDX file of pictures: it begins with 0x68656c6c and not with 0x0000",
        ),
        (read_idx_labels, struct.pack(">2I", 0x0D01, 1) + b"1234", "begins with 0x00000d01 and not with 0x00000801"),
        (read_idx_images, images()[:2], "not an IDX file of pictures: it begins with 0x0000 "),
        (read_idx_images, images()[:11], "breaks off within its header"),
        (read_idx_images, images()[:-1], "breaks off: its header announces 60 bytes of pictures and 59 are there"),
        (read_idx_images, images()[:16], "breaks off: its header announces 60 bytes of pictures and 0 are there"),
        (read_idx_labels, labels()[:-2], "breaks off: its header announces 5 bytes of labels and 3 are there"),
        (read_idx_images, images() + b"\0", "holds more than the 60 bytes of pictures that its header announces"),
        (read_idx_labels, labels() + bytes(99), "holds more than the 5 bytes of labels"),
        (read_idx_images, images(PICTURES[:0]), "announces 0 pictures; there must be 1 to 1,000,000"),
        (read_idx_labels, labels([]), "announces 0 labels"),
        (read_idx_images, struct.pack(">4I", IMAGES, 1_000_001, 2, 2), "announces 1,000,001 pictures; there must be"),
        (read_idx_labels, struct.pack(">2I", LABELS, 2**32 - 1), "announces 4,294,967,295 labels"),
        (read_idx_images, images(PICTURES[:, :1, :1]), "announces 1x1 pictures; each side must have 2 to 512 pixels"),
        (read_idx_images, images(PICTURES[:, :, :1]), "announces 4x1 pictures"),
        (read_idx_images, images(PICTURES[:, :0]), "announces 0x3 pictures"),
        (read_idx_images, struct.pack(">4I", IMAGES, 1, 28, 513) + bytes(28 * 513), "announces 28x513 pictures"),
    ],
)
def test_each_fault_has_its_sentence(tmp_path, pack, read, raw, sentence):
    assert sentence in refused(read, stored(tmp_path, pack(raw)))


def test_an_empty_file(tmp_path):
    assert "is empty" in refused(read_idx_images, stored(tmp_path, b""))
    assert "is empty" in refused(read_idx_labels, stored(tmp_path, gzip.compress(b"")))


def test_no_file(tmp_path):
    assert "is missing or not a file" in refused(read_idx_images, tmp_path / "nothing")
    assert "is missing or not a file" in refused(read_idx_labels, tmp_path)


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    def deny(*_):
        raise PermissionError(13, "Permission denied")

    path = stored(tmp_path, images())
    monkeypatch.setattr(idx, "open", deny, raising=False)
    assert "cannot be read (Permission denied)" in refused(read_idx_images, path)


def test_a_gzip_file_that_breaks_off_is_refused_wherever_it_does(tmp_path):
    packed = gzip.compress(images())
    for cut in range(2, len(packed)):
        assert "download it again" in refused(read_idx_images, stored(tmp_path, packed[:cut]))


@pytest.mark.parametrize("extra", [b"junk", b"\x1f\x8bjunk"])
def test_junk_after_a_gzip_file(tmp_path, extra):
    assert "damaged gzip" in refused(read_idx_images, stored(tmp_path, gzip.compress(images()) + extra))


def test_damage_within_a_gzip_file_is_found(tmp_path):
    rng = np.random.default_rng(0)
    packed = gzip.compress(images(rng.integers(16, size=(20, 8, 8), dtype=np.uint8)))
    for place in range(10, len(packed), 3):
        raw = packed[:place] + bytes([packed[place] ^ 0x10]) + packed[place + 1 :]
        refused(read_idx_images, stored(tmp_path, raw))


def test_a_gzip_file_is_not_unpacked_beyond_what_it_announces(tmp_path):
    bomb = stored(tmp_path, gzip.compress(images() + bytes(50_000_000)))
    assert "holds more than the 60 bytes" in refused(read_idx_images, bomb)


def test_a_gzip_file_that_announces_too_much_is_not_unpacked(tmp_path, monkeypatch):
    raw = gzip.compress(struct.pack(">4I", IMAGES, 1_000_000, 512, 512))
    assert "unpacks to more than 512 MB; unpack it with gunzip" in refused(read_idx_images, stored(tmp_path, raw))
    monkeypatch.setattr(idx, "MAX_UNPACKED", 20)
    assert "unpacks to more than" in refused(read_idx_images, stored(tmp_path, gzip.compress(images())))


def test_random_damage_never_escapes_as_another_error(tmp_path):
    rng = np.random.default_rng(1)
    for raw in (images(), gzip.compress(images())):
        for _ in range(300):
            damaged = bytearray(raw)
            for place in rng.integers(0, len(raw), 3):
                damaged[place] = rng.integers(256)
            try:
                read = read_idx_images(stored(tmp_path, bytes(damaged)))
            except DataError:
                continue
            assert read.ndim == 4


def test_a_hostile_file_name_is_clipped(tmp_path):
    sentence = refused(read_idx_images, stored(tmp_path, b"junk", "<img src=x onerror=alert(1)>" * 5))
    assert "<img src=x onerror=alert(1)><img src=x o… is not an IDX file" in sentence
