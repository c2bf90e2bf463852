"""The gradient lab: is a backward pass the derivative of the forward pass, and what does it cost to ask?"""

from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from nn_core.activations import ACTIVATIONS
from nn_core.initialisers import Glorot
from nn_core.layers import Dense, Residual
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.naive import naive_cost
from nn_core.network import Network
from nn_core.random import stream
from nn_core.slopes import SlopeTest, gradient_errors, layer_tests, network_tests
from nn_core.spec import SpecError
from playground.experiments.faults import FAULTS, planted
from playground.experiments.link import read_net
from playground.figures.checks import slope_figure
from playground.figures.labs import FORMATS, drawn
from playground.ui import session
from playground.ui.copy_link import copy_link
from playground.ui.page import show_problems
from playground.ui.style import style
from playground.ui.words import plain

SAMPLES = 8
INPUTS = 2
CLASSES = 3
ERRORS = {"zero_order": "zero order: |f(x + εd) − f(x)|", "first_order": "first order: |f(x + εd) − f(x) − ε⟨g, d⟩|"}
COLOURS = ["#e69f00", "#0072b2"]
WHATS = {"network": "The whole network with its loss", "layer": "Its first hidden layer alone (Jacobian test)"}
LEGEND = alt.Legend(orient="top", labelLimit=400)
MOST_SEED = 9999
MOST_PARAMETERS = 2000  # that are looked at one by one
KEPT = "gradients-kept"  # the settings in the session, when the page is not open
LINK = ("net", "activation", "fault", "what", "seed")


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
    style()
    st.html("<style>[data-testid=stMainBlockContainer] { overflow-y: auto; padding-bottom: 24px !important; }</style>")
    _open(page)
    _keep(page)
    show_problems()
    with st.container(horizontal=True, key="head", vertical_alignment="center"):
        st.markdown(f"# {page.title}", width="content")
        labels = {recipe.label: recipe for recipe in page.recipes}

        def changed():
            if chosen := labels.get(st.session_state["recipe"]):
                st.session_state.update({f"g-{name}": getattr(chosen, name) for name in LINK[:4]})

        st.session_state["recipe"] = next((r.label for r in page.recipes if _is(r)), None)
        st.pills("Recipes", list(labels), key="recipe", label_visibility="collapsed", on_change=changed)
        with st.container(horizontal=True, key="actions", width="content", horizontal_alignment="right"):
            copy_link(session.session().history.to_place)
            downloads = st.popover("Download", key="download-popover", on_change="rerun")
    with st.container(horizontal=True, key="bar", vertical_alignment="bottom", wrap=False):
        _bar()
    recipe = next((recipe for recipe in page.recipes if _is(recipe)), None)
    fault = FAULTS[st.session_state["g-fault"]]
    try:
        network, loss = _network()
        tests, errors = _measured(network, loss)
    except ValueError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    _verdict(tests, fault)
    st.altair_chart(_slopes(tests), width="stretch")
    if recipe:
        st.caption(recipe.why)
    left, right = st.columns([1, 1.25], gap="large")
    with left:
        st.markdown("**Each number by itself**", help="The largest relative error of each parameter's gradient against "
                    "a difference in every single number: what the slopes could hide.")  # fmt: skip
        st.dataframe(_table(tests, errors), hide_index=True, width="stretch")
    with right:
        _cost()
    if downloads.open:  # figures take their time
        with downloads:
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


def _keep(page: GradientPage):
    """Write the link, and remember the settings for when the page is opened again."""
    values = {name: str(st.session_state[f"g-{name}"]) for name in LINK}
    st.session_state[KEPT] = values
    session.put_link(page.key, values)


def _is(recipe: Recipe) -> bool:
    return all(st.session_state[f"g-{name}"] == getattr(recipe, name) for name in LINK[:4])


def _bar():
    columns = st.columns([1.1, 0.9, 1.7, 1.7, 0.6], gap="small")
    with columns[0]:
        st.text_input("Hidden layers", key="g-net", help="Units with dashes between: 10-10. res10 is a residual block, "
                      f"0 is none. {INPUTS} inputs, {CLASSES} classes.")  # fmt: skip
    with columns[1]:
        st.selectbox("Activation", list(ACTIVATIONS), key="g-activation", format_func=lambda n: ACTIVATIONS[n].label,
                     help="ReLU has corners, which spoil a slope where one lies close by.")  # fmt: skip
    with columns[2]:
        st.selectbox("What is tested", list(WHATS), key="g-what", format_func=WHATS.get,
                     help="The gradient of the loss, or the Jacobian of one layer.")  # fmt: skip
    with columns[3]:
        st.selectbox("Planted mistake", list(FAULTS), key="g-fault", format_func=lambda n: FAULTS[n].label,
                     help="Puts a well-known mistake into the backward pass: the line of the first-order error then "
                     "falls with slope 1 instead of 2.")  # fmt: skip
    with columns[4]:
        st.number_input("Seed", 0, MOST_SEED, key="g-seed", help="Of weights, data and directions.")


