"""The parts of a link may stand in any order: the config is the same, and so are the sentences."""

import itertools
import random

import pytest

from playground.datasets.pictures import holds_pictures
from playground.experiments.config import Config
from playground.experiments.link import page_for, read_link, show_link
from playground.experiments.opening import open_link
from playground.live.labs.spec import read_lab, show_lab
from tests.pages import LAB_RECIPES, LABS, PAGES, RECIPES, lab_recipe_of, recipe_of

SHUFFLES = 8
WRONG = {"rate": "fast", "loss": "mse", "features": "x1,x9", "speed": "1", "net": "999", "batch": "0", "a": "b"}


def orders(query: dict[str, str]):
    """The parts backwards, and in some orders by chance, the same in each run of the test."""
    parts, chance = list(query.items()), random.Random(0)
    yield dict(reversed(parts))
    for _ in range(SHUFFLES):
        chance.shuffle(parts)
        yield dict(parts)


@pytest.mark.parametrize(("view", "label"), RECIPES)
def test_every_recipe_in_any_order_on_every_page(view, label):
    config = recipe_of(view, label).config
    query = show_link(config)
    for order in orders(query):
        for page in PAGES.values():
            if holds_pictures(page.default.data) == holds_pictures(config.data):
                assert read_link(order, page.default) == (config, [])


@pytest.mark.parametrize(("view", "label"), RECIPES)
def test_what_is_wrong_is_told_the_same_in_any_order(view, label):
    """Each fault alone, and all of them together."""
    query, page = show_link(recipe_of(view, label).config), PAGES[view].default
    for wrong in [*({key: text} for key, text in WRONG.items()), WRONG]:
        faulty = query | wrong
        first = read_link(faulty, page)
        assert all(read_link(order, page) == first for order in orders(faulty))


@pytest.mark.parametrize(("view", "label"), LAB_RECIPES)
def test_every_lab_in_any_order(view, label):
    spec, default = lab_recipe_of(view, label).spec, LABS[view].recipes[0].spec
    for order in orders(show_lab(spec)):
        assert read_lab(order, default) == (spec, [])


@pytest.mark.parametrize("view", ["swiss_roll", "moons", "regression"])
def test_few_parts_in_all_orders_on_pages_of_both_tasks(view):
    links = (
        {"loss": "mse", "data": "line", "features": "x1", "rate": "0.1"},
        {"loss": "cross_entropy", "data": "line", "features": "x1", "rate": "0.1"},
        {"loss": "mse", "data": "moons", "features": "x1,x2"},
        {"loss": "mse", "rate": "0.1", "net": "0", "activation": "relu"},
        {"data": "gmm", "loss": "cross_entropy", "net": "4", "activation": "relu,tanh"},
        {"pixels": "pixels(components=5)", "data": "digits", "augment": "augment(shift=1)", "net": "4"},
    )
    for link in links:
        default = PAGES[view].default
        for page in (default, page_for(link, default)):
            answers = [open_link(dict(order), page) for order in itertools.permutations(link.items())]
            assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(("link_of", "opened_on"), [("moons", "digits"), ("digits", "moons")])
def test_points_and_pictures_keep_to_their_pages_in_any_order(link_of, opened_on):
    there, page = PAGES[link_of].default, PAGES[opened_on].default
    query = show_link(there) | {"features": ",".join(there.features), "rate": "0.5"}
    for order in orders(query):
        config, problems = open_link(order, page)
        assert (config.data, config.features, config.learning_rate) == (page.data, page.features, 0.5)
        assert sum("'s data was" in problem or "'s features was" in problem for problem in problems) == 2


def test_the_link_that_the_order_broke():
    for order in itertools.permutations({"loss": "mse", "data": "line", "features": "x1"}.items()):
        config, problems = open_link(dict(order), Config())
        assert problems == []
        assert show_link(config)["loss"] == "mse"
