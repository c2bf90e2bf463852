"""Pictures made ready: split, scaled, moved, projected; and nothing of the test part leaks into what is measured."""

import numpy as np
import pytest

from nn_core.spec import SpecError
from playground.datasets import prepare
from playground.datasets.augment import Augment
from playground.datasets.base import DataError
from playground.datasets.pictures import Digits, Mnist
from playground.datasets.prepare import Components, Pixels, Prepared, Scaling, components_of, load_pictures
from tests.datasets.test_pictures import TEST, TRAIN, forget, made, point_to, write_part, write_set

PLAIN, STILL = Pixels(), Augment()


@pytest.fixture(autouse=True)
def mnist(tmp_path, monkeypatch):
    """A small MNIST of 1,200 and 240 pictures."""
    point_to(tmp_path, monkeypatch)
    forget()
    write_set(tmp_path)
    yield tmp_path
    forget()


def numbers(part):
    """Which pictures of their file a part holds: their first two pixels tell."""
    first, second = (np.rint(part.x[:][:, 0, k, 0] * 255).astype(int) for k in (0, 1))
    return first + 256 * second


def refused(error, *args, **kwargs):
    with pytest.raises(error) as caught:
        load_pictures(*args, **kwargs)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert ". " not in sentence
    return sentence


# --- the split ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
def test_one_picture_in_twelve_is_set_aside(seed):
    data = load_pictures(Mnist(), seed, PLAIN, STILL)
    assert (len(data.train), len(data.validation), len(data.test)) == (1100, 100, TEST)
    train, validation = numbers(data.train), numbers(data.validation)
    assert np.array_equal(np.sort(np.concatenate([train, validation])), np.arange(TRAIN))
    assert np.array_equal(numbers(data.test), np.arange(TEST))
    _, classes = made(TRAIN, 1)
    assert np.array_equal(data.train.y, classes[train])
    assert np.array_equal(data.validation.y, classes[validation])
    assert np.array_equal(data.test.y, made(TEST, 2)[1])


def test_classes_are_mixed_evenly():
    data = load_pictures(Mnist(), 3, PLAIN, STILL)
    whole = np.bincount(made(TRAIN, 1)[1], minlength=10)
    for labels in (data.validation.y, data.train.y, data.train.y[:110], data.train.y[500:600]):  # any stretch
        expected = whole * len(labels) / TRAIN
        assert np.all(np.abs(np.bincount(labels, minlength=10) - expected) < 2)


def test_the_seed_decides_the_split_alone():
    first, again, other = (load_pictures(Mnist(), seed, PLAIN, STILL) for seed in (7, 7, 8))
    assert np.array_equal(numbers(first.train), numbers(again.train))
    assert not np.array_equal(numbers(first.train), numbers(other.train))
    assert set(numbers(first.validation)) != set(numbers(other.validation))
    scaled = load_pictures(Mnist(), 7, Pixels("standardised", True), Augment(2))
    assert np.array_equal(scaled.train.y, first.train.y)


@pytest.mark.parametrize(("samples", "train", "validation"), [(100, 92, 8), (600, 550, 50), (1199, 1099, 100)])
def test_fewer_samples_for_a_quick_demonstration(samples, train, validation):
    data, all_of_it = (load_pictures(Mnist(n), 0, PLAIN, STILL) for n in (samples, TRAIN))
    assert (len(data.train), len(data.validation), len(data.test)) == (train, validation, TEST)
    used = np.concatenate([numbers(data.train), numbers(data.validation)])
    assert len(set(used.tolist())) == samples
    assert np.array_equal(numbers(data.test), numbers(all_of_it.test))
    expected = np.bincount(made(TRAIN, 1)[1], minlength=10) * samples / TRAIN
    _, classes = made(TRAIN, 1)
    assert np.all(np.abs(np.bincount(classes[used], minlength=10) - expected) <= 1.01)


def test_a_class_that_is_lost_has_one_sentence(mnist):
    pictures, classes = made(TRAIN, 1)
    classes[classes == 3] = 4
    write_part(mnist, "train", pictures, classes)
    sentence = refused(DataError, Mnist(), 0, PLAIN, STILL)
    assert sentence == "No training picture of class '3' is in MNIST; replace its files."


def test_a_class_that_too_few_samples_lose_has_one_sentence(mnist):
    pictures, classes = made(TRAIN, 1)
    classes[classes == 3] = 4
    classes[0] = 3
    write_part(mnist, "train", pictures, classes)
    sentence = refused(DataError, Mnist(100), 0, PLAIN, STILL)
    assert sentence == "No training picture of class '3' is left; use more samples."


