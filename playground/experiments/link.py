"""A config as the query of a link, and back: `data=moons&net=8-4&activation=tanh&rate=0.03...`.

A link names every choice that is not a plain "off", so that it means the same when a default changes one day. Reading
never fails: each part that is wrong is reported in one sentence, the page's own choice stands in for it, and the rest
of the link is used. The order of the parts means nothing. How an address becomes such a query: address.py.
"""

import contextlib
import dataclasses
import re
from collections.abc import Mapping

from nn_core.activations import ACTIVATIONS
from nn_core.layers import AveragePool2D, BatchNorm, Conv2D, Dense, LayerNorm, MaxPool2D, Residual
from nn_core.losses import LOSSES
from nn_core.spec import Knob, SpecError, clip, counted, knobs, read, show, split
from playground.datasets.pictures import PICTURES, Digits
from playground.experiments.config import (
    IMAGES,
    MOST_LAYERS,
    MOST_PICTURE_LAYERS,
    MOST_PICTURE_UNITS,
    MOST_UNITS,
    PIXELS,
    SEEDS,
    Config,
)

TWICE = "&"  # between the values of a part that an address has twice; none has an & in it
LONGEST_LINK = 2000  # characters of one value; longer ones are not read
MOST_PROBLEMS = 5  # that are told one by one; of a link of nothing but junk the rest is only counted
SHORT = {"rate": "learning_rate", "batch": "batch_size", "init": "initialiser"}  # key in the link -> field
QUIET = ("standardise", "standardise_targets", "l1", "l2", "dropout", "validation_share", "test_share", "stop_epochs",
         "stop_accuracy", "stop_patience", "pixels", "augment")  # left out where they have their defaults  # fmt: skip
# Of a picture run: every page's recipes have these at their defaults, and leave nothing else to the page.
QUIET_OF_PICTURES = ("standardise", "standardise_targets", "l1", "dropout", "augment", "validation_share", "test_share",
                     "stop_accuracy", "stop_patience")  # fmt: skip
RESIDUAL_PREFIX = "res"
NORMALISATIONS = {"bn": BatchNorm, "ln": LayerNorm}
POOLS = {"max": MaxPool2D, "avg": AveragePool2D}
CONVOLUTION = re.compile(
    "conv([0-9]{1,5})x([0-9]{1,4})(?:s([0-9]{1,4}))?(v?)"
)  # conv32x5: 32 filters of 5x5; s: stride, v: valid
POOL = re.compile("(max|avg)([0-9]{1,4})(?:s([0-9]{1,4}))?")

_LONG = {field: key for key, field in SHORT.items()}
_KNOBS: dict[str, Knob] = {knob.name: knob for knob in knobs(Config)}
_PLAIN = [name for name in _KNOBS if name not in SEEDS]
_FIELDS = [field.name for field in dataclasses.fields(Config)]
_KEYS = ["data", "features", "net", "activation", *_PLAIN[1:], "seeds"]  # the order in which parts are read and told


def show_link(config: Config) -> dict[str, str]:
    """The query of the link that reproduces a run of `config`."""
    query = {"data": _KNOBS["data"].show(config.data)}
    images = config.kind is IMAGES
    if not images:
        query["features"] = ",".join(config.features)
    query["net"] = "-".join(_show_layer(layer) for layer in config.hidden) or "0"
    activations = [show(layer.activation, ACTIVATIONS) for layer in config.hidden if hasattr(layer, "activation")]
    if activations:
        query["activation"] = activations[0] if len(set(activations)) == 1 else ",".join(activations)
    quiet = QUIET_OF_PICTURES if images else QUIET
    for name in _PLAIN:
        if name in ("pixels", "augment") and not images:
            continue
        value = getattr(config, name)
        if name != "data" and not (name in quiet and value == _KNOBS[name].default):
            query[_LONG.get(name, name)] = "full" if name == "batch_size" and value == 0 else _KNOBS[name].show(value)
    query["seeds"] = "-".join(str(getattr(config, name)) for name in SEEDS)
    return query


