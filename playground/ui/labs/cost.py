"""What a gradient costs that is asked for number by number, beside backpropagation: measured behind the page."""

import altair as alt
import pandas as pd
import streamlit as st

from playground.experiments.measuring import Measurement, apart
from playground.ui.labs.wait import wait

COLOURS = ["#0072b2", "#e69f00"]
LEGEND = alt.Legend(orient="top", labelLimit=400)


def cost() -> None:
    """The measured cost of asking number by number beside one backward pass."""
    st.markdown(
        "**What it costs to ask number by number**",
        help="The naive gradient runs the network twice for each parameter; backpropagation runs it once forward and "
        "once backward, however many there are.",
    )
    measurement = st.session_state.setdefault("g-cost", Measurement("The cost", lambda: apart("costs")))
    st.button(
        "Measure on this computer", key="measure-cost", on_click=measurement.begin, disabled=measurement.is_running
    )
    if measurement.is_running:
        wait(measurement, "a few seconds, when nobody else measures")
        return
    if measurement.problem:
        st.warning(measurement.problem, icon=":material/warning:")
        return
    if not measurement.found:
        st.caption("Takes a few seconds, on the server's processor.")
        return
    costs = [(one.parameters, one.naive_seconds, one.backprop_seconds) for one in measurement.found]
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
                scale=alt.Scale(range=COLOURS),
                legend=LEGEND,
            ),
            tooltip=["way", "parameters", alt.Tooltip("seconds:Q", format=".2e")],
        )
        .properties(height=320)
    )
    st.altair_chart(chart, width="stretch")
    last = costs[-1]
    st.caption(f"With {last[0]:,} parameters the naive gradient takes {last[1] / last[2]:,.0f} times as long.")
