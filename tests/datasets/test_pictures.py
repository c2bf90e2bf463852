"""Picture sets: what lies in their files is what their albums hold, and files that do not fit have one sentence."""

import gzip

import numpy as np
import pytest

from playground.datasets import pictures as pictures_module
from playground.datasets import places, prepare
from playground.datasets.augment import Augment
from playground.datasets.base import DataError
from playground.datasets.pictures import FASHION, PICTURES, Cifar10, Digits, FashionMnist, Mnist, holds_pictures
from playground.datasets.plane import Moons
from playground.datasets.prepare import Pixels, load_pictures
from tests.datasets.test_idx import images, labels

TRAIN, TEST, SIDE = 1200, 240, 28
FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


def made(count, seed):
    """Pictures `(count, 28, 28)` that differ, each a mixture of a few patterns, and classes of unequal size."""
    rng = np.random.default_rng(seed)
    patterns = np.random.default_rng(99).random((12, SIDE, SIDE))
    shares = rng.dirichlet(np.ones(12) * 0.5, count)
    clean = np.tensordot(shares, patterns, 1)
    found = np.clip(np.rint(255 * clean + rng.normal(0, 3, clean.shape)), 0, 255).astype(np.uint8)
    found[:, 0, 0], found[:, 0, 1] = np.arange(count) % 256, np.arange(count) // 256  # no two are the same
    classes = np.concatenate([np.arange(10), rng.choice(10, count - 10, p=np.arange(1, 11) / 55)])
    return found, rng.permutation(classes).astype(np.uint8)


def write_part(folder, part, pictures, classes, pack=bytes):
    folder.mkdir(parents=True, exist_ok=True)
    for name, raw in zip(FILES[part], (images(pictures), labels(classes.tolist())), strict=True):
        (folder / name).write_bytes(pack(raw))


def write_set(folder):
    """A whole set of small files."""
    write_part(folder, "train", *made(TRAIN, 1))
    write_part(folder, "test", *made(TEST, 2))


def forget():
    """Forget all that was read from files, or worked out from what was read."""
    for cached in (
        pictures_module._idx_album,
        pictures_module._cifar_album,
        prepare._rows,
        prepare._scaling,
        prepare._components,
        prepare._projected,
    ):
        cached.cache_clear()


