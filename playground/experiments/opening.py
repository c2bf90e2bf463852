"""A link, opened: the config that it stands for, on data that can be drawn and with features that these have.

Pages and the command line open links by this one function, so that what the one takes the other does not refuse.
"""

from collections.abc import Callable, Mapping

from nn_core.spec import Choice, clip
from playground.datasets.base import DataError, Drawn
from playground.experiments.config import Config
from playground.experiments.experiment import with_data
from playground.experiments.features import available
from playground.experiments.link import read_link


def nobodys(data: Choice) -> Drawn | None:
    """The samples of data of one's own, where nobody has brought any."""
    return None


def open_link(
    query: Mapping[str, str], page: Config, own: Callable[[Choice], Drawn | None] = nobodys
) -> tuple[Config, list[str]]:
    """The config of a link, and one sentence for each part of it that was left out. page: as in read_link.

    own: the samples that somebody has brought, if they are those that the data mean.
    """
    config, problems = read_link(query, page)
    return _fitted(config, page, problems, "features" in query, own)


def _fitted(config: Config, page: Config, problems: list[str], named: bool, own) -> tuple[Config, list[str]]:
    """named: whether the link names features."""
    try:
        fitted = with_data(config, config.data, own(config.data), inputs_before=0 if named else len(page.features))
    except DataError as error:
        problems = [*problems, f"The link's data was left out: {error}"]
        if config.data == page.data:
            return config, problems  # nothing is left to fall back on: the build says so
        return _fitted(config.replace(data=page.data, loss=page.loss), page, problems, named, own)
    if named and fitted.features != config.features:  # now the usual ones, of which there is one for each input
        offered = available(len(fitted.features))
        lacking = next(key for key in config.features if key not in offered)
        problems = [
            *problems,
            f"The link's features was left out: these data have {', '.join(offered)}, but no {clip(lacking)!r}.",
        ]
    return fitted, problems
