"""What the stages of the labs have in common: words, scores, maps, points and bands of many runs."""

import numpy as np

from nn_core.ensemble import Ensemble
from playground.live.labs.lab import MAP_SIDE
from playground.live.plane.painter import HALF_MARGIN

DRAWN_POINTS = 60  # of the data, in a small picture


def head(lab, moving, best_text):
    """What every lab tells: how far it is, how long it takes, what is best, how many ran away."""
    total, done = len(lab.configs), lab.finished
    words = [
        {"label": f"{done} of {total} finished in", "value": f"{lab.seconds:.1f} s", "help": "Time spent on training."}
    ]
    if lab.left:
        words.append({"label": "left", "value": f"{lab.left:.0f} s", "help": "About."})
    if best_text:
        words.append({"label": "best" if "converged" not in best_text else "", "value": best_text, "help": ""})
    lost = int(lab.ran_away().sum())
    if lost:
        words.append({"label": "diverged", "value": str(lost), "help": "Runs whose loss ran away, or overflowed."})
    return {**moving, "kind": "lab", "progress": lab.progress, "readings": words}


def duration(seconds):
    """`30 ms`, `12 s`; nothing has been spent on what has not begun."""
    if not seconds:
        return "–"
    return f"{1000 * seconds:.0f} ms" if seconds < 10 else f"{seconds:.0f} s"


def capital(words):
    """Words as a title has them."""
    return words[:1].upper() + words[1:]


def cell_name(lab, k):
    """The settings of a cell in words."""
    spec = lab.spec
    row, column = divmod(k, spec.columns)
    words = [
        f"{spec.name(axis)} {spec.label(axis, place)}"
        for axis, place in ((spec.down, row), (spec.across, column))
        if axis
    ]
    return ", ".join(words) or "this run"


def scores(lab):
    """The score of every run that has trained, NaN for the others: an untrained network has none to compare."""
    values = lab.last(f"{lab.spec.part}_metric")
    trained = np.array([len(epochs) > 1 for epochs in lab.curves(f"{lab.spec.part}_metric")[0]])
    return np.where(trained, values, np.nan)


def judged(values, lane, lost):
    """The scores of the runs of a lane that have trained and have not diverged."""
    kept = values[[i for i in lane if not lost[i]]]
    return kept[np.isfinite(kept)]


def quantiles(values, shares):
    """Quantiles as a header holds them: None where there is no value."""
    return [float(q) for q in np.quantile(values, shares)] if len(values) else None


def by_cell(lab, values):
    """The median over the seeds of each cell."""
    table = values.reshape(-1, lab.spec.seeds)
    known = np.isfinite(table).any(axis=1)
    return np.array([np.nanmedian(row) if ok else np.nan for row, ok in zip(table, known, strict=True)])


def maps(lab, runs):
    """The maps of some runs: winner and margin, as on the live pages, or the value as a signed byte."""
    if lab.plane is None:
        return {}
    outputs = np.stack([lab.outputs(i) for i in runs]).astype(np.float32)
    outputs = np.nan_to_num(outputs, posinf=1e30, neginf=-1e30)
    shape = (len(runs), MAP_SIDE, MAP_SIDE)
    if not is_classes(lab):
        values = outputs[..., 0]
        if len(lab.data.inputs) == 1:  # a curve: its height in shares of the picture, from the top
            low, high = lab.plane.y_range
            return {"map_line": np.clip((high - values.reshape(shape)[:, 0]) / (high - low), -9, 9)}
        span = np.abs(values).max(axis=1, keepdims=True)
        return {"map_value": as_bytes(128 + 127 * values / np.maximum(span, 1e-12)).reshape(shape)}
    winner = outputs.argmax(axis=-1)
    ordered = np.sort(outputs, axis=-1)
    margin = np.clip(ordered[..., -1] - ordered[..., -2], 0, 1e6)
    return {
        "map_class": winner.astype(np.uint8).reshape(shape),
        "map_margin": as_bytes(255 * np.sqrt(margin / (margin + HALF_MARGIN))).reshape(shape),
    }


