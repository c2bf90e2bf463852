"""What is done on the stage is done once, however often the stage says it."""

import pytest

from playground.ui.session import Session, new_deeds


def message(stage, *numbers):
    return {"stage": stage, "deeds": [{"kind": "picture", "index": number, "number": number} for number in numbers]}


def numbers(deeds):
    return [deed["number"] for deed in deeds]


def test_each_deed_is_done_once():
    memory = Session()
    assert numbers(new_deeds(memory, message("a", 1))) == [1]
    assert numbers(new_deeds(memory, message("a", 1, 2))) == [2]
    assert numbers(new_deeds(memory, message("a", 1, 2))) == []
    assert numbers(new_deeds(memory, message("a", 4))) == [4]  # 3 was replaced by 4 before it was sent
    assert memory.acted == ("a", 4)


def test_a_new_stage_counts_from_the_beginning():
    memory = Session()
    new_deeds(memory, message("a", 1, 2, 3))
    assert numbers(new_deeds(memory, message("b", 1))) == [1]
    assert memory.acted == ("b", 1)


@pytest.mark.parametrize(
    "junk",
    [
        None,
        1,
        "ink",
        [],
        {},
        {"kind": "ink", "nonce": "1"},
        {"stage": 1, "deeds": []},
        {"stage": "a", "deeds": {}},
        {"stage": "a", "deeds": "ab"},
        {"stage": "a", "deeds": [1, None, {}, {"number": "2"}, {"number": True}, {"number": -1}]},
    ],
    ids=str,
)
def test_junk_is_nothing(junk):
    memory = Session()
    assert new_deeds(memory, junk) == []
    assert memory.acted[1] == 0
