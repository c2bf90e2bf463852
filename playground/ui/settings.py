"""What is behind "Data" and "Settings": the rarer choices, and a twin for all that can be clicked on the canvas."""

from collections.abc import Callable

import streamlit as st

from nn_core.activations import ACTIVATIONS
from nn_core.layers import Dense, Residual
from nn_core.spec import Choice, counted, name_of
from playground.experiments.config import MOST_LAYERS, MOST_UNITS, SOURCES, Own
from playground.live.plane.changes import with_layer, with_layers
from playground.live.run import SPEEDS, Run
from playground.ui import session
from playground.ui.inputs import features, look_at
from playground.ui.widgets import RESTARTS, pick, pick_choice, turn_field, turn_knobs

PROJECTOR = ("projector", "Projector text", "All text at 18 px or more, to be read from the last row.")
KINDS = {"dense": Dense, "residual": Residual}


def data_settings(sets: tuple[Choice, ...]) -> None:
    """Which data, their knobs, their seeds, and how they are looked at. sets: the data that the page offers."""
    run: Run = session.current()
    config = run.config
    st.caption("A change of the data starts the run afresh.")
    by_name = {name_of(data, SOURCES): data for data in sets}
    if len(sets) > 1:
        pick(
            "Data set",
            list(by_name),
            name_of(config.data, SOURCES),
            lambda name: session.change_data(by_name[name]),
            key="data-set",
            help="What the network has to learn.",
            names=lambda name: SOURCES[name].label,
        )
    if not isinstance(config.data, Own):
        turn_knobs(config.data, session.change_data, key="data-knob")
    look_at()
    features()
    turn_field("standardise", key="standardise", restarts=True)
    if config.loss.task == "values":
        turn_field("standardise_targets", key="standardise-targets", restarts=True)
    left, right = st.columns(2)
    with left:
        turn_field("seed_data", key="seed-data", restarts=True)
        turn_field("validation_share", key="validation-share", restarts=True)
    with right:
        turn_field("seed_split", key="seed-split", restarts=True)
        turn_field("test_share", key="test-share", restarts=True)
    parts = run.experiment.data
    st.caption(
        f"{counted(len(parts.train), 'sample')} to train on, {len(parts.validation):,} to choose by, "
        f"{len(parts.test):,} to test."
    )


def settings() -> None:
    """Network, training, stop rules, seeds, single weights, and the view."""
    speed()
    in_tabs(
        {"Network": _network, "Training": training, "Stop": stop, "Seeds": seeds, "Weights": _weights, "View": view},
    )


def in_tabs(contents: dict[str, Callable[[], None]]) -> None:
    """Each content under a tab of its own."""
    for tab, content in zip(st.tabs(list(contents)), contents.values(), strict=True):
        with tab:
            content()


def speed() -> None:
    """How much is trained between two pictures."""
    pick(
        "Speed",
        list(SPEEDS),
        session.current().speed,
        lambda speed: setattr(session.current(), "speed", speed),
        key="speed",
        help="How much is trained between two pictures. "
        + " ".join(f"{name}: {text}" for name, text in SPEEDS.items()),
    )


def _network():
    config = session.current().config
    st.session_state["layers"] = len(config.hidden)
    st.number_input(
        "Hidden layers",
        0,
        MOST_LAYERS,
        key="layers",
        help="More layers can bend more, and are harder to train." + RESTARTS,
        on_change=lambda: session.attempt(
            lambda: session.current().apply(with_layers(config, st.session_state["layers"]))
        ),
    )
    for number, layer in enumerate(config.hidden):
        _layer(number, layer)
    left, right = st.columns(2)
    with left:
        pick_choice("initialiser", key="initialiser", restarts=True)
    with right:
        turn_knobs(config.initialiser, lambda choice: session.change(initialiser=choice), key="initialiser-knob")