# --- the scale ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_from_no_ink_to_full_ink(dtype):
    data = load_pictures(Mnist(), 0, PLAIN, STILL, dtype)
    expected = made(TEST, 2)[0] / 255
    seen = data.test.x[:]
    assert seen.dtype == data.test.x.dtype == dtype
    np.testing.assert_allclose(seen[..., 0], expected, rtol=0, atol=1e-6)
    digits = load_pictures(Digits(), 0, PLAIN, STILL, dtype).train.x[:]
    assert (digits.min(), digits.max()) == (0, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_standardised_by_the_numbers_of_mnist(dtype):
    data = load_pictures(Mnist(), 0, Pixels("standardised"), STILL, dtype)
    expected = (made(TEST, 2)[0] / 255 - 0.1307) / 0.3081
    np.testing.assert_allclose(data.test.x[:][..., 0], expected, rtol=0, atol=1e-5)
    digits = load_pictures(Digits(), 0, Pixels("standardised"), STILL, dtype)
    seen = np.concatenate([digits.train.x[:], digits.validation.x[:]])
    assert seen.mean() == pytest.approx(0, abs=2e-3)
    assert seen.std() == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("scale", ["0-1", "standardised"])
def test_the_mean_picture_is_that_of_the_training_part_alone(scale, monkeypatch):
    monkeypatch.setattr(prepare, "BLOCK", 300)  # so that several blocks are summed
    data = load_pictures(Mnist(), 0, Pixels(scale, True), STILL, np.float64)
    plain = load_pictures(Mnist(), 0, Pixels(scale), STILL, np.float64)
    np.testing.assert_allclose(data.train.x[:].mean(axis=0), 0, atol=1e-12)
    assert np.abs(data.validation.x[:].mean(axis=0)).max() > 1e-3
    mean = plain.train.x[:].mean(axis=0)
    for name in ("train", "validation", "test"):
        found, before = getattr(data, name).x[:], getattr(plain, name).x[:]
        np.testing.assert_allclose(found, before - mean, rtol=0, atol=1e-9)
    single = load_pictures(Mnist(), 0, Pixels(scale, True), STILL)
    np.testing.assert_allclose(single.train.x[:].mean(axis=0), 0, atol=1e-5)


def test_what_is_encoded_is_what_the_parts_hold():
    for pixels in (PLAIN, Pixels("standardised"), Pixels(mean_image=True), Pixels(components=6)):
        data = load_pictures(Mnist(), 0, pixels, STILL)
        np.testing.assert_allclose(data.encode(data.album.test[:50]), data.test.x[:50], rtol=0, atol=1e-4)


# --- pictures that behave as an array -------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_prepared_pictures_are_like_an_array(dtype):
    rng = np.random.default_rng(0)
    pictures = rng.integers(256, size=(9, 4, 3, 2), dtype=np.uint8)
    rows = np.array([8, 0, 5, 5, 2])
    prepared = Prepared(pictures, rows, Scaling(0.5, dtype(-1), dtype))
    expected = pictures[rows].astype(dtype) * dtype(0.5) - dtype(1)
    assert prepared.shape == expected.shape
    assert prepared.dtype == expected.dtype
    assert prepared.ndim == expected.ndim
    assert len(prepared) == 5
    assert not prepared.varies
    for part in (slice(None), slice(2), slice(1, 4), slice(-2, None), slice(9, 12), slice(None, None, 2)):
        assert np.array_equal(prepared[part], expected[part])
        assert prepared[part].dtype == dtype
    out = np.full((3, 4, 3, 2), np.nan, dtype)
    prepared.gather(np.array([4, 4, 1]), out, None)
    assert np.array_equal(out, expected[[4, 4, 1]])


def test_an_offset_for_each_pixel():
    offset = np.arange(4, dtype=np.float32).reshape(2, 2, 1)
    scaled = Scaling(2.0, offset).apply(np.ones((3, 2, 2, 1), np.uint8))
    assert np.array_equal(scaled, np.broadcast_to(2 + offset, (3, 2, 2, 1)))
    out = np.empty((3, 2, 2, 1), np.float32)
    assert Scaling(2.0, offset).apply(np.ones((3, 2, 2, 1), np.uint8), out) is out
    assert np.array_equal(out, scaled)


def test_only_the_training_part_is_moved():
    data, still = (load_pictures(Mnist(), 0, PLAIN, moved) for moved in (Augment(3, 20.0), STILL))
    assert data.train.x.varies
    assert not data.validation.x.varies
    assert not data.test.x.varies
    assert np.array_equal(data.train.x[:], still.train.x[:])  # as they are measured
    rows = np.arange(40)
    first, again, other = (np.empty((40, 28, 28, 1), np.float32) for _ in range(3))
    for out, seed in ((first, 1), (again, 1), (other, 2)):
        data.train.x.gather(rows, out, np.random.default_rng(seed))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, data.train.x[:40])
    data.test.x.gather(rows, first, np.random.default_rng(1))
    assert np.array_equal(first, data.test.x[:40])


def test_augmentation_may_be_changed_at_any_time():
    data = load_pictures(Mnist(), 0, PLAIN, STILL)
    out = np.empty((5, 28, 28, 1), np.float32)
    data.train.x.augment = Augment(2)
    assert data.train.x.varies
    data.train.x.gather(np.arange(5), out, np.random.default_rng(0))
    assert not np.array_equal(out, data.train.x[:5])
    moved = Augment(2).apply(data.album.train[data.train.x.rows[:5]], np.random.default_rng(0))
    np.testing.assert_allclose(out, moved / np.float32(255), rtol=0, atol=1e-6)


