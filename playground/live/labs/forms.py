"""The forms of a lab: all that makes one lab differ from another but its recipes.

A form is one `Form` and its line in `FORMS`: how many runs are painted, and drawn for a report; what its bar offers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from playground.experiments.results import Result
from playground.figures import labs as figures
from playground.live.frame import Frame
from playground.live.labs import painters
from playground.live.labs.axes import SHAPES
from playground.live.labs.lab import Lab
from playground.live.labs.spec import LabSpec
from playground.live.labs.surface import Walk
from playground.live.labs.ways import Together, Way


def _of_spec(draw: Callable[..., Figure]) -> Callable[[str, Lab, Sequence[Result]], Figure]:
    """A figure for which what the lab is made of, and its results, are enough."""
    return lambda title, lab, results: draw(title, lab.spec, results)


def _of_surface(title: str, lab: Lab, results: Sequence[Result]) -> Figure:
    names = [lab.spec.label(lab.spec.across, k) for k in range(lab.spec.columns)]
    return figures.surface_figure(title, names, lab.way)


@dataclass(frozen=True)
class Form:
    """painter: of the stage. figure: title, lab, results -> what is downloaded; None where only studies have the form.

    widths: of the controls in the bar, from left to right: two for each axis, then seeds, budget, axis of the curves.
    """

    painter: Callable[[Lab, dict], Frame]
    figure: Callable[[str, Lab, Sequence[Result]], Figure] | None
    widths: tuple[float, ...] = ()
    axes: tuple[str, ...] = ()  # of its spec that it varies: across, down
    without: tuple[str, ...] = ()  # settings that it cannot vary
    seeds: tuple[int, ...] = ()  # that its bar offers; where there are none, each cell has one run
    has_budget: bool = False  # whether its bar has a limit of parameters
    has_curves: bool = False  # whether its bar has what stands under the curves
    takes_images: bool = False  # whether it shows more than boundaries in the plane
    way: type[Way] = Together

    def lab(self, spec: LabSpec) -> Lab:
        """A lab of this form. Raises DataError or SpecError, one sentence, where it cannot be built."""
        return Lab(spec, self.painter, self.way)


FORMS: dict[str, Form] = {
    "grid": Form(
        painters.grid_frame,
        _of_spec(figures.grid_figure),
        widths=(1, 1.5, 1, 1.5, 0.7),
        axes=("across", "down"),
        seeds=(1, 3, 5, 10),
        takes_images=True,
    ),
    "seeds": Form(
        painters.seeds_frame,
        _of_spec(figures.seeds_figure),
        widths=(0.7, 4),
        seeds=(10, 20, 50, 100, 200),
    ),
    "compare": Form(
        painters.compare_frame,
        _of_spec(figures.compare_figure),
        widths=(1, 1.5, 0.7, 0.8),
        axes=("across",),
        seeds=(3, 5, 10, 20),
        has_curves=True,
        takes_images=True,
    ),
    "bars": Form(painters.bars_frame, None),
    "depth": Form(
        painters.depth_frame,
        _of_spec(figures.depth_figure),
        widths=(1, 2.6, 0.7, 0.9),
        axes=("across",),
        seeds=(3, 5, 10, 20),
        has_budget=True,
    ),
    "surface": Form(
        painters.surface_frame,
        _of_surface,
        widths=(1, 3),
        axes=("across",),
        without=SHAPES,
        way=Walk,
    ),
}
