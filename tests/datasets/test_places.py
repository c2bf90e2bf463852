"""Where the picture data sets are looked for, and what the manifest must say about their downloads."""

import json
from pathlib import Path

import pytest

from playground.datasets import cifar, places
from playground.datasets.base import DataError
from playground.datasets.places import MANIFEST, SETS, find, folders, read_sources, sources

IDX = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
KEYS = {"train_images", "train_labels", "test_images", "test_labels"}


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    """The three places, empty; the tests write into them."""
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(places, "DATA", tmp_path / "data")
    return tmp_path / "own"


def put(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


def test_the_places_and_their_order(tmp_path, monkeypatch):
    assert folders() == [tmp_path / "own", tmp_path / "data", tmp_path / "cache"]
    monkeypatch.delenv("PLAYGROUND_DATA")
    assert folders() == [tmp_path / "data", tmp_path / "cache"]
    monkeypatch.setenv("PLAYGROUND_CACHE", "")
    assert folders() == [tmp_path / "data", tmp_path / "data" / "cache"]
    monkeypatch.setenv("PLAYGROUND_DATA", "~/pictures")
    assert "~" not in str(folders()[0])
    monkeypatch.setenv("PLAYGROUND_DATA", "~nobody of this name/pictures")
    assert folders()[0] == Path("~nobody of this name/pictures")  # a folder that there is not


@pytest.mark.parametrize("name", SETS)
def test_nothing_is_found_where_nothing_is(name, own, monkeypatch):
    assert find(name) is None
    put(own, [])
    assert find(name) is None
    monkeypatch.delenv("PLAYGROUND_DATA")
    assert find(name) is None


@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize(
    ("name", "folder"),
    [("mnist", "mnist"), ("mnist", ""), ("fashion_mnist", "fashion_mnist"), ("fashion_mnist", "fashion-mnist")],
)
def test_idx_files_under_all_their_names(own, name, folder, end, dotted):
    put(own / folder, [(file.replace("-idx", ".idx") if dotted else file) + end for file in IDX])
    found = find(name)
    assert found.keys() == KEYS
    assert found["test_labels"].parent == own / folder
    assert found["test_labels"].name.startswith("t10k-labels")


def test_only_mnist_may_lie_bare(own):
    put(own, IDX)
    assert find("mnist")
    assert find("fashion_mnist") is None


def test_bare_files_in_other_places_do_not_count(tmp_path):
    put(tmp_path / "data", IDX)
    put(tmp_path / "cache", IDX)
    assert find("mnist") is None


def test_the_raw_file_is_taken_where_there_are_both(own):
    put(own / "mnist", IDX + [file + ".gz" for file in IDX[:2]])
    assert {path.name for path in find("mnist").values()} == set(IDX)


def test_earlier_places_win_and_places_are_not_mixed(tmp_path, own):
    put(tmp_path / "cache" / "mnist", IDX)
    assert find("mnist")["train_images"].parent == tmp_path / "cache" / "mnist"
    put(own / "mnist", IDX[:3])
    assert find("mnist")["train_images"].parent == tmp_path / "cache" / "mnist"
    put(tmp_path / "data" / "mnist", IDX)
    assert find("mnist")["train_images"].parent == tmp_path / "data" / "mnist"
    put(own / "mnist", IDX)
    assert find("mnist")["train_images"].parent == own / "mnist"


@pytest.mark.parametrize("missing", range(4))
def test_a_half_finished_download_is_no_data(own, missing):
    names = [file + ".gz" for file in IDX]
    names[missing] += ".part"
    put(own / "mnist", names)
    assert find("mnist") is None


def test_a_folder_with_the_name_of_a_file_is_no_data(own):
    put(own / "mnist", IDX[1:])
    (own / "mnist" / IDX[0]).mkdir()
    assert find("mnist") is None


@pytest.mark.parametrize("folder", ["cifar10", "cifar-10-batches-bin"])
def test_cifar_needs_one_batch_and_the_test(own, folder):
    put(own / folder, ["test_batch.bin"])
    assert find("cifar10") is None
    put(own / folder, ["data_batch_3.bin", "data_batch_2.bin.part", "data_batch_6.bin", "data_batch_1.bin.gz"])
    assert find("cifar10") == {
        "data_batch_3": own / folder / "data_batch_3.bin",
        "test_batch": own / folder / "test_batch.bin",
    }
    (own / folder / "test_batch.bin").unlink()
    assert find("cifar10") is None


def test_names_agree_with_the_reader_of_the_archive():
    assert [names[0] for names in SETS["cifar10"].files.values()] == list(cifar.MEMBERS)


def test_the_manifest_of_the_project():
    found = sources()
    assert found is sources()
    assert found.keys() == SETS.keys()
    assert sum(file.bytes for file in found["mnist"].files) == 11_594_722
    for name, source in found.items():
        assert source.title == SETS[name].title
        assert source.licence
        assert all(file.mirrors for file in source.files)
    for name in ("mnist", "fashion_mnist"):
        assert {file.name for file in found[name].files} == {file + ".gz" for file in IDX}


def manifest(**changes):
    entry = json.loads(MANIFEST.read_text(encoding="utf-8"))["downloads"]["cifar10"]
    entry["files"][0] |= changes
    return {"downloads": {"cifar10": entry}}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (manifest(mirrors=["ftp://example.org/"]), "a mirror of cifar-10-binary.tar.gz is no http or https address"),
        (manifest(mirrors=["file:///etc/"]), "no http or https address"),
        (manifest(mirrors=["https://example.org/file"]), "that ends in a slash"),
        (manifest(mirrors=["https:///"]), "no http or https address"),
        (manifest(mirrors=[]), "no http or https address"),
        (manifest(mirrors=[7]), "Error"),
        (manifest(name="../evil.gz"), "'../evil.gz' is no plain file name"),
        (manifest(name="a.gz.part"), "no plain file name"),
        (manifest(bytes=0), "no sound size or checksum"),
        (manifest(bytes="12"), "no sound size or checksum"),
        (manifest(sha256="abc"), "no sound size or checksum"),
        ({"generated": []}, "KeyError"),
        ({"downloads": []}, "AttributeError"),
        ([], "TypeError"),
    ],
)
def test_a_manifest_that_is_not_sound(tmp_path, content, reason):
    (tmp_path / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match=r"^manifest\.json is missing or damaged") as caught:
        read_sources(tmp_path / "manifest.json")
    assert reason in str(caught.value)


def test_no_manifest(tmp_path):
    with pytest.raises(DataError, match=r"manifest.json is missing or damaged \(FileNotFoundError"):
        read_sources(tmp_path / "manifest.json")
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(DataError, match=r"manifest.json is missing or damaged \(JSONDecodeError"):
        read_sources(tmp_path / "manifest.json")
