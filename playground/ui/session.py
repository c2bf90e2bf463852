"""What a session remembers: one run for each page that was opened, and the links that the pages wrote (history.py).

The whole of it sits in Streamlit's session state under one key. A page that is left pauses; who comes back finds it as
it was.
"""

import gc
from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from nn_core.spec import Choice, SpecError
from playground.datasets.base import MAX_VALUES, DataError, Drawn
from playground.datasets.pictures import holds_pictures
from playground.experiments.config import Config, Own
from playground.experiments.experiment import with_data
from playground.experiments.link import show_link
from playground.experiments.opening import open_link
from playground.ui.budget import BUDGET
from playground.ui.history import History, went_back
from playground.ui.pictures.run import PictureRun
from playground.ui.run import Run

KEY = "playground"
VIEW = "view"  # the one part of a link that is no part of a run: the plane that is looked at


@dataclass
class Session:
    """Runs by page, the history of their links, and sentences that wait to be shown."""

    runs: dict[str, Run] = field(default_factory=dict)
    history: History = field(default_factory=History)
    whole_page: bool = False  # see is_whole_page
    acted: tuple[str, int] = ("", 0)  # which stage was heard last, and the number of its last deed that was done
    problems: list[str] = field(default_factory=list)
    page: str = ""
    acts: bool = False  # whether something was done on the stage since the last frame
    drawn: dict = field(default_factory=dict)  # what the page was last drawn from, see is_up_to_date
    own: Drawn | None = None  # data that this session has brought itself
    points: list[tuple[float, float, int]] = field(default_factory=list)  # those that were painted: x, y, class
    brought: dict[str, tuple[Drawn, list]] = field(
        default_factory=dict
    )  # own data and points, for Back; by fingerprint


def session() -> Session:
    """This session's memory."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Session()
    return st.session_state[KEY]


def open_run(page: str, default: Config) -> Run:
    """The run of a page: made from the link if there is one, else from the page's defaults, or as it was left."""
    memory = session()
    query = arriving(page)
    known = memory.runs.get(page)
    if known is None or query:
        parts = {key: value for key, value in query.items() if key != VIEW}
        config, problems = open_link(parts, default, lambda data: _own(memory, data))
        own = _own(memory, config.data)
        if not (known and went_back() and attempt(lambda: known.apply(config, own))):  # Back undoes: the run goes on
            _make(memory, page, config, default, problems)
        if own is not None:
            memory.own, memory.points = memory.brought[config.data.fingerprint]
        if VIEW in query or went_back():
            look(memory.runs[page], query.get(VIEW, memory.runs[page].views[0]), problems)
        memory.problems += problems
    write_link(page)
    return memory.runs[page]


def arriving(page: str) -> dict[str, str]:
    """The query of the address bar, as far as it speaks of this page; the page that was left pauses."""
    memory = session()
    query = memory.history.arrive(page)
    if memory.page != page:
        _leave(memory)
        memory.page = page
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
    session().history.write(page, link)


def current() -> Run:
    """The run of the page that is open."""
    memory = session()
    return memory.runs[memory.page]


def change(**changes) -> None:
    """Change the config of the run on this page; what cannot be is said in one sentence, and nothing is lost."""
    attempt(lambda: current().apply(current().config.replace(**changes)))


def put_data(data: Choice, own: Drawn | None = None) -> None:
    """Put other data before the network of this page. Raises DataError or SpecError where that cannot be done."""
    run = current()
    inputs = len(run.experiment.data.inputs)
    run.apply(with_data(run.config, data, own, inputs), own)
    if own is not None:
        _remember(session(), data, own)


def change_data(data: Choice) -> None:
    """Put other data before the network; what cannot be is said in one sentence, and the run stays as it was."""
    attempt(lambda: put_data(data))


def note_as_drawn() -> None:
    """Remember what the widgets of the page were drawn from."""
    session().drawn = _visible()
    session().whole_page = True


def is_whole_page() -> bool:
    """Whether the page as a whole is being run, and not the stage's fragment alone; asked once in a run."""
    whole, session().whole_page = session().whole_page, False
    return whole


def is_up_to_date() -> bool:
    """Whether the page still shows the truth.

    The browser may hand a click beside the stage to the stage's fragment, when both ask for a run in the same moment.
    The fragment then has to see that the page around it is to be drawn anew.
    """
    drawn, now = session().drawn, _visible()
    return bool(drawn) and all(now.get(key, value) in (value, False) for key, value in drawn.items())


def _visible() -> dict:
    """What decides how the page looks: the state of its run, and the values of its widgets.

    A value that falls back to False is a button that was let go, which changes nothing.
    """
    state = st.session_state.to_dict()  # at once: Streamlit goes through all of it for each single look
    widgets = {key: value for key, value in state.items() if not str(key).startswith(("stage-", KEY))}
    return {"run": current().look_of_page, **widgets}


def new_deeds(memory: Session, message) -> list[dict]:
    """What a stage tells that it did, without what has been done before: a stage says it until it is answered."""
    match message:
        case {"stage": str(stage), "deeds": [*deeds]}:
            last = memory.acted[1] if memory.acted[0] == stage else 0
        case _:
            return []
    fresh = [deed for deed in deeds if isinstance(deed, dict) and type(deed.get("number")) is int]
    fresh = [deed for deed in fresh if deed["number"] > last]
    memory.acted = stage, max([last, *(deed["number"] for deed in fresh)])
    return fresh


def attempt(action: Callable[[], object]) -> bool:
    """Do it, or note for the page why it cannot be done; returns whether it was done."""
    try:
        action()
    except ValueError as error:  # SpecError and DataError are ValueErrors: each is one sentence
        session().problems.append(str(error))
        session().drawn = {}  # the page has something to say
        return False
    return True


def look(run: Run, view: str, problems: list[str]) -> None:
    """Look at another plane, if the data have it."""
    if view in run.views:
        run.look(view)
    else:
        problems.append(f"The link's view was left out: it can be {', '.join(run.views)}.")


def _own(memory: Session, data: Choice) -> Drawn | None:
    """The data that this session has brought, if they are those that are meant."""
    return memory.brought.get(data.fingerprint, (None, []))[0] if isinstance(data, Own) else None


def _remember(memory: Session, data: Own, own: Drawn) -> None:
    """Keep data that were brought: Back may come to them again. The oldest go where all are too many numbers."""
    memory.brought.pop(data.fingerprint, None)
    memory.brought[data.fingerprint] = own, memory.points
    while sum(drawn.x.size for drawn, _ in memory.brought.values()) > MAX_VALUES and len(memory.brought) > 1:
        del memory.brought[next(iter(memory.brought))]


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
    """Pause the page that was left, and free what its widgets held."""
    for run in memory.runs.values():
        if run.playing:
            run.pause()
            BUDGET.leave(run.session)
    gc.collect()
