"""Widgets that show a part of the config and change it.

The config is the truth; a widget is set from it in every script run, before it is drawn. What a person picks goes
through `session.change`, so a value that is not allowed comes back as one sentence and the widget returns to the truth.
"""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from nn_core.spec import Choice, Knob, knobs, name_of, show_value
from playground.experiments.config import Config
from playground.ui import session
from playground.ui.words import plain

KNOBS = {knob.name: knob for knob in knobs(Config)}
RESTARTS = "\n\n*A change starts the run afresh.*"


def pick(
    label: str,
    options: Sequence[str],
    value: str,
    on_pick: Callable[[str], None],
    *,
    key: str,
    help: str,
    names: Callable[[str], str] = str,
    free: bool = False,
) -> None:
    """A select box over texts; `free` lets a person type another one."""
    options = list(options) if value in options else [*options, value]
    st.session_state[key] = value
    st.selectbox(
        label,
        options,
        key=key,
        help=help,
        format_func=names,
        accept_new_options=free,
        on_change=lambda: on_pick(st.session_state[key]) if st.session_state[key] is not None else None,
    )


def pick_number(name: str, options: Sequence[float], *, key: str, free: bool = True, words: Mapping = {}) -> None:
    """A select box over numbers for one field of the config; `words` gives some of them a name (0: "full")."""
    knob, value = KNOBS[name], getattr(session.current().config, name)
    to_text = {number: words.get(number, show_value(number)) for number in sorted({*options, value} - set(words))}
    to_text |= words
    from_text = {text: number for number, text in to_text.items()}

    def on_pick(text):
        number = from_text.get(text.strip())
        session.attempt(lambda: session.change(**{name: knob.read(text) if number is None else number}))

    pick(knob.label, list(from_text), to_text[value], on_pick, key=key, help=knob.help, free=free)


def pick_choice(name: str, *, key: str, restarts: bool = False) -> None:
    """A select box over a registry for one field of the config, such as the optimiser."""
    knob, value = KNOBS[name], getattr(session.current().config, name)
    registry = knob.registry
    pick(
        knob.label,
        list(registry),
        name_of(value, registry),
        lambda chosen: session.change(**{name: registry[chosen]()}),
        key=key,
        help=knob.help + _members(registry) + (RESTARTS if restarts else ""),
        names=lambda entry: registry[entry].label,
    )


def turn_knobs(choice: Choice, on_turn: Callable[[Choice], None], *, key: str, restarts: bool = False) -> None:
    """A widget for each knob of a choice, two in a row."""
    turned = knobs(choice)
    columns = st.columns(2) if turned else []
    for number, knob in enumerate(turned):
        with columns[number % 2]:
            turn(
                knob,
                getattr(choice, knob.name),
                lambda value, name=knob.name: on_turn(_replaced(choice, name, value)),
                key=f"{key}-{type(choice).__name__}-{knob.name}",
                restarts=restarts,
            )


def turn_field(name: str, *, key: str, restarts: bool = False) -> None:
    """A widget for one plain field of the config."""
    turn(
        KNOBS[name],
        getattr(session.current().config, name),
        lambda value: session.change(**{name: value}),
        key=key,
        restarts=restarts,
    )


def turn(knob: Knob, value, on_turn: Callable, *, key: str, restarts: bool = False) -> None:
    """The widget that fits a knob's type: a switch, a select box or a number."""
    text = knob.help + (RESTARTS if restarts else "")

    def changed():
        if st.session_state[key] is not None:
            session.attempt(lambda: on_turn(knob.check(st.session_state[key])))

    st.session_state[key] = value
    if isinstance(value, bool):
        st.toggle(knob.label, key=key, help=text, on_change=changed)
    elif knob.choices:
        st.selectbox(knob.label, knob.choices, key=key, help=text, on_change=changed)
    else:
        bounds = {
            "min_value": None if knob.low is None else type(value)(knob.low),
            "max_value": None if knob.high is None else type(value)(knob.high),
        }
        st.number_input(
            knob.label, **bounds, step=_step(knob, value), format=_format(value), key=key, help=text, on_change=changed
        )


def _replaced(choice: Choice, name: str, value) -> Choice:
    values = {knob.name: getattr(choice, knob.name) for knob in knobs(choice)}
    return type(choice)(**{**values, name: value})


def _members(registry) -> str:
    """One line for each member of a registry: its name and the first sentence of its docstring."""
    lines = [f"- **{member.label}**: {plain(member.__doc__.strip().splitlines()[0])}" for member in registry.values()]
    return "\n\n" + "\n".join(lines)


def _step(knob: Knob, value):
    """A tenth of the default, as a round number: a useful press of + or -."""
    if isinstance(value, int):
        return max(1, 10 ** (len(str(abs(knob.default))) - 2)) if knob.default else 1
    size = abs(knob.default) or 0.01
    return float(f"{size / 10:.0e}")


def _format(value):
    return "%d" if isinstance(value, int) else "%g"
