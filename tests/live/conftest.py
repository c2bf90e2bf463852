"""What the tests of the labs share."""

import pytest

from playground.experiments.stacks import Stack


@pytest.fixture
def steps(monkeypatch):
    """A slice is five steps long."""

    def advance(stack, seconds=None):
        stack.trainer.run(steps=5)
        return stack.done

    monkeypatch.setattr(Stack, "advance", advance)
