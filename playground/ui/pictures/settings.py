"""What is behind Data, Picture and Settings on the picture pages; what can be done on the canvas has a twin here."""

import dataclasses

import streamlit as st

from nn_core.layers import AveragePool2D, BatchNorm, Conv2D, Dense, LayerNorm, MaxPool2D, Residual
from nn_core.spec import Choice, counted, knobs, name_of
from playground.datasets.pictures import PICTURES
from playground.datasets.prepare import Pixels, components_of
from playground.experiments.config import MOST_PICTURE_LAYERS, Config
from playground.live.images.pad import Pad
from playground.live.images.painter import ENOUGH, VIEWS
from playground.live.images.run import PictureRun
from playground.ui import session
from playground.ui import settings as common
from playground.ui.pictures.download import fetching
from playground.ui.widgets import RESTARTS, pick, pick_choice, turn, turn_field, turn_knobs

KINDS: dict[str, type[Choice]] = {
    "convolution": Conv2D,
    "max pool": MaxPool2D,
    "mean pool": AveragePool2D,
    "dense": Dense,
    "residual block": Residual,
    "batch norm": BatchNorm,
    "layer norm": LayerNorm,
}
NEW = {Conv2D: Conv2D(16, 3), Dense: Dense(32), Residual: Residual(32)}  # others as they are made without arguments
SIZED = ("filters", "kernel", "stride", "padding", "units", "size")  # the knobs of a layer that a page turns


def data_settings(sets: tuple[Choice, ...]) -> None:
    """Which pictures, how many, and what the network is given of them."""
    run: PictureRun = session.current()
    config = run.config
    st.caption("A change of the data starts the run afresh.")
    missing = [data for data in sets if not data.is_here()]
    sets = tuple(data for data in sets if data.is_here())
    by_name = {name_of(data, PICTURES): data for data in sets}
    if len(sets) > 1:
        pick(
            "Data set",
            list(by_name),
            name_of(config.data, PICTURES),
            lambda name: session.change(data=by_name[name]),
            key="data-set",
            help="What the network has to tell apart.",
            names=lambda name: PICTURES[name].label,
        )
    _samples(config)
    turn_knobs(config.pixels, lambda pixels: session.change(pixels=pixels), key="pixels", restarts=True)
    _enough(config)
    turn_field("seed_split", key="seed-split", restarts=True)
    parts = run.experiment.data
    st.caption(
        f"{parts.source} {len(parts.train):,} to train on, {len(parts.validation):,} to choose by, "
        f"{len(parts.test):,} to test."
    )
    for data in missing:
        fetching(data)


def _samples(config: Config):
    """The slider for quick demonstrations."""
    (knob,) = (knob for knob in knobs(config.data) if knob.name == "samples")
    offered = sorted({n for n in (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000) if n < knob.high}
                     | {int(knob.high), config.data.samples})  # fmt: skip
    st.session_state["samples"] = config.data.samples
    st.select_slider(
        knob.label,
        offered,
        key="samples",
        format_func=lambda n: f"{n:,}",
        help=knob.help + RESTARTS,
        on_change=lambda: session.change(data=dataclasses.replace(config.data, samples=st.session_state["samples"])),
    )


def _enough(config: Config):
    """A button that trains on as many components as hold most of the variance."""
    needed = components_of(config.data, config.seed_split, config.pixels).needed(ENOUGH)
    if needed and config.pixels.components != needed:
        st.button(
            f"Train on the {counted(needed, 'component')} with {ENOUGH:.0%} of the variance",
            key="enough",
            on_click=lambda: session.change(pixels=dataclasses.replace(config.pixels, components=needed)),
        )
    if config.pixels.components:
        st.button(
            "Train on pixels again",
            key="pixels-again",
            on_click=lambda: session.change(pixels=dataclasses.replace(config.pixels, components=Pixels().components)),
        )


def picture_settings() -> None:
    """What lies on the pad: which test picture, and what is done to it."""
    run: PictureRun = session.current()
    data, pad = run.experiment.data, run.pad
    left, right = st.columns([1.4, 1], vertical_alignment="bottom")
    with left:
        st.session_state["picture-index"] = pad.index
        st.number_input(
            "Test picture",
            0,
            len(data.album.test) - 1,
            key="picture-index",
            help="Lays this picture of the test part on the pad; what you have drawn goes.",
            on_change=lambda: session.attempt(
                lambda: session.current().put(pad.showing(st.session_state["picture-index"], data))
            ),
        )
    with right:
        st.button("Next mistake", key="next-mistake", on_click=_next_mistake, width="stretch")
    st.caption("Turn it, move it, roughen it, and watch the answer change.")

    for knob in knobs(pad.change):
        key = f"picture-{knob.name}"
        st.session_state[key] = getattr(pad.change, knob.name)
        st.slider(
            knob.label,
            knob.low if isinstance(knob.default, int) else float(knob.low),
            knob.high if isinstance(knob.default, int) else float(knob.high),
            key=key,
            help=knob.help,
            on_change=lambda name=knob.name, key=key: _change_picture(name, st.session_state[key]),
        )
    st.button("As it was", key="picture-reset", on_click=lambda: session.current().put(Pad(pad.index)))
    if data.can_be_drawn:
        st.button(
            "An empty pad, to draw on", key="picture-draw", on_click=lambda: session.current().put(pad.drawn([], data))
        )


