"""The gradient lab: is a backward pass the derivative of the forward pass, and what does it cost to ask?"""

from collections.abc import Callable
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from nn_core.activations import ACTIVATIONS
from nn_core.derivatives.slopes import SlopeTest
from nn_core.spec import SpecError
from playground.experiments.faults import FAULTS
from playground.experiments.gradient_lab import CLASSES, INPUTS, OFF, Finding, finding, problem
from playground.figures.checks import slope_figure
from playground.ui import session
from playground.ui.labs.cost import cost
from playground.ui.labs.downloads import figures
from playground.ui.shell import Shell, opener, recipes
from playground.ui.words import plain

ERRORS = {"zero_order": "zero order: |f(x + εd) − f(x)|", "first_order": "first order: |f(x + εd) − f(x) − ε⟨g, d⟩|"}
COLOURS = ["#e69f00", "#0072b2"]
WHATS = {"network": "The whole network with its loss", "layer": "Its first hidden layer alone (Jacobian test)"}
LEGEND = alt.Legend(orient="top", labelLimit=400)
MOST_SEED = 9999
SMALL = 1e-4  # steps below this are written with a power of ten
KEPT = "gradients-kept"  # the settings in the session, when the page is not open
LINK = ("net", "activation", "fault", "what", "seed")
MOST_FOUND = 100  # settings whose findings are remembered
FOUND: dict[tuple, tuple] = {}  # by settings, for all sessions


@dataclass(frozen=True)
class Recipe:
    """Settings that show something, and one sentence on why."""

    label: str
    why: str
    net: str
    activation: str
    fault: str
    what: str = "network"


@dataclass(frozen=True)
class GradientPage:
    """The page's name and its recipes."""

    key: str
    title: str
    recipes: tuple[Recipe, ...]


def gradient_page(page: GradientPage) -> None:
    """Draw the page."""
    st.html("<style>[data-testid=stMainBlockContainer] { overflow-y: auto; padding-bottom: 24px !important; }</style>")
    _open(page)
    recipe = next((recipe for recipe in page.recipes if _is(recipe)), None)
    openers = []
    Shell(
        page.key,
        page.title,
        _kept(),
        lambda: recipes(page.recipes, recipe, _follow),
        _bar,
        more=lambda: openers.append(opener("Download")),
    ).draw()
    try:
        tests, errors = _remembered(_measured)
    except ValueError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    _verdict(finding(tests, errors, FAULTS[st.session_state["g-fault"]]))
    st.altair_chart(_slopes(tests), width="stretch")
    if recipe:
        st.caption(recipe.why)
    left, right = st.columns([1, 1.25], gap="large")
    with left:
        st.markdown("**Each number by itself**", help="The largest relative error of each parameter's gradient against "
                    "a difference in every single number: what the slopes could hide.")  # fmt: skip
        st.dataframe(_table(tests, errors), hide_index=True, width="stretch")
    with right:
        cost()
    for popover in openers:
        if popover.open:  # figures take their time
            with popover:
                _downloads(page, tests, errors)


def _open(page: GradientPage):
    """The page's settings: from a new link, else as they were left, else from the first recipe."""
    memory, first = session.session(), page.recipes[0]
    query = session.arriving(page.key)
    values = {"net": first.net, "activation": first.activation, "fault": first.fault, "what": first.what, "seed": "0"}
    default = dict(values)
    values |= st.session_state.get(KEPT, {}) | {name: query[name] for name in LINK if name in query}
    for name, allowed in (("fault", FAULTS), ("what", WHATS), ("activation", ACTIVATIONS)):
        if values[name] not in allowed:
            values[name] = default[name]
            memory.problems.append(f"The link's {name} was left out: it can be {', '.join(allowed)}.")
    seed = str(values["seed"])
    if not (seed.isascii() and seed.isdigit() and len(seed) < 9 and int(seed) <= MOST_SEED):
        seed = "0"
        memory.problems.append(f"The link's seed was left out: it must be a whole number of at most {MOST_SEED:,}.")
    values["seed"] = int(seed)
    for name in LINK:
        key = f"g-{name}"
        if key not in st.session_state or query:  # a widget's value goes when its page is left
            st.session_state[key] = values[name]


def _kept() -> dict[str, str]:
    """The settings as the link says them, remembered for when the page is opened again."""
    st.session_state[KEPT] = {name: str(st.session_state[f"g-{name}"]) for name in LINK}
    return st.session_state[KEPT]


def _is(recipe: Recipe) -> bool:
    return all(st.session_state[f"g-{name}"] == getattr(recipe, name) for name in LINK[:4])


def _follow(recipe: Recipe) -> None:
    st.session_state.update({f"g-{name}": getattr(recipe, name) for name in LINK[:4]})


