"""A choice and its text.

Everything a person can choose (an optimiser, an activation, a data set) is a frozen dataclass whose fields are made
by `knob`, and stands by name in a plain dict (its registry). That is all the program needs to check the choice when
it is made, to write it into a link (`show`), to read it back (`read`) and to draw it as widgets (`knobs`).

>>> @dataclass(frozen=True)
... class Momentum(Choice):
...     momentum: float = knob(0.9, "Momentum", "Share of the last step that is kept.", low=0, high=0.999)
>>> show(Momentum(0.5), {"momentum": Momentum})
'momentum(momentum=0.5)'
>>> read("momentum(momentum=0.5)", {"momentum": Momentum}, "optimiser")
Momentum(momentum=0.5)
"""

import dataclasses
import functools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_TEXT = 400  # characters; a longer choice is no choice of ours, so nothing more of it is looked at


class SpecError(ValueError):
    """A choice that cannot be taken; its text is one sentence that names the part and what it may be."""


@dataclass(frozen=True)
class Knob:
    """What is known of one field of a choice: its default, bounds, and the words that explain it to a person."""

    name: str
    default: Any
    label: str
    help: str
    low: float | None
    high: float | None
    choices: tuple | None
    registry: Mapping[str, type] | None = None

    def check(self, value: Any) -> Any:
        """Return `value` in the knob's type, or raise SpecError with the range that it must lie in."""
        kind = type(self.default)
        if self.registry is not None:
            if type(value) in self.registry.values():
                return value
            raise SpecError(f"{self.name} must be one of {', '.join(self.registry)}, not {clip(value)!r}.")
        if kind is bool and isinstance(value, bool):
            return value
        if kind is str and isinstance(value, str):
            if self.choices and value not in self.choices:
                raise SpecError(f"{self.name} must be one of {', '.join(self.choices)}, not {clip(value)!r}.")
            return value
        number = kind in (int, float) and not isinstance(value, (bool, str))
        try:
            if number and kind(value) == value and math.isfinite(float(value)) and self._within(value):
                return kind(value)
        except (TypeError, ValueError, OverflowError):
            pass
        raise SpecError(f"{self.name} must be {self._range()}, not {clip(value)!r}.")

    def read(self, text: str) -> Any:
        """Return the value that `text` stands for."""
        text = text.strip()
        kind = type(self.default)
        if self.registry is not None:
            return read(text, self.registry, self.name)
        if kind is bool:
            return self.check({"on": True, "off": False}.get(text, text))
        if kind is str:
            return self.check(text)
        try:
            return self.check(kind(text))
        except SpecError:
            raise
        except (ValueError, OverflowError):
            raise SpecError(f"{self.name} must be {self._range()}, not {clip(text)!r}.") from None

    def show(self, value: Any) -> str:
        """The text of `value`, which reads back to exactly the same value."""
        return show(value, self.registry) if self.registry is not None else show_value(value)

    def _within(self, value: Any) -> bool:
        if self.choices and value not in self.choices:
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def _range(self) -> str:
        kind = {int: "a whole number", float: "a number", bool: "on or off", str: "a word"}[type(self.default)]
        if self.choices:
            return "one of " + ", ".join(show_value(choice) for choice in self.choices)
        if self.low is not None and self.high is not None:
            return f"{kind} from {_bound(self.low)} to {_bound(self.high)}"
        if self.low is not None:
            return f"{kind} of at least {_bound(self.low)}"
        return kind


def knob(
    default: Any,
    label: str,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple | None = None,
    registry: Mapping[str, type] | None = None,
) -> Any:
    """A dataclass field with a default, a label, one sentence of help and what it is checked against.

    low, high: the range of a number; choices: the values that are allowed; registry: the field is a choice itself.
    """
    about = {"label": label, "help": help, "low": low, "high": high, "choices": choices, "registry": registry}
    return dataclasses.field(default=default, metadata={"knob": about})


def knobs(choice: "Choice | type") -> tuple[Knob, ...]:
    """The knobs of a choice (class or instance), in the order in which they are written."""
    return _knobs_of(choice if isinstance(choice, type) else type(choice))


@functools.cache
def _knobs_of(kind: type) -> tuple[Knob, ...]:
    fields = [field for field in dataclasses.fields(kind) if "knob" in field.metadata]
    return tuple(Knob(name=field.name, default=field.default, **field.metadata["knob"]) for field in fields)


@dataclass(frozen=True)
class Choice:
    """Base of every choice: checks its knobs when it is made, so that a choice that exists is a valid one."""

    def __post_init__(self):
        for knob_ in knobs(self):
            object.__setattr__(self, knob_.name, knob_.check(getattr(self, knob_.name)))


def show(choice: Any, registry: Mapping[str, type]) -> str:
    """The text of a choice: its name in the registry, and in brackets the knobs that differ from their defaults."""
    name = name_of(choice, registry)
    turned = [knob_ for knob_ in knobs(choice) if getattr(choice, knob_.name) != knob_.default]
    inside = ",".join(f"{knob_.name}={knob_.show(getattr(choice, knob_.name))}" for knob_ in turned)
    return f"{name}({inside})" if inside else name


def read(text: str, registry: Mapping[str, type], what: str) -> Any:
    """The choice that `text` stands for, e.g. `adam(beta1=0.8)`; `what` names it in errors, e.g. "optimiser".

    Raises SpecError, in one sentence, for an unknown name, an unknown knob, or a value out of its range.
    """
    match = re.fullmatch(r"\s*([\w-]+)\s*(?:\((.*)\))?\s*", text) if len(text) <= LONGEST_TEXT else None
    if not match:
        raise SpecError(f"{what} {clip(text)!r} cannot be read; it looks like name or name(knob=value).")
    name, inside = match.groups()
    if name not in registry:
        raise SpecError(f"{what} {clip(name)!r} is not known; it can be {', '.join(registry)}.")
    by_name = {k.name: k for k in knobs(registry[name])}
    values = {}
    for part in filter(None, split(inside or "")):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or key not in by_name:
            known = f"its knobs are {', '.join(by_name)}" if by_name else "it has no knobs"
            raise SpecError(f"{what} {name} has no knob {clip(key)!r}; {known}.")
        if key in values:
            raise SpecError(f"{what} {name} has its knob {key!r} set twice; set it once.")
        try:
            values[key] = by_name[key].read(value)
        except SpecError as error:
            raise SpecError(f"{what} {name}: {error}") from None
    return registry[name](**values)


def split(text: str, separator: str = ",") -> list[str]:
    """`text` cut at each separator that stands outside of brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == separator and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def name_of(choice: Any, registry: Mapping[str, type]) -> str:
    """The name under which the class of `choice` stands in its registry."""
    return next(name for name, kind in registry.items() if type(choice) is kind)


def show_value(value: Any) -> str:
    """A knob's value as short text that reads back to exactly the same value."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e6:
        return str(int(value))
    return str(value)


def _bound(number: float) -> str:
    """A bound of a range, as a person would write it."""
    return f"{int(number):,}" if float(number).is_integer() else f"{number:g}"


def counted(count: int, thing: str, things: str = "") -> str:
    """A number of things in words: 1 epoch, 12 epochs, 1,024 samples. things: the plural, where it is not thing + s."""
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"


def clip(value: Any, longest: int = 40) -> str:
    """`value` as text that is safe to repeat in a sentence: cut when it is long."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= longest else text[:longest] + "…"