def _change_picture(name: str, value):
    run: PictureRun = session.current()
    run.change_picture(dataclasses.replace(run.pad.change, **{name: value}))


def _next_mistake():
    """The next test picture that is answered wrong, in the order of their numbers."""
    run: PictureRun = session.current()
    wrong = sorted(int(i) for i in run.results.mistakes)
    if wrong:
        run.put(Pad(next((i for i in wrong if i > run.pad.index), wrong[0])))


def settings() -> None:
    """Network, training, stop rules, seeds, view."""
    common.speed()
    common.in_tabs(
        {"Network": _network, "Training": _training, "Stop": common.stop, "Seeds": common.seeds, "View": _view},
    )


def _network():
    config = session.current().config
    st.caption("From the picture to the answer. Dropout follows each layer of units; a linear layer ends it all.")
    for number, layer in enumerate(config.hidden):
        _layer(number, layer)
    if len(config.hidden) < MOST_PICTURE_LAYERS:
        st.button(
            "Add a layer at the end",
            key="layer-add",
            icon=":material/add:",
            on_click=lambda: session.change(hidden=(*session.current().config.hidden, NEW[Dense])),
        )
    left, right = st.columns(2)
    with left:
        pick_choice("initialiser", key="initialiser", restarts=True)
    with right:
        turn_knobs(config.initialiser, lambda value: session.change(initialiser=value), key="initialiser-knob")


def _layer(number: int, layer):
    """One layer: its kind, its sizes, and a way to take it out."""
    hidden = session.current().config.hidden
    with st.container(border=True, gap="small"):
        kind, out = st.columns([4, 1], vertical_alignment="bottom")
        names = {type_: name for name, type_ in KINDS.items()}
        with kind:
            pick(
                f"Layer {number + 1}",
                list(KINDS),
                names[type(layer)],
                lambda name: session.change(hidden=_with(hidden, number, _of(KINDS[name], layer))),
                key=f"kind-{number}",
                help="What the layer is made of." + RESTARTS,
            )
        with out:
            st.button(
                "Remove",
                key=f"layer-remove-{number}",
                width="stretch",
                on_click=lambda: session.change(hidden=(*hidden[:number], *hidden[number + 1 :])),
            )
        turned = [knob for knob in knobs(layer) if knob.name in SIZED or knob.name == "activation"]
        for start in range(0, len(turned), 3):
            for column, knob in zip(st.columns(3), turned[start : start + 3], strict=False):
                with column:
                    _knob(number, layer, knob)


def _knob(number: int, layer, knob):
    key = f"layer-{number}-{type(layer).__name__}-{knob.name}"
    hidden = session.current().config.hidden

    def changed(value):
        session.change(hidden=_with(hidden, number, dataclasses.replace(layer, **{knob.name: value})))

    if knob.registry is None:
        turn(knob, getattr(layer, knob.name), changed, key=key, restarts=True)
        return
    pick(
        knob.label,
        list(knob.registry),
        name_of(getattr(layer, knob.name), knob.registry),
        lambda name: changed(knob.registry[name]()),
        key=key,
        help=knob.help,
        names=lambda name: knob.registry[name].label,
    )


def _with(hidden: tuple, number: int, layer) -> tuple:
    return (*hidden[:number], layer, *hidden[number + 1 :])


def _of(kind: type[Choice], before) -> Choice:
    """A layer of another kind, with the activation of the one before where both have one."""
    made = NEW.get(kind) or kind()
    both = hasattr(made, "activation") and hasattr(before, "activation")
    return dataclasses.replace(made, activation=before.activation) if both else made


def _training():
    st.markdown("**Augmentation** (training pictures are moved, anew each time)")
    turn_knobs(session.current().config.augment, lambda value: session.change(augment=value), key="augment")
    common.training()


def _view():
    run: PictureRun = session.current()
    pick(
        "Shown below",
        list(VIEWS),
        run.view,
        lambda view: session.current().look(view),
        key="view",
        help="What the stage shows under the pad. " + " ".join(f"{label}: {text}" for label, text in VIEWS.values()),
        names=lambda view: VIEWS[view][0],
    )
    st.session_state["watching"] = run.watch.on
    st.toggle(
        "Monitor weights and activations",
        key="watching",
        help=f"Histograms and bands of every layer while it trains; it only reads. Cost now: {run.watch.cost}.",
        on_change=lambda: session.current().watching(st.session_state["watching"]),
    )
    common.switches(("show_error", "Error instead of accuracy", "Share of wrong answers; best with a log scale."))
    common.view()
