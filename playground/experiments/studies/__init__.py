"""The studies of five student reports as data, A1 to E6: `STUDIES` by id; run them with run_study.py."""

from nn_core.spec import SpecError, clip
from playground.experiments.studies import a, b, c, d, e
from playground.experiments.studies.study import Cell, Measured, Study, check_data, missing

STUDIES: dict[str, Study] = {study.id: study for group in (a, b, c, d, e) for study in group.STUDIES}

__all__ = ["STUDIES", "Cell", "Measured", "Study", "check_data", "find", "missing"]


def find(name: str) -> Study:
    """The study with this id, in upper or lower case. Raises SpecError for any other."""
    study = STUDIES.get(name.strip().upper())
    if study is None:
        raise SpecError(f"There is no study {clip(name)!r}; there are {', '.join(STUDIES)}.")
    return study
