"""Changes of a config that buttons and the canvas share: layers, one layer, the features that are on."""

from nn_core.layers import Dense
from playground.experiments.config import Config
from playground.experiments.experiment import Experiment
from playground.experiments.features import available


def with_layers(config: Config, count: int) -> Config:
    """The config with `count` hidden layers: cut off at the end, or the last one repeated."""
    hidden = config.hidden[: max(count, 0)]
    model = hidden[-1] if hidden else Dense(8)
    return config.replace(hidden=hidden + (model,) * (count - len(hidden)))


def with_layer(config: Config, number: int, kind=None, **changes) -> Config:
    """The config with one hidden layer of units changed: its kind (Dense, Residual), units or activation."""
    layer = config.hidden[number]
    values = {"units": layer.units, "activation": layer.activation} | changes
    changed = (kind or type(layer))(**values)
    return config.replace(hidden=(*config.hidden[:number], changed, *config.hidden[number + 1 :]))


def toggled(features: tuple[str, ...], key: str, experiment: Experiment) -> tuple[str, ...]:
    """The features with one switched; the last one stays on. Raises ValueError for one that there is not."""
    offered = available(len(experiment.data.inputs))
    if key not in offered:
        raise ValueError("There is no such feature for these data.")
    if features == (key,):
        raise ValueError("At least one feature must stay on: switch another one on first.")
    chosen = set(features) ^ {key}
    return tuple(name for name in offered if name in chosen)
