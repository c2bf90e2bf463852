"""What the stage shows of a lab: panels, with what they need in the header and their numbers as arrays."""

import numpy as np

from nn_core.ensemble import Ensemble
from playground.ui.frame import HALF_MARGIN, PACE_MS, pack
from playground.ui.labs.axes import AXES
from playground.ui.labs.lab import MAP_SIDE, Lab
from playground.ui.labs.surface import SurfaceLab

DRAWN_POINTS = 60  # of the data, in a small picture
CONVERGED = 0.9  # test accuracy (or R²) from where on a run counts as converged
BINS = 24
MOST_LINES = 12


def grid_frame(lab: Lab, moving: dict) -> bytes:
    """A wall of boundaries and curves, a heat map of what came of them, and the curve of the chosen cell."""
    spec, away = lab.spec, lab.ran_away()
    score = _by_cell(lab, lab.last("test_metric"))
    epochs, losses = lab.curves("test_loss")
    cells, first = spec.rows * spec.columns, [k * spec.seeds for k in range(spec.rows * spec.columns)]
    lost = away.reshape(cells, spec.seeds).any(axis=1)
    fine = np.where(lost, -np.inf, np.nan_to_num(score, nan=-np.inf))
    best = int(fine.argmax()) if np.isfinite(fine).any() else None
    chosen = lab.chosen[0] * spec.columns + lab.chosen[1] if lab.chosen else best
    known = np.array([len(epochs[i]) > 1 for i in first])
    texts = [
        "diverged" if lost[k] else f"{100 * score[k]:.0f} %" if known[k] and np.isfinite(score[k]) else ""
        for k in range(cells)
    ]
    header = {
        **_head(lab, moving, best_text=_cell_name(lab, best) if best is not None else ""),
        "panels": ["wall", "heat", "lines", "words"],
        "columns": [spec.label(spec.across, c) for c in range(spec.columns)],
        "rows": [spec.label(spec.down, r) for r in range(spec.rows)],
        "across": AXES[spec.across[0]].label if spec.across else "",
        "down": AXES[spec.down[0]].label if spec.down else "",
        "texts": texts,
        "lost": [bool(one) for one in lost],
        "chosen": chosen,
        "side": MAP_SIDE,
        "heat": [None if lost[k] or not known[k] else float(np.nan_to_num(score[k])) for k in range(cells)],
        "heat_title": "Test accuracy" if _classes(lab) else "Test R²",
        "lines_title": _cell_name(lab, chosen) if chosen is not None else "",
        "palette": _palette(lab),
    }
    arrays = _pictures(lab, first) | _points(lab)
    # Stacks come to their epochs one after the other, and long curves are thinned: all are put over one axis.
    x = max((epochs[i] for i in first), key=lambda xs: (len(xs) > 0) * (xs[-1] if len(xs) else 0))
    curves = np.full((cells, len(x)), np.nan, np.float32)
    for k, i in enumerate(first):
        if len(epochs[i]):
            curves[k] = np.interp(x, epochs[i], _finite(losses[i]), right=np.nan)
    return pack(header, arrays | {"curves": curves, "curve_x": x.astype(np.float32)})


