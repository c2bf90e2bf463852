"""What a stage may say over the wire: small JSON of one form, read strictly. docs/frame.md describes it."""

import json
import math
from typing import NamedTuple

MOST_CHARACTERS = 262_144  # of a message: a drawing of many strokes
MOST_DEEDS = 64  # in one message
MOST_NUMBER = 2**53 - 1
MOST_STAGE = 64  # characters of a stage's name
MOST_DEPTH = 6  # of lists and objects in each other


class Malformed(ValueError):
    """A message that no stage of ours sends."""


class Request(NamedTuple):
    """One frame is asked for. stage: who asks. number: of the request. deeds: what a person did, each numbered."""

    stage: str
    number: int
    deeds: tuple[dict, ...] = ()


def read_request(text: str | bytes) -> Request:
    """The request in a message. Raises Malformed for anything else."""
    if len(text) > MOST_CHARACTERS:
        raise Malformed(f"A message has at most {MOST_CHARACTERS:,} characters.")
    try:
        message = json.loads(text, parse_constant=_not_json, parse_float=_finite, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"A message is JSON: {error}") from None
    match message:
        case {"stage": str(stage), "number": int(number), "deeds": [*deeds]} if len(message) == 3:
            pass
        case _:
            raise Malformed("A message holds stage, number and deeds.")
    if not 1 <= len(stage) <= MOST_STAGE or not _is_number(number) or len(deeds) > MOST_DEEDS:
        raise Malformed("A message's stage, number or deeds are out of bounds.")
    for deed in deeds:
        if not (isinstance(deed, dict) and isinstance(deed.get("kind"), str) and _is_number(deed.get("number"))):
            raise Malformed("A deed has a kind and a number.")
        if not _is_shallow(deed, MOST_DEPTH):
            raise Malformed("A deed is nested too deep.")
    return Request(stage, number, tuple(deeds))


def _is_number(value) -> bool:
    return type(value) is int and 0 <= value <= MOST_NUMBER


def _not_json(constant):
    raise ValueError(f"{constant} is no JSON")


def _finite(text):
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is too large")
    return value


def _whole(text):
    if len(text) > 20:
        raise ValueError(f"{text[:20]} .. is too large")
    return int(text)


def _is_shallow(value, depth: int) -> bool:
    """Whether there are at most so many lists and objects in each other; what is deeper is not looked at."""
    if not isinstance(value, dict | list):
        return True
    return depth > 0 and all(_is_shallow(one, depth - 1) for one in (value.values() if type(value) is dict else value))
