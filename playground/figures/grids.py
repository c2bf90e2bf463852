"""Figures of what was measured once: arrays of pictures, and a table."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

ACROSS = 16  # pictures in a row


def picture_figure(pictures: Mapping[str, np.ndarray], title: str) -> Figure:
    """Pictures `(number, height, width[, 3])` of each name, in rows of ACROSS; each is stretched from 0 to 1."""
    rows = {name: -(-len(array) // ACROSS) for name, array in pictures.items()}
    figure = Figure(figsize=(9, 0.62 * sum(rows.values()) + 0.45 * len(rows) + 0.5), layout="constrained")
    figure.suptitle(title)
    parts = figure.subfigures(len(rows), 1, height_ratios=[count + 0.6 for count in rows.values()], squeeze=False)
    for part, (name, array) in zip(parts[:, 0], pictures.items(), strict=True):
        part.suptitle(name, fontsize="medium")
        panels = part.subplots(rows[name], ACROSS, squeeze=False)
        for panel in panels.flat:
            panel.set_axis_off()
        for panel, picture in zip(panels.flat, array, strict=False):
            low, high = float(picture.min()), float(picture.max())
            panel.imshow((picture - low) / (high - low or 1), cmap="gray", vmin=0, vmax=1)
    return figure


def table_figure(rows: Sequence[Mapping[str, str]], title: str) -> Figure:
    """Rows of text as a table with the rows' keys as its head."""
    names = list(rows[0])
    figure = Figure(figsize=(9, 0.9 + 0.32 * len(rows)), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_title(title)
    cells = [[row[name] for name in names] for row in rows]
    widths = [
        max(len(text) for text in (name, *column)) for name, column in zip(names, zip(*cells, strict=True), strict=True)
    ]
    table = axes.table(cells, colLabels=names, colWidths=[width / sum(widths) for width in widths], cellLoc="left",
                       loc="center")  # fmt: skip
    table.auto_set_font_size(False)
    table.set_fontsize(9)
    return figure