def seeds_frame(lab: Lab, moving: dict) -> bytes:
    """Many seeds of one config: the band of their losses, the best, the median and the worst, where they end."""
    metric = lab.last("test_metric")
    lost = lab.ran_away()
    score = np.where(lost | ~np.isfinite(metric), -np.inf, metric)
    order = np.argsort(-score, kind="stable")
    shown = [int(order[0]), int(order[(len(order) - 1) // 2]), int(order[-1])]
    begun = int(np.isfinite(metric).sum() + (lost & ~np.isfinite(metric)).sum())
    converged = int((score >= CONVERGED).sum())
    classes = _classes(lab)
    named = zip(("best", "median", "worst"), shown, strict=True)
    header = {
        **_head(lab, moving, f"converged {converged} of {begun}"),
        "panels": ["bands", "models", "histogram"],
        "lines": [{"name": "train loss", "colour": 0}, {"name": "test loss", "colour": 1}],
        "lines_title": "Loss: interquartile mean, and the band from the first to the third quartile",
        "models": [
            {
                "title": f"{name}: {_percent(metric[i], classes) if not lost[i] else 'diverged'}",
                "seed": lab.configs[i].seed_weights,
            }
            for name, i in named
        ],
        "converged": f"{converged} of {begun} end at {_percent(CONVERGED, classes)} or better on the test set",
        "histogram_title": "Where they end: test accuracy" if classes else "Where they end: test R²",
        "histogram_ends": _ends(metric[~lost], classes),
        "percent": classes,
        "side": MAP_SIDE,
        "palette": _palette(lab),
    }
    arrays = _pictures(lab, shown) | _points(lab)
    for k, name in enumerate(("train_loss", "test_loss")):
        arrays |= _band(lab, name, range(len(lab.configs)), k)
    low, high = header["histogram_ends"]
    ends = metric[~lost & np.isfinite(metric)]
    counts, _ = np.histogram(np.clip(ends, low, high), BINS, (low, high))
    return pack(header, arrays | {"histogram": counts.astype(np.float32)})


def compare_frame(lab: Lab, moving: dict) -> bytes:
    """Lanes side by side: for each value of one setting the median over its seeds and the band around it."""
    spec = lab.spec
    lanes = [range(k * spec.seeds, (k + 1) * spec.seeds) for k in range(spec.columns)][:MOST_LINES]
    names = [spec.label(spec.across, k) or "all" for k in range(len(lanes))]
    lost, classes = lab.ran_away(), _classes(lab)
    metric, loss = lab.last("test_metric"), lab.last("test_loss")
    rows = []
    for name, lane in zip(names, lanes, strict=True):
        ids = list(lane)
        kept = metric[[i for i in ids if not lost[i]]]
        middle, low, high = np.quantile(kept, (0.5, 0.25, 0.75)) if len(kept) else [np.nan] * 3
        seconds = sum(lab.seconds_of(i) for i in ids) / len(ids)
        rows.append(
            [
                name,
                _percent(middle, classes),
                f"{_percent(low, classes)} – {_percent(high, classes)}",
                f"{np.median(loss[ids]):.3f}" if np.isfinite(np.median(loss[ids])) else "–",
                str(sum(lost[i] for i in ids)),
                f"{1000 * seconds:.0f} ms",
            ]
        )
    header = {
        **_head(lab, moving, ""),
        "panels": ["bands", "bands2", "table"],
        "lines": [{"name": name, "colour": k} for k, name in enumerate(names)],
        "lines_title": "Test loss: interquartile mean and quartiles",
        "lines2_title": "Test accuracy" if classes else "Test R²",
        "x_label": lab.show,
        "table": [
            [
                AXES[spec.across[0]].label if spec.across else "",
                "median",
                "quartiles",
                "loss",
                "diverged",
                "time a run",
            ],
            *rows,
        ],
        "percent": classes,
        "palette": _palette(lab),
    }
    arrays = {}
    for k, lane in enumerate(lanes):
        arrays |= _band(lab, "test_loss", lane, k) | _band(lab, "test_metric", lane, k, "score")
    return pack(header, arrays)


def depth_frame(lab: Lab, moving: dict) -> bytes:
    """Networks of growing depth under one budget of parameters: what each costs, what it reaches, what it draws."""
    spec, metric, lost, classes = lab.spec, lab.last("test_metric"), lab.ran_away(), _classes(lab)
    lanes = [range(k * spec.seeds, (k + 1) * spec.seeds) for k in range(spec.columns)]
    scores, shown = [], []
    for lane in lanes:
        kept = metric[[i for i in lane if not lost[i]]]
        kept = kept[np.isfinite(kept)]
        scores.append([float(q) for q in np.quantile(kept, (0.25, 0.5, 0.75))] if len(kept) else None)
        ids = sorted(lane, key=lambda i: (np.isnan(metric[i]), metric[i]))
        shown.append(ids[(len(ids) - 1) // 2])
    header = {
        **_head(lab, moving, ""),
        "panels": ["depth"],
        "columns": [spec.label(spec.across, k) for k in range(spec.columns)],
        "across": spec.name(spec.across),
        "scores": scores,
        "texts": [_percent(score[1], classes) if score else "" for score in scores],
        "parameters": lab.parameters,
        "depths": [len(spec.cell(0, k).hidden) for k in range(spec.columns)],
        "budget": spec.budget,
        "score_title": f"{'Test accuracy' if classes else 'Test R²'}: median and quartiles of {spec.seeds} seeds",
        "percent": classes,
        "side": MAP_SIDE,
        "palette": _palette(lab),
    }
    return pack(header, _pictures(lab, shown) | _points(lab))


def surface_frame(lab: SurfaceLab, moving: dict) -> bytes:
    """The loss over a plane through the paths, the paths as far as they are shown, and the losses along them."""
    names = [lab.spec.label(lab.spec.across, k) for k in range(len(lab.configs))]
    header = {
        **_head(lab, moving, ""),
        "panels": ["surface"],
        "lines": [{"name": name, "colour": k} for k, name in enumerate(names)],
        "lines_title": "Training loss along the way",
        "surface_title": "Training loss over weight and bias"
        if len(lab.parameters) and lab.parameters[0] == 2
        else "Training loss over the plane of the paths",
        "ready": bool(lab.paths),
        "percent": False,
        "palette": "two",
    }
    arrays = {}
    if not lab.paths:
        return pack(header, arrays)
    header |= {
        "x_range": [float(lab.low[0]), float(lab.high[0])],
        "y_range": [float(lab.low[1]), float(lab.high[1])],
        "x_label": lab.labels[0],
        "y_label": lab.labels[1],
        "surface_side": lab.surface.shape[0],
        "surface_ends": [float(lab.surface.min()), float(lab.surface.max())],
    }
    low, high = lab.surface.min(), lab.surface.max()
    arrays["surface"] = _bytes(255 * np.sqrt(np.sqrt((lab.surface - low) / max(high - low, 1e-12))))
    for k, (path, losses, updates) in enumerate(zip(lab.paths, lab.losses, lab.updates, strict=True)):
        count = max(1, round(lab.shown * len(path)))
        xy = (path[:count] - lab.origin) @ lab.basis.T
        arrays[f"path{k}"] = np.clip(np.nan_to_num(xy), -1e6, 1e6).astype(np.float32)
        arrays |= {f"band{k}_x": updates[:count], f"band{k}_mid": _finite(losses[:count])}
        arrays |= {f"band{k}_{part}": arrays[f"band{k}_mid"] for part in ("low", "high")}
    return pack(header, arrays)


def _head(lab, moving, best_text):
    total, done = len(lab.configs), lab.finished
    share = lab.progress
    left = lab.seconds / share - lab.seconds if share > 0.02 and lab.playing else 0
    words = [
        {"label": f"{done} of {total} finished in", "value": f"{lab.seconds:.1f} s", "help": "Time spent on training."}
    ]
    if left:
        words.append({"label": "left", "value": f"{left:.0f} s", "help": "About."})
    if best_text:
        words.append({"label": "best" if "converged" not in best_text else "", "value": best_text, "help": ""})
    lost = int(lab.ran_away().sum())
    if lost:
        words.append({"label": "diverged", "value": str(lost), "help": "Runs whose loss ran away, or overflowed."})
    return {**moving, "kind": "lab", "pace_ms": PACE_MS, "progress": share, "readings": words}


def _cell_name(lab, k):
    spec = lab.spec
    row, column = divmod(k, spec.columns)
    parts = [
        f"{AXES[axis[0]].label} {spec.label(axis, place)}"
        for axis, place in ((spec.down, row), (spec.across, column))
        if axis
    ]
    return ", ".join(parts) or "this run"


def _by_cell(lab, values):
    """The median over the seeds of each cell."""
    table = values.reshape(-1, lab.spec.seeds)
    known = np.isfinite(table).any(axis=1)
    return np.array([np.nanmedian(row) if ok else np.nan for row, ok in zip(table, known, strict=True)])


def _pictures(lab, runs):
    """The maps of some runs: winner and margin, as on the live pages, or the value as a signed byte."""
    outputs = np.stack([lab.outputs(i) for i in runs]).astype(np.float32)
    outputs = np.nan_to_num(outputs, posinf=1e30, neginf=-1e30)
    shape = (len(runs), MAP_SIDE, MAP_SIDE)
    if not _classes(lab):
        values = outputs[..., 0]
        span = np.abs(values).max(axis=1, keepdims=True)
        return {"map_value": _bytes(128 + 127 * values / np.maximum(span, 1e-12)).reshape(shape)}
    winner = outputs.argmax(axis=-1)
    ordered = np.sort(outputs, axis=-1)
    margin = np.clip(ordered[..., -1] - ordered[..., -2], 0, 1e6)
    return {
        "map_class": winner.astype(np.uint8).reshape(shape),
        "map_margin": _bytes(255 * np.sqrt(margin / (margin + HALF_MARGIN))).reshape(shape),
    }


def _points(lab):
    """Some training points, in shares of the picture: x to the right, y down."""
    data = lab.data
    x, y = data.train.x[:DRAWN_POINTS], data.train.y[:DRAWN_POINTS]
    plane = lab.plane
    xy = plane.project(x)
    if not _classes(lab) and len(data.inputs) == 1:
        xy = np.stack([xy[:, 0], y[:, 0]], axis=1)
    u = (xy[:, 0] - plane.x_range[0]) / (plane.x_range[1] - plane.x_range[0])
    v = 1 - (xy[:, 1] - plane.y_range[0]) / (plane.y_range[1] - plane.y_range[0])
    labels = y.astype(np.uint8) if _classes(lab) else np.zeros(len(x), np.uint8)
    return {"points_xy": np.stack([u, v], axis=1).astype(np.float32), "points_class": labels}


def _band(lab, name, runs, number, prefix="band"):
    """Interquartile mean and quartiles over some runs: x, middle, low, high."""
    epochs, values = lab.curves(name)
    known = [i for i in runs if len(epochs[i]) > 0]
    if not known:
        empty = np.zeros(0, np.float32)
        return {f"{prefix}{number}_{part}": empty for part in ("x", "mid", "low", "high")}
    length = min(len(epochs[i]) for i in known)
    x = epochs[known[0]][:length]
    table = np.stack([values[i][:length] for i in known], axis=1).astype(np.float64)
    spread = Ensemble(list(x), {name: table}).spread(name)
    return {
        f"{prefix}{number}_x": _scaled(lab, x, known[0]),
        f"{prefix}{number}_mid": _finite(spread.interquartile_mean),
        f"{prefix}{number}_low": _finite(spread.first_quartile),
        f"{prefix}{number}_high": _finite(spread.third_quartile),
    }


def _scaled(lab, epochs, run):
    """Epochs as epochs, updates, or seconds, as the page asks."""
    if lab.show == "updates":
        return (epochs * lab.steps_per_epoch(run)).astype(np.float32)
    if lab.show == "seconds":
        return (epochs / max(1e-9, float(epochs[-1])) * lab.seconds_of(run)).astype(np.float32)
    return epochs.astype(np.float32)


def _ends(values, classes):
    """Round ends of the histogram's axis."""
    values = values[np.isfinite(values)]
    if not len(values):
        return [0.0, 1.0]
    low = np.floor(20 * values.min()) / 20
    return [float(min(low, 0.95)), 1.0]  # R² is at most 1 as well


def _percent(value, classes):
    if not np.isfinite(value):
        return "–"
    return f"{100 * value:.1f} %" if classes else f"{value:.3f}"


def _palette(lab):
    return "two" if len(lab.data.classes) <= 2 else "many"


def _classes(lab):
    return lab.config.loss.task == "classes"


def _finite(values):
    """As float32, gaps as NaN: the stage leaves them out."""
    values = np.asarray(values, np.float32)
    return np.where(np.isfinite(values), values, np.float32(np.nan))


def _bytes(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