def _bar():
    columns = st.columns([1.1, 0.9, 1.7, 1.7, 0.6], gap="small")
    with columns[0]:
        st.text_input("Hidden layers", key="g-net", help="Units with dashes between: 10-10. res10 is a residual block, "
                      f"0 is none. {INPUTS} inputs, {CLASSES} classes.")  # fmt: skip
    with columns[1]:
        st.selectbox("Activation", list(ACTIVATIONS), key="g-activation", format_func=lambda n: ACTIVATIONS[n].label,
                     help="ReLU, leaky ReLU and ELU have a kink at 0: where a step would cross one, it is made "
                     "smaller.")  # fmt: skip
    with columns[2]:
        st.selectbox("What is tested", list(WHATS), key="g-what", format_func=WHATS.get,
                     help="The gradient of the loss, or the Jacobian of one layer.")  # fmt: skip
    with columns[3]:
        st.selectbox("Planted mistake", list(FAULTS), key="g-fault", format_func=lambda n: FAULTS[n].label,
                     help="Puts a well-known mistake into the backward pass: the first-order error of what it spoils "
                     "then falls like the other one, with slope 1 instead of 2.")  # fmt: skip
    with columns[4]:
        st.number_input("Seed", 0, MOST_SEED, key="g-seed", help="Of weights, data and directions.")


def _remembered(measure: Callable[[], tuple]) -> tuple:
    """What `measure` finds for the settings of the page, measured once for whoever has them."""
    settings = tuple(st.session_state[f"g-{name}"] for name in LINK)
    found = FOUND.pop(settings, None) or measure()
    FOUND[settings] = found  # the latest last
    for oldest in list(FOUND)[:-MOST_FOUND]:
        FOUND.pop(oldest, None)  # another session may have been here as well
    return found


def _measured() -> tuple[list[SlopeTest], dict[str, float]]:
    """The slope tests of what is set, and the largest relative error of each gradient."""
    state = st.session_state
    try:
        found = problem(state["g-net"], state["g-activation"], int(state["g-seed"]), state["g-fault"])
    except SpecError as error:
        raise ValueError(f"Hidden layers cannot be read: {error}") from None
    alone = state["g-what"] == "layer"
    return found.tests(alone), found.errors(alone)


def _verdict(found: Finding):
    show, icon = {
        "wrong": (st.warning, "bug_report"),
        "hidden": (st.info, "info"),
        "unclear": (st.info, "help"),
        "right": (st.success, "check"),
    }[found.kind]
    show(found.words, icon=f":material/{icon}:")


def _slopes(tests):
    rows = [
        {
            "parameter": f"{test.name}: {_slope_text(test)}",
            "eps": float(eps),
            "error": max(float(error), 1e-17),
            "order": ERRORS[order],
        }
        for test in tests
        for order in ERRORS
        for eps, error in zip(test.epsilons, getattr(test, order), strict=True)
    ]
    digits = "~g" if min(test.epsilons.min() for test in tests) > SMALL else "~e"
    base = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(point=alt.OverlayMarkDef(size=28), strokeWidth=1.8)
        .encode(
            x=alt.X("eps:Q", title="ε", scale=alt.Scale(type="log"), axis=alt.Axis(tickCount=4, format=digits)),
            y=alt.Y("error:Q", title="error", scale=alt.Scale(type="log"), axis=alt.Axis(tickCount=5, format="~e")),
            color=alt.Color("order:N", title=None, scale=alt.Scale(range=COLOURS), legend=LEGEND),
            strokeDash=alt.StrokeDash("order:N", legend=None),
            tooltip=["parameter", alt.Tooltip("eps:Q", format=".3g"), "order", alt.Tooltip("error:Q", format=".3e")],
        )
        .properties(width=130, height=112)
    )
    return base.facet(facet=alt.Facet("parameter:N", title=None, sort=None), columns=4).resolve_scale(y="independent")


def _slope_text(test):
    if test.verdict == "linear":
        return f"slope {_number(test.zero_slope)}, linear"
    return f"slopes {_number(test.zero_slope)} and {_number(test.first_slope)}"


def _number(slope):
    return "–" if np.isnan(slope) else f"{slope:.2f}"


def _table(tests, errors):
    rows = []
    for test in tests:
        error = errors.get(test.name)
        if error is None and errors:
            continue  # all parameters together are no number by itself
        rows.append(
            {
                "parameter": test.name,
                "largest relative error": "–" if error is None else f"{error:.1e}",
                "slopes": f"{_number(test.zero_slope)} / {_number(test.first_slope)}",
                "kinks": _kinks(test),
                "verdict": "wrong" if (error or 0) > OFF else test.verdict,
            }
        )
    return pd.DataFrame(rows)


def _kinks(test):
    """What became of the steps because of kinks."""
    if test.on_kink:
        return "on one"
    return f"{test.kinks} crossed, ε / {2**test.halvings:,}" if test.kinks else "–"


def _downloads(page: GradientPage, tests, errors) -> None:
    table = _table(tests, errors).to_csv(index=False)
    st.download_button("Table (CSV)", table, f"{page.key}.csv", "text/csv", key="csv", width="stretch")
    figures(page.key, slope_figure(tests, page.title))
