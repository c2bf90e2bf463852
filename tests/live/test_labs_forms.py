"""Every form of a lab is shown by a page or a study, has room for its controls, and is fit for a report."""

import pytest
from matplotlib.figure import Figure

from playground.live.labs.forms import FORMS
from playground.live.labs.study import FORM_OF
from tests.live.labs import finished
from tests.pages import LABS

each_form = pytest.mark.parametrize("name", FORMS)
PAGE_OF = {name: next((page for page in LABS.values() if page.form is form), None) for name, form in FORMS.items()}


@each_form
def test_something_has_it(name):
    assert PAGE_OF[name] or FORMS[name] in FORM_OF.values()


@pytest.mark.parametrize("name", [name for name, page in PAGE_OF.items() if page])
def test_its_bar_has_room_for_its_controls(name):
    form = FORMS[name]
    assert len(form.widths) >= 2 * len(form.axes) + bool(form.seeds) + form.has_budget + form.has_curves
    assert set(form.axes) <= {"across", "down"}


@pytest.mark.parametrize("name", [name for name, page in PAGE_OF.items() if page])
def test_its_figure_is_drawn_from_a_lab_at_its_end(name):
    spec = PAGE_OF[name].recipes[0].spec
    small = spec.replace(base=spec.base.replace(stop_epochs=2), seeds=min(spec.seeds, 2))
    lab = FORMS[name].lab(small)
    if FORMS[name].seeds:
        finished(lab)
    else:  # what comes after is a film
        lab.play()
        while not lab.has_figure:
            lab.train(0.2)
    figure = FORMS[name].figure("A title", lab, lab.results())
    assert isinstance(figure, Figure)
    assert "A title" in figure.get_suptitle()