def test_one_run_does_not_move_the_pictures_of_another():
    first, second = (load_pictures(Mnist(), 0, PLAIN, STILL) for _ in range(2))
    first.train.x.augment = Augment(2)
    assert not second.train.x.varies


# --- principal components -------------------------------------------------------------------------------------------


def by_hand(x, count):
    """Mean, basis and shares of the variance, of the whole decomposition."""
    x = x.reshape(len(x), -1).astype(np.float64)
    mean = x.mean(axis=0)
    _, sizes, basis = np.linalg.svd(x - mean, full_matrices=False)
    return mean, basis[:count], (sizes**2 / (sizes**2).sum())[:count]


@pytest.mark.parametrize("pixels", [PLAIN, Pixels("standardised"), Pixels("0-1", True)])
@pytest.mark.parametrize("data", [Mnist(), Digits()], ids=["mnist", "digits"])
def test_components_are_those_of_a_decomposition_by_hand(data, pixels):
    found = components_of(data, 0, pixels)
    train = load_pictures(data, 0, pixels, STILL, np.float64).train.x[:]
    count = min(500, train[0].size)
    mean, basis, shares = by_hand(train, count)
    assert found.basis.shape == (count, train[0].size)
    assert np.all(np.diff(found.shares) <= 1e-9)
    assert found.shares.min() >= 0
    assert found.shares.sum() <= 1 + 1e-5
    np.testing.assert_allclose(found.mean, mean, atol=1e-4)
    np.testing.assert_allclose(found.shares, shares, atol=1e-5)
    for number in range(8):  # up to its sign each is the same
        assert abs(found.basis[number] @ basis[number]) == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(found.basis @ found.basis.T, np.eye(count), atol=1e-3)
    for share in (0.5, 0.9, 0.95, 0.99):
        assert found.needed(share) == np.count_nonzero(np.cumsum(shares) < share) + 1


def test_how_many_components_are_needed():
    found = Components(np.zeros(4), np.eye(4), np.array([0.5, 0.25, 0.125, 0.0625]))
    assert [found.needed(share) for share in (0.1, 0.5, 0.51, 0.75, 0.9375)] == [1, 1, 2, 2, 4]
    assert found.needed(0.95) is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_parts_are_projections(dtype, monkeypatch):
    monkeypatch.setattr(prepare, "BLOCK", 70)
    data = load_pictures(Mnist(), 0, Pixels("standardised", components=9), STILL, dtype)
    plain = load_pictures(Mnist(), 0, Pixels("standardised"), STILL, np.float64)
    whole = components_of(Mnist(), 0, Pixels("standardised"))
    assert data.components.basis.shape == (9, 784)
    assert np.array_equal(data.components.basis, whole.basis[:9])
    assert np.array_equal(data.components.shares, whole.shares[:9])
    for name in ("train", "validation", "test"):
        found, x = getattr(data, name).x, getattr(plain, name).x[:]
        expected = (x.reshape(len(x), -1) - whole.mean) @ whole.basis[:9].T
        assert found.shape == (len(x), 9)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-3)
        assert not found.flags.writeable
    np.testing.assert_allclose(data.train.x.mean(axis=0), 0, atol=1e-2)
    assert np.array_equal(data.train.y, plain.train.y)


def test_components_are_measured_on_the_training_part_alone():
    data = load_pictures(Mnist(200), 5, Pixels(components=3), STILL)
    train = load_pictures(Mnist(200), 5, PLAIN, STILL, np.float64).train.x[:]
    np.testing.assert_allclose(data.components.mean, train.reshape(len(train), -1).mean(axis=0), atol=1e-5)


def test_components_of_many_pictures_are_measured_on_some(monkeypatch):
    monkeypatch.setattr(prepare, "FITTED", 150)
    found = components_of(Mnist(), 0, PLAIN)
    train = load_pictures(Mnist(), 0, PLAIN, STILL, np.float64).train.x[:150]
    np.testing.assert_allclose(found.mean, train.reshape(150, -1).mean(axis=0), atol=1e-5)
    assert found.basis.shape == (150, 784)


def test_components_are_worked_out_once():
    first = components_of(Mnist(), 0, PLAIN)
    assert components_of(Mnist(), 0, Pixels(components=9)) is first
    assert components_of(Mnist(), 1, PLAIN) is not first


@pytest.mark.parametrize(
    ("data", "count", "words"),
    [
        (Digits(), 65, "components must be from 1 to 64 for pictures of 64 numbers, not 65."),
        (Digits(), 500, "components must be from 1 to 64 for pictures of 64 numbers, not 500."),
        (Mnist(100), 93, "components must be from 1 to 92"),
    ],
)
def test_too_many_components_have_one_sentence(data, count, words):
    assert words in refused(SpecError, data, 0, Pixels(components=count), STILL)
    assert len(load_pictures(data, 0, Pixels(components=60), STILL).train.x.T) == 60


def test_components_cannot_be_moved():
    for moved in (Augment(1), Augment(0, 5.0)):
        sentence = refused(SpecError, Digits(), 0, Pixels(components=5), moved)
        assert sentence.startswith("augment must be off while the network trains on principal components")
