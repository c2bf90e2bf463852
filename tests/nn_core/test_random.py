"""Streams of random numbers: the same for the same names, unrelated otherwise, and no global generator anywhere."""

import numpy as np
import pytest

from nn_core.random import Streams, stream
from tests.nn_core.runs import same_bits, trainer


def test_the_same_names_give_the_same_numbers():
    assert same_bits(stream(3, "batches", 7).random(100), stream(3, "batches", 7).random(100))
    assert stream(np.int64(3), "batches", 7).random() == stream(3, "batches", 7).random()


def test_the_numbers_of_a_stream_are_these():
    # A link that was shared must open the same run next year, on another machine: these never change.
    raw = stream(0, "weights", 0).bit_generator.random_raw(3)
    assert raw.tolist() == [12931118059200592493, 5659754044368847536, 2100373447641870507]


@pytest.mark.parametrize(
    ("a", "b"),
    [((0, "x"), (1, "x")), ((0, "x"), (0, "y")), ((0, "x", 1), (0, "x", 2)), ((0, "x", 1, 2), (0, "x", 2, 1))],
)
def test_other_names_give_unrelated_numbers(a, b):
    first, second = stream(*a).random(10_000), stream(*b).random(10_000)
    assert not np.array_equal(first, second)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05  # five standard deviations


def test_streams_are_those_of_the_single_models():
    stacked = Streams([4, 5], "dropout", 9).random((2, 3, 2), dtype=np.float32)
    assert same_bits(stacked, np.stack([stream(s, "dropout", 9).random((3, 2), dtype=np.float32) for s in (4, 5)]))


def test_training_leaves_numpys_global_generator_alone():
    kind, keys, *rest = np.random.get_state()
    trainer().run(epochs=2)
    kind_after, keys_after, *rest_after = np.random.get_state()
    assert (kind, rest) == (kind_after, rest_after)
    assert same_bits(keys, keys_after)


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match="non-negative"):
        stream(-1, "weights")
