"""The map of the app: which pages there are, and in which order. app.py runs it for each session."""

import sys
from pathlib import Path

import streamlit as st

ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:  # Streamlit puts this file's folder on the path; the packages stand beside it
    sys.path.insert(0, ROOT)

from playground.ui.style import brand, style  # noqa: E402

PAGES = {
    "Two dimensions": [
        st.Page("views/swiss_roll.py", title="Swiss Roll", icon=":material/cyclone:", default=True),
        st.Page("views/peaks.py", title="Peaks", icon=":material/landscape:"),
        st.Page("views/gaussian_mixture.py", title="Gaussian mixture", icon=":material/bubble_chart:"),
        st.Page("views/moons.py", title="Moons", icon=":material/dark_mode:"),
        st.Page("views/circles.py", title="Circles", icon=":material/adjust:"),
        st.Page("views/xor.py", title="XOR and more", icon=":material/grid_view:"),
        st.Page("views/regression.py", title="Regression", icon=":material/show_chart:"),
        st.Page("views/own_data.py", title="Your own data", icon=":material/edit:"),
    ],
    "Pictures": [
        st.Page("views/digits.py", title="Digits", icon=":material/looks_3:"),
        st.Page("views/mnist.py", title="MNIST", icon=":material/apps:"),
        st.Page("views/cifar10.py", title="CIFAR-10", icon=":material/photo_library:"),
    ],
    "Labs": [
        st.Page("views/studies.py", title="Studies", icon=":material/menu_book:"),
        st.Page("views/grid.py", title="Grid", icon=":material/grid_on:"),
        st.Page("views/seeds.py", title="Seeds", icon=":material/stacked_line_chart:"),
        st.Page("views/compare.py", title="Compare", icon=":material/compare_arrows:"),
        st.Page("views/depth.py", title="Depth and budget", icon=":material/height:"),
        st.Page("views/surface.py", title="Loss surface", icon=":material/terrain:"),
        st.Page("views/gradients.py", title="Gradients", icon=":material/function:"),
    ],
}

st.set_page_config(
    page_title="NN Playground",
    page_icon=Path(__file__).parent / "static" / "icon.svg",
    layout="wide",
    initial_sidebar_state=200,
)
brand()
style()
st.navigation(PAGES).run()
