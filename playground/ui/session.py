"""What a session remembers: one run for each page that was opened, and the links that the pages wrote (history.py).

The whole of it sits in Streamlit's session state under one key. A page that is left pauses; who comes back finds it as
it was.
"""

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from nn_core.spec import Choice, SpecError
from playground.datasets.base import MAX_VALUES, DataError, Drawn
from playground.experiments.config import IMAGES, VECTORS, Config, Own
from playground.experiments.experiment import with_data
from playground.experiments.link import show_link
from playground.experiments.opening import open_link
from playground.live.budget import BUDGET
from playground.live.channel import Channel
from playground.live.images.run import PictureRun
from playground.live.plane.plane import views_in_words
from playground.live.protocol import Playable
from playground.live.run import Run
from playground.ui.history import History, went_back

KEY = "playground"
RUNS = {VECTORS: Run, IMAGES: PictureRun}  # what a live page runs
KEPT_FOR = 900  # seconds that the run of a page that was left is kept
VIEW = "view"  # the one part of a link that is no part of a run: the plane that is looked at


@dataclass
class Session:
    """Runs by page, the history of their links, and sentences that wait to be shown."""

    runs: dict[str, Playable] = field(default_factory=dict)
    history: History = field(default_factory=History)
    channels: dict[str, Channel] = field(default_factory=dict)  # the wires of the pages to their stages
    left: dict[str, float] = field(default_factory=dict)  # when each page was left, in seconds
    let_go: set[str] = field(default_factory=set)  # pages whose runs were let go: their links are opened again
    problems: list[str] = field(default_factory=list)
    page: str = ""
    own: Drawn | None = None  # data that this session has brought itself
    brought: object = None  # the table that it brought last and how that is read, see preview.py
    points: list[tuple[float, float, int]] = field(default_factory=list)  # those that were painted: x, y, class
    owned: dict[str, tuple[Drawn, list]] = field(default_factory=dict)  # own data and points, by fingerprint, for Back


def session() -> Session:
    """This session's memory."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Session()
    return st.session_state[KEY]


def opened(page: str, make: Callable[[Mapping[str, str], Playable | None], Playable]) -> Playable:
    """The run of a page: as it was left, or, where it is new or the address bar has a link for it, what `make` makes.

    make: of the link's query and the run that is there, which it may return; what cannot be used it notes as problems.
    """
    memory, query = session(), arriving(page)
    known = memory.runs.get(page)
    if known is None or query:
        memory.runs[page] = made = make(query, known)
        if known is not None and made is not known:
            known.pause()
    return memory.runs[page]


def open_run(page: str, default: Config) -> Run:
    """The run of a live page, whose link is that of a config and a view. default: what the page's defaults are."""

    def make(query: Mapping[str, str], known: Run | None) -> Run:
        memory = session()
        parts = {key: value for key, value in query.items() if key != VIEW}
        config, problems = open_link(parts, default, lambda data: _own(memory, data))
        own = _own(memory, config.data)
        goes_on = known is not None and went_back() and attempt(lambda: known.apply(config, own))  # Back undoes
        run = known if goes_on else _made(memory, page, config, default, problems)
        if own is not None:
            memory.own, memory.points = memory.owned[config.data.fingerprint]
        if VIEW in query or went_back():
            look(run, query.get(VIEW, run.views[0]), problems)
        memory.problems += problems
        return run

    return opened(page, make)


def arriving(page: str) -> dict[str, str]:
    """The query of the address bar, as far as it speaks of this page; the page that was left pauses."""
    memory = session()
    query = memory.history.arrive(page)
    if memory.page != page:
        if memory.page:
            _leave(memory)
        memory.page = page
    if page in memory.let_go:
        memory.let_go.remove(page)
        return query or memory.history.links[page][-1]
    return query


def link_of(run: Run) -> dict[str, str]:
    """The link of a live page: what the run is made of, and how it is looked at where that is not the usual way."""
    return show_link(run.config) | ({VIEW: run.view} if run.view != run.views[0] else {})


def put_link(page: str, link: dict[str, str]) -> None:
    """Put a link into the address bar, and remember that this page wrote it."""
    session().history.write(page, link)


