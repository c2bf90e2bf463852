"""Fetching a picture set that is not on this computer: one click, a bar that moves, one sentence where it fails."""

import streamlit as st

from nn_core.spec import clip
from playground.datasets import places
from playground.datasets.base import DataError, size_text
from playground.datasets.fetch import Download, download, latest
from playground.datasets.pictures import PictureSet
from playground.ui import session
from playground.ui.shell import opens
from playground.ui.words import plain

EVERY = 0.5  # seconds between two looks at a download


def get(wanted: PictureSet) -> None:
    """A popover that fetches `wanted`, and gives it to the run of this page when it is there."""
    opens(f"Get {wanted.label}", lambda: fetching(wanted), key="get", icon=":material/download:")


@st.fragment(run_every=EVERY)
def fetching(wanted: PictureSet) -> None:
    """What it is, a button that fetches it, and how far that has come; on arrival the run of this page gets it."""
    running = latest(wanted.files)
    source = places.sources()[wanted.files]
    size = sum(file.bytes for file in source.files)
    st.markdown(
        f"**{plain(source.title)}** is not on this computer yet. It is fetched once for everybody who uses this "
        "server, and its checksums are compared."
    )
    st.caption(f"{size_text(size)}; {plain(source.licence)}; {plain(source.home)}")
    if running and running.state == "finished" and not wanted.is_here():
        running = None  # the files were taken away again
    problem = _problem(wanted, running) if running else ""
    if running is None or problem:
        if problem:
            st.error(plain(problem))
        st.button("Download", key=f"download-{wanted.files}", type="primary", on_click=lambda: _start(wanted))
        st.caption(f"Or by hand: put {plain(places.SETS[wanted.files].by_hand)}, and reload the page.")
        return
    if running.state == "running":
        share = min(1.0, running.done / max(1, running.total))
        st.progress(share, f"{size_text(running.done)} of {size_text(running.total)}")
        st.button("Stop", key=f"download-stop-{wanted.files}", on_click=running.cancel)
        return
    st.rerun()  # the whole page: `arrive` takes the data over


def _problem(wanted: PictureSet, ended: Download) -> str:
    """Why the download has failed, or why what it brought cannot be used: a damaged copy is found before it."""
    if ended.state != "finished":
        return ended.message if ended.state == "failed" else ""
    try:
        wanted.album()
    except DataError as error:
        files = places.find(wanted.files) or {}
        folders = {path.parent for path in files.values()} - {places.cache() / wanted.files}
        where = "".join(f" It lies in {clip(str(folder), 100)}; mend it there, or take it away." for folder in folders)
        return f"{error}{where}"
    return ""


def arrive(*wanted: PictureSet) -> None:
    """Give the run of this page the data that this session has asked for, when they have come."""
    for data in wanted:
        if data.is_here() and st.session_state.pop(_flag(data), False):
            session.attempt(lambda data=data: session.current().apply(session.current().config.replace(data=data)))


def _flag(wanted: PictureSet) -> str:
    return f"fetching-{wanted.files}"


def _start(wanted: PictureSet) -> None:
    st.session_state[_flag(wanted)] = True
    try:
        download(wanted.files)
    except DataError as error:
        session.session().problems.append(str(error))