def points(lab):
    """Some training points, in shares of the picture: x to the right, y down."""
    if lab.plane is None:
        return {}
    data = lab.data
    x, y = data.train.x[:DRAWN_POINTS], data.train.y[:DRAWN_POINTS]
    plane = lab.plane
    xy = plane.points(x, y)
    u = (xy[:, 0] - plane.x_range[0]) / (plane.x_range[1] - plane.x_range[0])
    v = 1 - (xy[:, 1] - plane.y_range[0]) / (plane.y_range[1] - plane.y_range[0])
    labels = y.astype(np.uint8) if is_classes(lab) else np.zeros(len(x), np.uint8)
    return {"points_xy": np.stack([u, v], axis=1).astype(np.float32), "points_class": labels}


def bands(lab, name, lanes, prefix="band", first=0):
    """For each lane of runs a band of one series, as the arrays `prefix{first + place}_x` and so on."""
    curves, away = lab.curves(name), lab.ran_away()
    arrays = {}
    for place, runs in enumerate(lanes):
        arrays |= _band(lab, name, curves, away, runs, f"{prefix}{first + place}")
    return arrays


def _band(lab, name, curves, away, runs, prefix):
    """Interquartile mean and quartiles over the runs that have not diverged: x, middle, low, high."""
    epochs, values = curves
    known = [i for i in runs if len(epochs[i]) > 0 and not away[i]]
    if not known:
        empty = np.zeros(0, np.float32)
        return {f"{prefix}_{part}": empty for part in ("x", "mid", "low", "high")}
    x = max((epochs[i] for i in known), key=lambda xs: xs[-1])
    table = np.full((len(x), len(known)), np.nan)  # NaN where a run has not come to yet
    for column, i in enumerate(known):
        length = len(epochs[i])
        if np.array_equal(epochs[i], x[:length]):
            table[:length, column] = values[i]
        else:  # a long curve is thinned, a short one is not yet
            table[:, column] = np.interp(x, epochs[i], values[i], right=np.nan)
    spread = Ensemble(list(x), {name: table}).spread(name)
    return {
        f"{prefix}_x": _scaled(lab, x, known[0]),
        f"{prefix}_mid": finite(spread.interquartile_mean),
        f"{prefix}_low": finite(spread.first_quartile),
        f"{prefix}_high": finite(spread.third_quartile),
    }


def _scaled(lab, epochs, run):
    """Epochs as epochs, updates, or seconds, as the page asks."""
    if lab.show == "updates":
        return (epochs * lab.steps_per_epoch(run)).astype(np.float32)
    if lab.show == "seconds":
        return (epochs / max(1e-9, float(epochs[-1])) * lab.seconds_of(run)).astype(np.float32)
    return epochs.astype(np.float32)


def round_ends(values, classes):
    """Round ends of the histogram's axis."""
    values = values[np.isfinite(values)]
    if not len(values):
        return [0.0, 1.0]
    low = np.floor(20 * values.min()) / 20
    return [float(min(low, 0.95)), 1.0]  # R² is at most 1 as well


def in_words(value, classes):
    """A score as text."""
    if not np.isfinite(value):
        return "–"
    return f"{100 * value:.1f} %" if classes else f"{value:.3f}"


def loss_in_words(value):
    """A loss as text."""
    if not np.isfinite(value):
        return "–"
    return f"{value:.3f}" if value < 1e4 else f"{value:.1e}"


def in_brief(value, classes):
    """A score as text, where there is little room."""
    return f"{100 * value:.0f} %" if classes else f"{value:.2f}"


def palette(lab):
    """Which colours the classes have."""
    return "two" if len(lab.data.classes) <= 2 else "many"


def is_classes(lab):
    """Whether the runs tell classes apart."""
    return lab.config.loss.task == "classes"


def finite(values):
    """As float32, gaps as NaN: the stage leaves them out."""
    values = np.asarray(values, np.float32)
    return np.where(np.isfinite(values), values, np.float32(np.nan))


def as_bytes(values):
    """As u8, from 0 to 255."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