def current() -> Any:
    """The run of the page that is open: a Run, a Lab or a CheckRun, as the page is.

    Whatever is drawn, and whatever is done when a widget is used, asks for it here: a run that a widget held would
    live on when its page has let it go.
    """
    memory = session()
    return memory.runs[memory.page]


def put(run: Playable) -> Playable:
    """Put another run in the place of the open page's; returns it."""
    session().runs[session().page] = run
    return run


def change(**changes) -> None:
    """Change some of what the run of this page is made of; what cannot be is said in one sentence, nothing is lost."""
    attempt(lambda: current().change(**changes))


def put_data(memory: Session, data: Choice, own: Drawn | None = None, page: str = "") -> None:
    """Put other data before the network of a page, the open one if none is named.

    Raises DataError or SpecError where that cannot be done. A stroke on the stage calls it in the thread of the turns,
    so it asks Streamlit for nothing.
    """
    run = memory.runs[page or memory.page]
    inputs = len(run.experiment.data.inputs)
    run.apply(with_data(run.config, data, own, inputs), own)
    if own is not None:
        _remember(memory, data, own)


def change_data(data: Choice) -> None:
    """Put other data before the network; what cannot be is said in one sentence, and the run stays as it was."""
    attempt(lambda: put_data(session(), data))


def channel() -> Channel:
    """The wire of the page that is open to its stage."""
    memory = session()
    if memory.page not in memory.channels:
        memory.channels[memory.page] = Channel(current())
    return memory.channels[memory.page]


def take_problems() -> list[str]:
    """What could not be done, on the page or on its stage: each is shown once."""
    memory = session()
    problems, memory.problems = memory.problems, []
    wire = memory.channels.get(memory.page)
    return problems + (wire.take_problems() if wire else [])


def press(button: str) -> None:
    """Do what a button of the transport says, unless the stage has heard of the press and done it already."""
    attempt(lambda: channel().press(button))


def attempt(action: Callable[[], object]) -> bool:
    """Do it, or note for the page why it cannot be done; returns whether it was done."""
    try:
        action()
    except ValueError as error:  # SpecError and DataError are ValueErrors: each is one sentence
        session().problems.append(str(error))
        return False
    return True


def look(run: Run, view: str, problems: list[str]) -> None:
    """Look at another plane, if the data have it."""
    if view in run.views:
        run.look(view)
    else:
        problems.append(f"The link's view was left out: it can be {views_in_words(run.views)}.")


def _own(memory: Session, data: Choice) -> Drawn | None:
    """The data that this session has brought, if they are those that are meant."""
    return memory.owned.get(data.fingerprint, (None, []))[0] if isinstance(data, Own) else None


def _remember(memory: Session, data: Own, own: Drawn) -> None:
    """Keep data that were brought: Back may come to them again. The oldest go where all are too many numbers."""
    memory.owned.pop(data.fingerprint, None)
    memory.owned[data.fingerprint] = own, memory.points
    while sum(drawn.x.size for drawn, _ in memory.owned.values()) > MAX_VALUES and len(memory.owned) > 1:
        del memory.owned[next(iter(memory.owned))]


def _made(memory: Session, page: str, config: Config, default: Config, problems: list[str]) -> Run:
    """A run of `config`, or of the page's default where that cannot be built."""
    for wanted in (config, default):
        try:
            return RUNS[wanted.kind](wanted, _own(memory, wanted.data))
        except (DataError, SpecError) as error:
            problems.append(f"The link could not be used: {error}")
    raise RuntimeError(f"The defaults of the page {page} cannot be built.")


def _leave(memory: Session) -> None:
    """Pause the page that was left, let runs go whose pages were left long ago, and free what widgets held.

    Of a run that is let go the link is kept: who comes back finds it at its first step.
    """
    now = time.monotonic()
    if memory.page in memory.runs:
        memory.left[memory.page] = now
    if memory.page in memory.channels:
        memory.channels[memory.page].leave()
    for page, run in list(memory.runs.items()):
        if run.playing:
            run.pause()
        BUDGET.leave(run.session)
        if page != memory.page and now - memory.left.get(page, now) > KEPT_FOR:
            del memory.runs[page]
            memory.let_go.add(page)
            memory.channels.pop(page, None)
    gc.collect()
