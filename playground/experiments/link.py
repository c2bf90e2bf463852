"""A config as the query of a link, and back: `data=moons&net=8-4&activation=tanh&rate=0.03...`.

A link names every choice that is not a plain "off", so that it means the same when a default changes one day. Reading
never fails: each part that is wrong is reported in one sentence, the page's own choice stands in for it, and the rest
of the link is used.
"""

import re
from collections.abc import Mapping

from nn_core.activations import ACTIVATIONS
from nn_core.layers import Dense, Residual
from nn_core.losses import LOSSES
from nn_core.spec import Knob, SpecError, clip, knobs, read, show, split
from playground.experiments.config import MOST_LAYERS, MOST_UNITS, SEEDS, Config

LONGEST_LINK = 2000  # characters of one value; longer ones are not read
MOST_PROBLEMS = 5  # that are told one by one; of a link of nothing but junk the rest is only counted
SHORT = {"rate": "learning_rate", "batch": "batch_size", "init": "initialiser"}  # key in the link -> field
QUIET = ("standardise", "l1", "l2", "dropout", "validation_share", "test_share", "stop_epochs", "stop_accuracy",
         "stop_patience")  # left out of a link where they have their defaults  # fmt: skip
RESIDUAL_PREFIX = "res"

_LONG = {field: key for key, field in SHORT.items()}
_KNOBS: dict[str, Knob] = {knob.name: knob for knob in knobs(Config)}
_PLAIN = [name for name in _KNOBS if name not in SEEDS]


def show_link(config: Config) -> dict[str, str]:
    """The query of the link that reproduces a run of `config`."""
    query = {"data": _KNOBS["data"].show(config.data), "features": ",".join(config.features)}
    query["net"] = "-".join(_show_layer(layer) for layer in config.hidden) or "0"
    activations = [show(layer.activation, ACTIVATIONS) for layer in config.hidden]
    if activations:
        query["activation"] = activations[0] if len(set(activations)) == 1 else ",".join(activations)
    for name in _PLAIN:
        value = getattr(config, name)
        if name != "data" and not (name in QUIET and value == _KNOBS[name].default):
            query[_LONG.get(name, name)] = "full" if name == "batch_size" and value == 0 else _KNOBS[name].show(value)
    query["seeds"] = "-".join(str(getattr(config, name)) for name in SEEDS)
    return query


def read_link(query: Mapping[str, str], page: Config) -> tuple[Config, list[str]]:
    """The config that a link stands for, and one sentence for each part of it that is wrong.

    page: the config whose values are used for what the link leaves out or gets wrong.
    """
    problems, values = [], {}
    for key, text in query.items():
        try:
            if len(text) > LONGEST_LINK:
                raise SpecError(f"it is {len(text):,} characters long; {LONGEST_LINK:,} are the most.")
            values |= _read_part(key, text)
        except SpecError as error:
            problems.append(f"The link's {clip(key)} was left out: {error}")
    values, problems = _joined(values, problems, page)
    config = page
    for name, value in values.items():  # one by one, so that a part that does not fit the rest costs only itself
        try:
            config = config.replace(**_with_partner(name, value, values))
        except SpecError as error:
            problems.append(f"The link's {_LONG.get(name, name)} was left out: {error}")
    if len(problems) > MOST_PROBLEMS + 1:
        more = len(problems) - MOST_PROBLEMS
        problems = [*problems[:MOST_PROBLEMS], f"{more:,} more parts of the link were left out."]
    return config, problems


def _read_part(key: str, text: str) -> dict:
    """What one part of a link sets: field -> value."""
    name = SHORT.get(key, key)
    if key == "features":
        return {"features": tuple(filter(None, (part.strip() for part in text.split(","))))}
    if key == "net":
        return {"net": _read_net(text)}
    if key == "activation":
        return {"activation": [read(part, ACTIVATIONS, "activation") for part in split(text)]}
    if key == "seeds":
        parts = text.split("-")
        if len(parts) != len(SEEDS):
            raise SpecError("seeds must be four whole numbers: data-split-weights-batches, such as 0-0-0-0.")
        return {name: _KNOBS[name].read(part) for name, part in zip(SEEDS, parts, strict=True)}
    if name == "batch_size" and text.strip() == "full":
        return {"batch_size": 0}
    if name not in _PLAIN:
        raise SpecError("no setting has that name.")
    return {name: _KNOBS[name].read(text)}


def _show_layer(layer) -> str:
    return (RESIDUAL_PREFIX if isinstance(layer, Residual) else "") + str(layer.units)


def _read_net(text: str) -> list[tuple[type, int]]:
    """`16-res16` as [(Dense, 16), (Residual, 16)]; `0` is no hidden layer."""
    if text.strip() == "0":
        return []
    layers = []
    for part in text.split("-"):
        kind = Residual if part.strip().startswith(RESIDUAL_PREFIX) else Dense
        units = part.strip().removeprefix(RESIDUAL_PREFIX)
        if not re.fullmatch("[0-9]{1,4}", units) or not 1 <= int(units) <= MOST_UNITS:
            raise SpecError(f"each layer must have a whole number of units from 1 to {MOST_UNITS}, not {clip(part)!r}.")
        layers.append((kind, int(units)))
    if len(layers) > MOST_LAYERS:
        raise SpecError(f"there can be from 0 to {MOST_LAYERS} hidden layers, not {len(layers)}.")
    return layers


def _joined(values: dict, problems: list[str], page: Config) -> tuple[dict, list[str]]:
    """`net` and `activation` put together into the hidden layers."""
    net, activations = values.pop("net", None), values.pop("activation", None)
    if net is None and activations is None:
        return values, problems
    net = [(type(layer), layer.units) for layer in page.hidden] if net is None else net
    activations = activations or [layer.activation for layer in page.hidden[:1]] or [Dense().activation]
    if len(activations) not in (1, len(net)):
        problems = [
            *problems,
            f"The link's activation names {len(activations)} activations for {len(net)} hidden layers; "
            "the first is used for all.",
        ]
        activations = activations[:1]
    activations = activations * len(net) if len(activations) == 1 else activations
    hidden = tuple(kind(units, activation) for (kind, units), activation in zip(net, activations, strict=True))
    return {"hidden": hidden, **values}, problems


def _with_partner(name: str, value, values: dict) -> dict:
    """Data and loss must fit each other, so they are set together."""
    if name != "data":
        return {name: value}
    task = getattr(value, "task", "classes")
    loss = values.get("loss") or next(loss() for loss in LOSSES.values() if loss.task == task)
    return {"data": value, "loss": loss}