def point_to(folder, monkeypatch):
    """Let pictures be looked for in this folder alone."""
    monkeypatch.setenv("PLAYGROUND_DATA", str(folder))
    monkeypatch.setenv("PLAYGROUND_CACHE", str(folder / "cache"))
    monkeypatch.setattr(places, "DATA", folder / "data")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder, the only one where pictures are looked for."""
    point_to(tmp_path, monkeypatch)
    forget()
    yield tmp_path
    forget()


def refused(data, error=DataError):
    with pytest.raises(error) as caught:
        data.album()
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 300
    return sentence


def test_the_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    album, loaded = Digits().album(), load_digits()
    assert album.shape == (8, 8, 1)
    assert (len(album.train), len(album.test), album.highest) == (1437, 360, 16)
    assert np.array_equal(np.concatenate([album.train, album.test])[..., 0], loaded.images)
    assert np.array_equal(np.concatenate([album.train_labels, album.test_labels]), loaded.target)
    assert album.train.max() == album.test.max() == album.highest
    assert album.mean == pytest.approx(album.train.mean() / 16, abs=1e-3)
    assert album.std == pytest.approx(album.train.std() / 16, abs=1e-3)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("where", ["", "mnist"])
def test_an_album_holds_what_is_in_the_files(folder, pack, where):
    for part, count, seed in (("train", 60, 1), ("test", 20, 2)):
        write_part(folder / where, part, *made(count, seed), pack=pack)
    assert Mnist().is_here()
    assert not FashionMnist().is_here()
    album = Mnist().album()
    for found, classes, made_ in (
        (album.train, album.train_labels, made(60, 1)),
        (album.test, album.test_labels, made(20, 2)),
    ):
        assert found.dtype == np.uint8
        assert classes.dtype == np.int64
        assert np.array_equal(found[..., 0], made_[0])
        assert np.array_equal(classes, made_[1])
        assert not found.flags.writeable
    assert album.shape == (SIDE, SIDE, 1)
    assert album.classes == tuple("0123456789")
    assert album.title == "MNIST"


def test_fashion_has_files_and_classes_of_its_own(folder):
    write_set(folder / "fashion-mnist")
    assert FashionMnist().is_here()
    assert not Mnist().is_here()
    assert FashionMnist().album().classes == FASHION
    assert "MNIST is not on this computer" in refused(Mnist())


def test_cifar_is_put_together_from_its_batches(folder):
    rng = np.random.default_rng(3)
    (folder / "cifar10").mkdir()
    rows = {}
    for name in ("data_batch_1", "data_batch_3", "test_batch"):
        rows[name] = np.column_stack(
            [np.arange(10, dtype=np.uint8), rng.integers(256, size=(10, 3072), dtype=np.uint8)]
        )
        (folder / "cifar10" / f"{name}.bin").write_bytes(rows[name].tobytes())
    album = Cifar10().album()
    assert album.shape == (32, 32, 3)
    assert (len(album.train), len(album.test)) == (20, 10)
    assert np.array_equal(album.train_labels, np.tile(np.arange(10), 2))
    red, green, blue = rows["data_batch_3"][4, 1:].reshape(3, 32, 32)
    assert np.array_equal(album.train[14], np.stack([red, green, blue], axis=-1))
    assert not album.train.flags.writeable


def test_an_album_is_loaded_once_for_all(folder, monkeypatch):
    write_set(folder)
    first = Mnist().album()
    assert Mnist(samples=500).album() is first
    assert load_pictures(Mnist(samples=300), 5, Pixels(), Augment()).album is first
    assert Digits(100).album() is Digits().album()
    monkeypatch.setattr(pictures_module, "read_pair", None)  # would fail
    assert Mnist().album() is first


def test_a_set_that_came_later_is_found(folder):
    assert "MNIST is not on this computer" in refused(Mnist())
    write_set(folder)
    assert len(Mnist().album().train) == TRAIN


@pytest.mark.parametrize("kind", PICTURES.values())
def test_picture_sets_know_what_they_are(kind):
    assert holds_pictures(kind())
    assert kind.task == "classes"
    assert kind.source.endswith(".")
    assert kind.can_be_drawn == (kind in (Digits, Mnist))
    with pytest.raises(DataError, match=r"is a picture set; it has a page of its own, under Pictures\.$"):
        kind().draw(np.random.default_rng(0))


def test_points_are_no_pictures():
    assert not holds_pictures(Moons())


def test_training_and_test_pictures_of_different_shapes(folder):
    write_part(folder, "train", *made(20, 1))
    pictures, classes = made(20, 2)
    write_part(folder, "test", pictures[:, :27], classes)
    sentence = refused(Mnist())
    assert sentence == (
        "MNIST's training pictures have the shape (28, 28, 1), its test pictures (27, 28, 1); replace its files."
    )


@pytest.mark.parametrize("part", ["train", "test"])
@pytest.mark.parametrize("wrong", [10, 11, 255])
def test_a_label_that_is_no_class(folder, part, wrong):
    write_set(folder)
    pictures, classes = made(30, 3)
    classes[7] = wrong
    write_part(folder, part, pictures, classes)
    assert refused(Mnist()) == f"MNIST holds a label of {wrong}, but has 10 classes; replace its files."


def test_damaged_files_have_the_sentence_of_their_reader(folder):
    write_set(folder)
    path = folder / FILES["train"][0]
    path.write_bytes(path.read_bytes()[:-1])
    assert "breaks off" in refused(Mnist())
    write_set(folder)
    (folder / FILES["test"][1]).write_bytes(labels([1, 2]))
    assert "holds 240 pictures but" in refused(Mnist())