def _network():
    """The network on the page with its mistake, in float64."""
    try:
        layers = read_net(st.session_state["g-net"], ACTIVATIONS[st.session_state["g-activation"]]())
    except SpecError as error:
        raise ValueError(f"Hidden layers cannot be read: {error}") from None
    network = Network([*layers, Dense(CLASSES)], (INPUTS,), np.float64)
    return planted(st.session_state["g-fault"], network, SoftmaxCrossEntropy())


def _measured(network, loss) -> tuple[list[SlopeTest], dict[str, float]]:
    """The slope tests, and the largest relative error of each parameter."""
    seed = int(st.session_state["g-seed"])
    draw = stream(seed, "gradient lab")
    x, targets = draw.standard_normal((SAMPLES, INPUTS)), draw.integers(0, CLASSES, SAMPLES)
    theta = network.init(Glorot(), seed)
    theta += 0.1 * draw.standard_normal(theta.shape)  # biases that are not 0
    # A difference in every number runs the network twice for each: above a few thousand that would hold the server.
    errors = gradient_errors(network, loss, theta, x, targets) if network.size <= MOST_PARAMETERS else {}
    if st.session_state["g-what"] == "network":
        tests = network_tests(network, loss, theta, x, targets, seed=seed)
        return tests, errors
    first = next((layer for layer in network.layers[:-1] if isinstance(layer, (Dense, Residual))), None)
    if first is None:
        raise ValueError("Without a hidden layer there is no layer to test alone; test the whole network.")
    return layer_tests(first, draw.standard_normal((4, INPUTS)), seed=seed), errors


def _verdict(tests, fault):
    wrong = [test.name for test in tests if not test.passed]
    if wrong:
        words = f"Found: the gradient with respect to {', '.join(wrong)} is wrong; its first-order error has slope 1."
        if fault.right:
            words += f" The line should be `{fault.right}`, and is `{fault.wrong}`."
        st.warning(words, icon=":material/bug_report:")
    elif fault.right:
        st.info("The planted mistake does not show here: it touches nothing that is tested.", icon=":material/info:")
    else:
        st.success("Every gradient stands the test: slope 1 without it, slope 2 with it.", icon=":material/check:")


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
    base = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(point=alt.OverlayMarkDef(size=28), strokeWidth=1.8)
        .encode(
            x=alt.X("eps:Q", title="ε", scale=alt.Scale(type="log"), axis=alt.Axis(tickCount=4, format="~g")),
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
        return f"slope {test.zero_slope:.2f}, linear"
    return f"slopes {test.zero_slope:.2f} and {test.first_slope:.2f}"


def _table(tests, errors):
    alone = st.session_state["g-what"] == "layer"  # the tests are then of the first layer, and of x as it sees it
    rows = []
    for test in tests:
        error = errors.get(f"0.{test.name}") if alone else errors.get(test.name)
        if error is None and errors and not alone:
            continue  # all parameters together are no number by itself
        rows.append(
            {
                "parameter": test.name,
                "largest relative error": "–" if error is None else f"{error:.1e}",
                "slopes": f"{test.zero_slope:.2f} / {test.first_slope:.2f}",
                "verdict": test.verdict,
            }
        )
    return pd.DataFrame(rows)


def _cost():
    """The measured cost of asking number by number beside one backward pass."""
    st.markdown(
        "**What it costs to ask number by number**",
        help="The naive gradient runs the network twice for each parameter; backpropagation runs it once forward and "
        "once backward, however many there are.",
    )
    if st.button("Measure on this computer", key="measure-cost"):
        st.session_state["g-costs"] = [(c.parameters, c.naive_seconds, c.backprop_seconds) for c in naive_cost()]
    costs = st.session_state.get("g-costs")
    if not costs:
        st.caption("Takes a few seconds, on the server's processor.")
        return
    rows = [
        {"parameters": n, "seconds": seconds, "way": way}
        for n, naive, back in costs
        for seconds, way in ((naive, "naive: two passes for each parameter"), (back, "backpropagation"))
    ]
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("parameters:Q", scale=alt.Scale(type="log"), title="parameters", axis=alt.Axis(tickCount=4)),
            y=alt.Y(
                "seconds:Q",
                scale=alt.Scale(type="log"),
                title="seconds for one gradient",
                axis=alt.Axis(tickCount=4, format="~g"),
            ),
            color=alt.Color(
                "way:N",
                title=None,
                scale=alt.Scale(range=COLOURS[::-1]),
                legend=LEGEND,
            ),
            tooltip=["way", "parameters", alt.Tooltip("seconds:Q", format=".2e")],
        )
        .properties(height=320)
    )
    st.altair_chart(chart, width="stretch")
    last = costs[-1]
    st.caption(f"With {last[0]:,} parameters the naive gradient takes {last[1] / last[2]:,.0f} times as long.")


def _downloads(page, tests, errors):
    st.download_button(
        "Table (CSV)",
        _table(tests, errors).to_csv(index=False),
        f"{page.key}.csv",
        "text/csv",
        key="csv",
        width="stretch",
    )
    figure = slope_figure(tests, page.title)
    for name, kind in FORMATS.items():
        st.download_button(
            name.upper(), drawn(figure, name), f"{page.key}.{name}", kind, key=f"figure-{name}", width="stretch"
        )
