"""The seven controls above the stage, which may all be changed while the network trains."""

import dataclasses

import streamlit as st

from nn_core.activations import ACTIVATIONS
from nn_core.spec import name_of, show_value
from playground.experiments.config import Config, Kind
from playground.ui import session
from playground.ui.widgets import KNOBS, pick, pick_choice, pick_number

RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
STRENGTHS = (0.0001, 0.001, 0.003, 0.01, 0.03, 0.1)
DROPOUTS = (0.0, 0.1, 0.2, 0.3, 0.5)
MIXED = "mixed"


def controls() -> None:
    """The select boxes in one row, one column each."""
    boxes = (
        lambda: pick_number("learning_rate", RATES, key="rate"),
        _activation,
        lambda: pick_choice("optimiser", key="optimiser"),
        _batch,
        _penalty,
        lambda: pick_number("dropout", DROPOUTS, key="dropout"),
        lambda: pick_choice("schedule", key="schedule"),
    )
    for column, box in zip(st.columns([1, 1, 1.05, 0.85, 1.05, 0.8, 1.15], gap="small"), boxes, strict=True):
        with column:
            box()


def _batch():
    kind: Kind = session.current().config.kind
    pick_number("batch_size", kind.batches, key="batch", words={0: "full"} if kind.takes_full_batch else {})


def _activation():
    """One activation for all hidden layers; Settings has one for each."""
    config = session.current().config
    names = [name_of(layer.activation, ACTIVATIONS) for layer in config.hidden if hasattr(layer, "activation")]
    value = names[0] if len(set(names)) == 1 else MIXED if names else "none"
    pick(
        "Activation",
        list(ACTIVATIONS),
        value,
        lambda chosen: session.change(hidden=_with_activation(config, chosen)),
        key="activation",
        help="What a hidden unit makes of its sum; Settings can give each layer its own. Without a bend a net of any "
        "depth draws a straight line: try linear.",
        names=lambda name: ACTIVATIONS[name].label if name in ACTIVATIONS else name,
    )


def _with_activation(config: Config, name: str) -> tuple:
    if name not in ACTIVATIONS:
        return config.hidden
    return tuple(
        dataclasses.replace(layer, activation=ACTIVATIONS[name]()) if hasattr(layer, "activation") else layer
        for layer in config.hidden
    )


def _penalty():
    """L1 or L2 of one strength; Settings can mix them."""
    config = session.current().config
    strengths = {"none": (0.0, 0.0)}
    strengths |= {f"L2 {show_value(s)}": (0.0, s) for s in STRENGTHS} | {
        f"L1 {show_value(s)}": (s, 0.0) for s in STRENGTHS
    }
    now = (config.l1, config.l2)
    parts = [f"{name} {show_value(strength)}" for name, strength in (("L1", now[0]), ("L2", now[1])) if strength]
    text = " + ".join(parts) or "none"
    strengths[text] = now
    pick(
        "Penalty",
        list(strengths),
        text,
        lambda chosen: session.change(l1=strengths[chosen][0], l2=strengths[chosen][1]),
        key="penalty",
        help=f"Keeps weights small, never biases. L2: {KNOBS['l2'].help} L1: {KNOBS['l1'].help}",
    )