def read_link(query: Mapping[str, str], page: Config) -> tuple[Config, list[str]]:
    """The config that a link stands for, and one sentence for each part of it that is wrong.

    page: the config whose values are used for what the link leaves out or gets wrong.
    """
    problems, values = [], {}
    for key, text in sorted(query.items(), key=_place):
        try:
            if len(text) > LONGEST_LINK:
                raise SpecError(f"it is {len(text):,} characters long; {LONGEST_LINK:,} are the most.")
            if TWICE in text:
                raise SpecError(f"it stands there twice, as {clip(text.replace(TWICE, ' and '))}; name it once.")
            part = _read_part(key, text, page.kind is IMAGES)
            if any(values.get(name, value) != value for name, value in part.items()):
                raise SpecError("it stands there twice, by its short and by its long name; name it once.")
            values |= part
        except SpecError as error:
            problems.append(f"The link's {clip(key)} was left out: {error}")
    values, problems = _joined(values, problems, page)
    config, errors = _put_together(values, page)
    for name, error in errors.items():
        problems.append(f"The link's {'net' if name == 'hidden' else _LONG.get(name, name)} was left out: {error}")
    if len(problems) > MOST_PROBLEMS + 1:
        more = len(problems) - MOST_PROBLEMS
        problems = [*problems[:MOST_PROBLEMS], f"{more:,} more parts of the link were left out."]
    return config, problems


def page_for(query: Mapping[str, str], page: Config) -> Config:
    """The config that a link is read by where it may name pictures on a page of the plane, whose values fit none."""
    pictures = query.get("data", "").partition("(")[0].strip() in PICTURES
    return Config(data=Digits(), features=PIXELS) if pictures and page.kind is not IMAGES else page


def _read_part(key: str, text: str, pictures: bool) -> dict:
    """What one part of a link sets: field -> value."""
    name = SHORT.get(key, key)
    if key == "features":
        return {"features": tuple(filter(None, (part.strip() for part in text.split(","))))}
    if key == "net":
        return {"net": _read_net(text, pictures)}
    if key == "activation":
        return {"activation": [read(part, ACTIVATIONS, "activation") for part in split(text)]}
    if key == "seeds":
        parts = text.split("-")
        if len(parts) != len(SEEDS):
            raise SpecError("seeds must be four whole numbers: data-split-weights-batches, such as 0-0-0-0.")
        return {name: _KNOBS[name].read(part) for name, part in zip(SEEDS, parts, strict=True)}
    if name == "batch_size":
        return {"batch_size": read_batch(text)}
    if name not in _PLAIN:
        raise SpecError("no setting has that name.")
    return {name: _KNOBS[name].read(text)}


def _show_layer(layer) -> str:
    if isinstance(layer, Conv2D):
        stride = f"s{layer.stride}" if layer.stride > 1 else ""
        return f"conv{layer.filters}x{layer.kernel}{stride}{'v' if layer.padding == 'valid' else ''}"
    for name, kind in POOLS.items():
        if isinstance(layer, kind):
            return f"{name}{layer.size}" + (f"s{layer.stride}" if layer.stride else "")
    for name, kind in NORMALISATIONS.items():
        if isinstance(layer, kind):
            return name
    return (RESIDUAL_PREFIX if isinstance(layer, Residual) else "") + str(layer.units)


def read_batch(text: str) -> int:
    """A batch size as a link names it, `full` or a number; whether it may be so large is for the config to say."""
    if text.strip() == "full":
        return 0
    if not re.fullmatch("[0-9]{1,2000}", text.strip()):
        raise SpecError(f"batch must be a whole number, or full, not {clip(text)!r}.")
    return int(text)


def read_net(text: str, activation) -> list:
    """Hidden layers as a link names them, `16-res16`, all with one activation. Raises SpecError, one sentence."""
    return [dataclasses.replace(layer, activation=activation) for layer in _read_net(text[:LONGEST_LINK], False)]


