"""What a session remembers: one run for each page that was opened, and the link that each page last wrote.

The whole of it sits in Streamlit's session state under one key. A page that is left pauses; who comes back finds it as
it was.
"""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from nn_core.spec import Choice, SpecError, clip
from playground.datasets.base import DataError, Drawn, fingerprint
from playground.datasets.pictures import holds_pictures
from playground.experiments.config import Config, Own
from playground.experiments.experiment import with_data
from playground.experiments.features import available, in_words
from playground.experiments.link import read_link, show_link
from playground.live.budget import BUDGET
from playground.live.channel import Channel
from playground.live.images.run import PictureRun
from playground.live.plane.plane import views_in_words
from playground.live.run import Run

KEY = "playground"
KEPT_FOR = 900  # seconds that the run of a page that was left is kept
LINKS_KEPT = 30  # a request that was on its way when the link changed still carries an older one: that is no new link
VIEW = "view"  # the one part of a link that is no part of a run: the plane that is looked at


@dataclass
class Session:
    """Runs by page, links as the pages wrote them, and sentences that wait to be shown."""

    runs: dict[str, Run] = field(default_factory=dict)
    links: dict[str, list[dict[str, str]]] = field(default_factory=dict)  # as each page wrote them, the newest last
    channels: dict[str, Channel] = field(default_factory=dict)  # the wires of the pages to their stages
    left: dict[str, float] = field(default_factory=dict)  # when each page was left, in seconds
    problems: list[str] = field(default_factory=list)
    page: str = ""
    own: Drawn | None = None  # data that this session has brought itself
    brought: object = None  # the table that it brought last and how that is read, see preview.py
    points: list[tuple[float, float, int]] = field(default_factory=list)  # those that were painted: x, y, class


def session() -> Session:
    """This session's memory."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Session()
    return st.session_state[KEY]


def open_run(page: str, default: Config) -> Run:
    """The run of a page: made from the link if there is one, else from the page's defaults, or as it was left."""
    memory = session()
    query = arriving(page)
    known = page in memory.runs
    if not known or (query and query not in memory.links.get(page, [])):
        config, problems = read_link({key: value for key, value in query.items() if key != VIEW}, default)
        config = _fitted(memory, config, default, problems, "features" in query)
        _make(memory, page, config, default, problems)
        if VIEW in query:
            look(memory.runs[page], query[VIEW], problems)
        memory.problems += problems
    write_link(page)
    return memory.runs[page]


def arriving(page: str) -> dict[str, str]:
    """The query of the address bar, as far as it speaks of this page; the page that was left pauses."""
    memory = session()
    query = dict(st.query_params)
    if memory.page != page:
        if query in memory.links.get(memory.page, []):
            query = {}  # it still speaks of the page that was left
        _leave(memory)
        memory.page = page
    if not query and page not in memory.runs and memory.links.get(page):
        return memory.links[page][-1]  # its run was let go
    return query


def write_link(page: str) -> None:
    """Let the address bar say what the run is made of."""
    memory = session()
    run = memory.runs[page]
    link = show_link(run.config)
    if run.view != run.views[0]:
        link[VIEW] = run.view
    put_link(page, link)


def put_link(page: str, link: dict[str, str]) -> None:
    """Put a link into the address bar, and remember that this page wrote it."""
    memory = session()
    if dict(st.query_params) != link:
        st.query_params.from_dict(link)
    memory.links[page] = [*(old for old in memory.links.get(page, []) if old != link), link][-LINKS_KEPT:]


def current() -> Run:
    """The run of the page that is open."""
    memory = session()
    return memory.runs[memory.page]


def change(**changes) -> None:
    """Change the config of the run on this page; what cannot be is said in one sentence, and nothing is lost."""
    attempt(lambda: current().apply(current().config.replace(**changes)))


def put_data(run: Run, data: Choice, own: Drawn | None = None) -> None:
    """Put other data before the network of a run. Raises DataError or SpecError where that cannot be done."""
    inputs = len(run.experiment.data.inputs)
    run.apply(with_data(run.config, data, own, inputs), own)


def change_data(data: Choice) -> None:
    """Put other data before the network; what cannot be is said in one sentence, and the run stays as it was."""
    attempt(lambda: put_data(current(), data))


def channel(page: str) -> Channel:
    """The wire of a page to its stage."""
    memory = session()
    if page not in memory.channels:
        memory.channels[page] = Channel(memory.runs[page])
    return memory.channels[page]


def take_problems() -> list[str]:
    """What could not be done, on the page or on its stage: each is shown once."""
    memory = session()
    problems, memory.problems = memory.problems, []
    wire = memory.channels.get(memory.page)
    return problems + (wire.take_problems() if wire else [])


def press(button: str) -> None:
    """Do what a button of the transport says, unless the stage has heard of the press and done it already."""
    attempt(lambda: channel(session().page).press(button))


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


def _fitted(memory: Session, config: Config, default: Config, problems: list[str], named: bool) -> Config:
    """The config of a link with data that can be drawn, and with features that these have. named: by the link."""
    try:
        own = _own(memory, config.data)
        fitted = with_data(config, config.data, own, inputs_before=0 if named else len(default.features))
    except DataError as error:
        problems.append(f"The link's data was left out: {error}")
        if config.data == default.data:
            return config  # nothing is left to fall back on: the build says so
        return _fitted(memory, config.replace(data=default.data, loss=default.loss), default, problems, named)
    if named and fitted.features != config.features:  # now the usual ones, of which there is one for each input
        offered = available(len(fitted.features))
        lacking = next(key for key in config.features if key not in offered)
        problems.append(
            f"The link's features was left out: these data have {in_words(offered)}, but no {clip(lacking)!r}."
        )
    return fitted


def _own(memory: Session, data: Choice) -> Drawn | None:
    """The data that this session has brought, if they are those that are meant."""
    meant = isinstance(data, Own) and memory.own is not None and fingerprint(memory.own) == data.fingerprint
    return memory.own if meant else None


def _make(memory: Session, page: str, config: Config, default: Config, problems: list[str]) -> None:
    """Put a run of `config` in the page's place, or of the page's default where that cannot be built."""
    for wanted in (config, default):
        try:
            kind = PictureRun if holds_pictures(wanted.data) else Run
            memory.runs[page] = kind(wanted, _own(memory, wanted.data))
            return
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
    for page, run in list(memory.runs.items()):
        if run.playing:
            run.pause()
        BUDGET.leave(getattr(run, "session", page))
        if page != memory.page and now - memory.left.get(page, now) > KEPT_FOR:
            del memory.runs[page]
            memory.channels.pop(page, None)
    gc.collect()