def _layer(number: int, layer):
    """Kind, units and activation of one hidden layer, in one row."""
    kind, units, activation = st.columns([1.2, 1, 1.3])
    shown = "visible" if number == 0 else "collapsed"

    def changed(**values):
        run: Run = session.current()
        session.attempt(lambda: run.apply(with_layer(run.config, number, **values)))

    with kind:
        st.session_state[f"kind-{number}"] = name_of(layer, KINDS)
        st.selectbox(
            "Kind",
            list(KINDS),
            key=f"kind-{number}",
            format_func=lambda name: KINDS[name].label,
            label_visibility=shown,
            help="Dense: f(x W + b). Residual: x + f(x W1 + b) W2." + RESTARTS,
            on_change=lambda: changed(kind=KINDS[st.session_state[f"kind-{number}"]]),
        )
    with units:
        st.session_state[f"units-{number}"] = layer.units
        st.number_input(
            "Units",
            1,
            MOST_UNITS,
            key=f"units-{number}",
            label_visibility=shown,
            help="How many units the layer has." + RESTARTS,
            on_change=lambda: changed(units=st.session_state[f"units-{number}"]),
        )
    with activation:
        st.session_state[f"activation-{number}"] = name_of(layer.activation, ACTIVATIONS)
        st.selectbox(
            "Activation",
            list(ACTIVATIONS),
            key=f"activation-{number}",
            format_func=lambda name: ACTIVATIONS[name].label,
            label_visibility=shown,
            help="What each unit of this layer makes of its sum.",
            on_change=lambda: changed(activation=ACTIVATIONS[st.session_state[f"activation-{number}"]]()),
        )
    turn_knobs(layer.activation, lambda choice: changed(activation=choice), key=f"activation-knob-{number}")


def training() -> None:
    """The knobs of optimiser, schedule and loss, and the penalties."""
    config = session.current().config
    for title, name in (("optimiser", "optimiser"), ("schedule", "schedule"), ("loss", "loss")):
        choice = getattr(config, name)
        st.markdown(f"**{choice.label}** ({title})")
        st.caption(choice.__doc__.strip().splitlines()[0])
        turn_knobs(choice, lambda value, name=name: session.change(**{name: value}), key=f"{name}-knob")
    left, right = st.columns(2)
    with left:
        turn_field("l1", key="l1")
    with right:
        turn_field("l2", key="l2")


def stop() -> None:
    """The rules that end a run."""
    st.caption("A run also stops when it diverges. 0 turns a rule off.")
    for name in ("stop_epochs", "stop_accuracy", "stop_patience"):
        turn_field(name, key=name)


def seeds() -> None:
    """The seeds that are no part of the data."""
    st.caption("The four seeds, data and split behind Data, make a run repeatable to the last bit.")
    turn_field("seed_weights", key="seed-weights", restarts=True)
    turn_field("seed_batches", key="seed-batches", restarts=True)


def _weights():
    """The twin of a click on a link or a bias."""
    run: Run = session.current()
    columns = run.columns
    names = {str(i): f"{i + 1}: {column.title}" for i, column in enumerate(columns)}
    if st.session_state.get("edit-column") not in names:
        st.session_state["edit-column"] = "0"
    chosen = int(st.selectbox("To the column", list(names), key="edit-column", format_func=names.get))
    column = columns[chosen]
    p = run.experiment.network.views(run.trainer.theta)[column.layer]
    sources = [str(i) for i in range(p[column.weights].shape[0])] + (["bias"] if column.bias else [])
    units = list(range(column.units))
    left, right = st.columns(2)
    if st.session_state.get("edit-source") not in sources:
        st.session_state["edit-source"] = sources[0]
    if st.session_state.get("edit-unit") not in units:
        st.session_state["edit-unit"] = 0
    with left:
        source = st.selectbox(
            "From", sources, key="edit-source", format_func=lambda s: s if s == "bias" else f"unit {int(s) + 1}"
        )
    with right:
        unit = st.selectbox("To unit", units, key="edit-unit", format_func=lambda u: f"unit {u + 1}")
    index = None if source == "bias" else int(source)
    number = p[column.bias][unit] if index is None else p[column.weights][index, unit]
    st.session_state["edit-value"] = float(number)
    st.number_input(
        "Value",
        step=0.1,
        format="%.4f",
        key="edit-value",
        help="Set it and watch what changes; pause first, or training moves it on.",
        on_change=lambda: session.attempt(
            lambda: session.current().set_number(chosen, unit, index, st.session_state["edit-value"])
        ),
    )


def view() -> None:
    """Log scale and text for the projector."""
    switches(
        ("log_loss", "Loss on a log scale", "Shows small losses as clearly as large ones."),
        PROJECTOR,
    )
    st.caption("Light or dark: the menu at the top right of the window.")


def switches(*named: tuple[str, str, str]) -> None:
    """A switch for each attribute of the run: its name, its label, its help."""

    def changed(name: str) -> None:
        setattr(session.current(), name, st.session_state[name])

    for name, label, text in named:
        st.session_state[name] = getattr(session.current(), name)
        st.toggle(label, key=name, help=text, on_change=changed, args=(name,))