def _read_net(text: str, pictures: bool) -> list:
    """`16-res16` as a list of layers; `0` is no hidden layer."""
    if text.strip() == "0":
        return []
    layers = [_read_layer(part.strip(), pictures) for part in text.split("-")]
    most = MOST_PICTURE_LAYERS if pictures else MOST_LAYERS
    if len(layers) > most:
        raise SpecError(f"there can be from 0 to {most} hidden layers, not {len(layers)}.")
    return layers


def _read_layer(text: str, pictures: bool):
    """One layer, with the activation that it has by default."""
    if pictures and (found := CONVOLUTION.fullmatch(text)):
        filters, kernel, stride, valid = found.groups()
        return Conv2D(int(filters), int(kernel), int(stride or 1), "valid" if valid else "same")
    if pictures and (found := POOL.fullmatch(text)):
        name, size, stride = found.groups()
        return POOLS[name](int(size), int(stride or 0))
    if pictures and text in NORMALISATIONS:
        return NORMALISATIONS[text]()
    kind = Residual if text.startswith(RESIDUAL_PREFIX) else Dense
    units, most = text.removeprefix(RESIDUAL_PREFIX), MOST_PICTURE_UNITS if pictures else MOST_UNITS
    if not re.fullmatch("[0-9]{1,4}", units) or not 1 <= int(units) <= most:
        more = ", or be such as conv32x5, max2, avg2, bn, ln" if pictures else ""
        raise SpecError(f"each layer must have a whole number of units from 1 to {most:,}{more}, not {clip(text)!r}.")
    return kind(int(units))


def _joined(values: dict, problems: list[str], page: Config) -> tuple[dict, list[str]]:
    """`net` and `activation` put together into the hidden layers."""
    net, activations = values.pop("net", None), values.pop("activation", None)
    if net is None and activations is None:
        return values, problems
    net = list(page.hidden) if net is None else net
    given = [layer.activation for layer in page.hidden if hasattr(layer, "activation")]
    activations = activations or given[:1] or [Dense().activation]
    bent = sum(hasattr(layer, "activation") for layer in net)
    if len(activations) not in (1, bent):
        problems = [
            *problems,
            f"The link's activation names {counted(len(activations), 'activation')} for "
            f"{counted(bent, 'hidden layer')}; the first is used for all.",
        ]
        activations = activations[:1]
    left = iter(activations * bent if len(activations) == 1 else activations)
    hidden = tuple(
        dataclasses.replace(layer, activation=next(left)) if hasattr(layer, "activation") else layer for layer in net
    )
    return {"hidden": hidden, **values}, problems


def _place(part: tuple[str, str]) -> tuple[int, str]:
    """Where a part is read, wherever it stands in the link: as the fields of a config; what is unknown at the end."""
    name = SHORT.get(part[0], part[0])
    return _KEYS.index(name) if name in _KEYS else len(_KEYS), part[0]


def _put_together(values: dict, page: Config) -> tuple[Config, dict[str, SpecError]]:
    """The page's config with the values in it, and what is wrong with those that do not fit.

    All at once, since one may need another; where that cannot be, one by one, each as soon as it fits.
    """
    left = {name: values[name] for name in sorted(values, key=_FIELDS.index)}
    if (left.get("features", page.features) == PIXELS) == (page.kind is IMAGES):  # a page keeps to its kind
        with contextlib.suppress(SpecError):
            return page.replace(**_usual_loss(left), **left), {}
    config, errors = page, {}
    while len(errors) != len(left):  # once more as long as something has found its place
        errors = {}
        for name, value in left.items():
            try:
                partner = {"loss": values.get("loss")} if name == "data" and "loss" in values else {}
                config = config.replace(**{name: value, **partner, **_usual_loss({**partner, name: value})})
            except SpecError as error:
                errors[name] = error
        left = {name: left[name] for name in errors}
    return config, errors


def _usual_loss(values: Mapping) -> dict:
    """The loss that goes with the data, where a link names data and no loss: the two must fit each other."""
    if "data" not in values or "loss" in values:
        return {}
    task = getattr(values["data"], "task", "classes")
    return {"loss": next(loss() for loss in LOSSES.values() if loss.task == task)}
