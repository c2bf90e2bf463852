"""A picture page: the live page with a pad, its own Data and Settings, and a way to get data that are not here yet."""

from collections.abc import Callable

from nn_core.activations import ReLU
from nn_core.layers import Conv2D, Dense, MaxPool2D
from playground.datasets.base import DataError
from playground.datasets.pictures import Digits, PictureSet
from playground.ui.page import Page, Recipe
from playground.ui.pictures.download import arrive, get
from playground.ui.pictures.settings import data_settings, picture_settings, settings
from playground.ui.shell import opens


def convolutional(data: PictureSet, units: int) -> tuple:
    """The hidden layers of the pages' convolutional net: two convolutions with pools, then a layer of units."""
    size = 3 if isinstance(data, Digits) else 5  # a window must fit into a picture that was halved
    return (
        Conv2D(32, size, activation=ReLU()),
        MaxPool2D(2),
        Conv2D(64, size, activation=ReLU()),
        MaxPool2D(2),
        Dense(units, ReLU()),
    )


def picture_page(
    key: str,
    title: str,
    wanted: PictureSet,
    recipes: Callable[[PictureSet], tuple[Recipe, ...]],
    others: tuple[PictureSet, ...] = (),
    start: int = 1,
) -> Page:
    """The page of a picture set, or, where its files are not on this computer, of the 8x8 digits until they are.

    recipes: makes the page's recipes on a set. others: sets of the same form that the page offers beside it.
    """
    here, problem = wanted.is_here(), f"{wanted.label} is not on this computer yet, Get {wanted.label} fetches it."
    try:
        data = wanted if here and wanted.album() else Digits()
    except DataError as error:  # the files are there, and damaged
        here, problem, data = False, str(error), Digits()

    def more():
        opens("Picture", picture_settings)
        if not here:
            get(wanted)

    note = "" if here else f"These are 8×8 digits: {problem} "
    made = tuple(Recipe(recipe.label, note + recipe.why, recipe.config) for recipe in recipes(data))
    hint = note + "Draw on the pad, or click a mistake to look at it; Picture turns, shifts and roughens it."
    sets = (data, *others) if here else (data,)
    return Page(
        key,
        title,
        sets,
        made,
        start,
        hint,
        more=more,
        before=lambda: arrive(wanted, *others),
        data=data_settings,
        settings=settings,
    )
