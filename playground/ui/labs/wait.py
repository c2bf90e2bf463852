"""Waiting for a measurement: a bar and the seconds, until the page around them is drawn anew with what was found."""

import streamlit as st

from playground.experiments.measuring import Measurement

WAIT = 0.5  # seconds between two looks


@st.fragment(run_every=WAIT)
def wait(measurement: Measurement, about: str) -> None:
    """Say for how long it has been measuring. about: how long that takes, in words."""
    if not measurement.is_running:
        st.rerun()
    seconds = measurement.seconds
    st.progress(0.0 if seconds < WAIT else min(0.95, seconds / (seconds + 5)))
    st.caption(f"Measuring for {seconds:.0f} s; {about}.")
