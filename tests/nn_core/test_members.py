"""The tests' own promise: a new member of a registry is tested by existing, and fails until PyTorch has been asked."""

import pytest

from nn_core.activations import ACTIVATIONS, Linear
from nn_core.layers import LAYERS, BatchNorm, Conv2D, Dense, Flatten, LayerNorm, Residual
from nn_core.spec import knobs, show
from tests.nn_core.members import REGISTRIES, members, names, sample_shape, variants
from tests.nn_core.test_torch import ask
from tests.oracle import SOURCES


@pytest.mark.parametrize("registry", REGISTRIES)
def test_every_member_is_met_in_several_variants(registry):
    ids = [case.id for case in members(registry)]
    assert len(set(ids)) == len(ids)
    for name in names(registry):
        assert any(text.split("(")[0] == name for text in ids)
    for kind in REGISTRIES[registry].values():
        for knob in knobs(kind):  # each knob is turned at least once
            assert len({getattr(choice, knob.name) for choice in variants(kind)} | {knob.default}) > 1


def test_layers_are_met_with_every_activation():
    for kind in (Dense, Residual, Conv2D):
        assert {type(layer.activation) for layer in variants(kind)} == set(ACTIVATIONS.values())


def test_layers_are_met_on_what_they_take():
    """Every layer takes its test shape; both normalisations are met on vectors and on pictures."""
    shapes = {kind: {sample_shape(layer) for layer in variants(kind)} for kind in LAYERS.values()}
    for kind in LAYERS.values():
        for layer in variants(kind):
            layer.output_shape(sample_shape(layer))  # raises if the layer does not take it
    assert shapes[Conv2D] == shapes[Flatten] == {(6, 5, 2)}
    assert shapes[BatchNorm] == shapes[LayerNorm] == {(3,), (6, 5, 2)}
    assert shapes[Dense] == {(3,)}


@pytest.mark.parametrize("source", SOURCES)
def test_a_member_that_pytorch_was_never_asked_about_fails(source, monkeypatch):
    class Swish(Linear):
        label = "new"

    monkeypatch.setitem(ACTIVATIONS, "new", Swish)
    assert show(Swish(), ACTIVATIONS) in [case.id for case in members("activations")]
    with pytest.raises(pytest.fail.Exception, match=r"'new'.*twin into tests/oracle/twins\.py.*tests\.oracle\.record"):
        ask("activations", Swish(), source)
