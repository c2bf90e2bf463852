"""What the stage shows of a lab: panels, with what they need in the header and their numbers as arrays."""

import numpy as np

from nn_core.spec import counted
from playground.experiments.results import PARTS
from playground.live.frame import Frame
from playground.live.labs import parts
from playground.live.labs.lab import MAP_SIDE, Lab
from playground.live.labs.surface import Walk

CONVERGED = 0.9  # test accuracy (or R²) from where on a run counts as converged
BINS = 24
MOST_LINES = 12


def grid_frame(lab: Lab, moving: dict) -> Frame:
    """A wall of boundaries and curves, a heat map of what came of them, and the curve of the chosen cell."""
    spec, away, classes = lab.spec, lab.ran_away(), parts.is_classes(lab)
    score = parts.by_cell(lab, parts.scores(lab))
    epochs, losses = lab.curves(f"{spec.part}_loss")
    cells, first = spec.rows * spec.columns, [k * spec.seeds for k in range(spec.rows * spec.columns)]
    lost = away.reshape(cells, spec.seeds).any(axis=1)
    fine = np.where(lost, -np.inf, np.nan_to_num(score, nan=-np.inf))
    best = int(fine.argmax()) if np.isfinite(fine).any() else None
    chosen = lab.chosen[0] * spec.columns + lab.chosen[1] if lab.chosen else best
    known = np.isfinite(score)
    texts = ["diverged" if lost[k] else parts.in_brief(score[k], classes) if known[k] else "" for k in range(cells)]
    header = {
        **parts.head(lab, moving, best_text=parts.cell_name(lab, best) if best is not None else ""),
        "panels": ["wall", "heat", "lines", "words"],
        "columns": [spec.label(spec.across, c) for c in range(spec.columns)],
        "rows": [spec.label(spec.down, r) for r in range(spec.rows)],
        "across": spec.name(spec.across),
        "down": spec.name(spec.down),
        "texts": texts,
        "lost": [bool(one) for one in lost],
        "chosen": chosen,
        "side": MAP_SIDE if lab.plane else 0,
        "heat": [None if lost[k] or not known[k] else float(score[k]) for k in range(cells)],
        "heat_title": parts.capital(spec.metric),
        "loss_name": f"{spec.part} loss",
        "lines_title": parts.cell_name(lab, chosen) if chosen is not None else "",
        "percent": classes,
        "palette": parts.palette(lab),
    }
    arrays = parts.maps(lab, first) | parts.points(lab)
    # Stacks come to their epochs one after the other, and long curves are thinned: all are put over one axis.
    x = max((epochs[i] for i in first), key=lambda xs: (len(xs) > 0) * (xs[-1] if len(xs) else 0))
    curves = np.full((cells, len(x)), np.nan, np.float32)
    for k, i in enumerate(first):
        if len(epochs[i]):
            curves[k] = np.interp(x, epochs[i], parts.finite(losses[i]), right=np.nan)
    return Frame(header, arrays | {"curves": curves, "curve_x": x.astype(np.float32)})


def seeds_frame(lab: Lab, moving: dict) -> Frame:
    """Many seeds of one config: the band of their losses, the best, the median and the worst, where they end."""
    spec, metric, lost = lab.spec, parts.scores(lab), lab.ran_away()
    score = np.where(lost | ~np.isfinite(metric), -np.inf, metric)
    order = np.argsort(-score, kind="stable")
    shown = [int(order[0]), int(order[(len(order) - 1) // 2]), int(order[-1])]
    begun = int((lost | np.isfinite(metric)).sum())
    converged = int((score >= CONVERGED).sum())
    classes = parts.is_classes(lab)
    named = zip(("best", "median", "worst"), shown, strict=True)
    losses = ("train_loss", f"{spec.part if spec.part != 'train' else 'test'}_loss")
    header = {
        **parts.head(lab, moving, f"converged {converged} of {begun}" if begun else ""),
        "panels": ["bands", "models", "histogram"],
        "lines": [{"name": name.replace("_", " "), "colour": k} for k, name in enumerate(losses)],
        "lines_title": "Loss: interquartile mean and quartiles",
        "models": [
            {
                "title": f"{name}: {parts.in_words(metric[i], classes) if not lost[i] else 'diverged'}"
                if begun
                else name,
                "seed": lab.configs[i].seed_weights,
            }
            for name, i in named
        ],
        "converged": f"{converged} of {begun} end at {parts.in_words(CONVERGED, classes)} or better ({spec.part})"
        if begun
        else "Where they end",
        "histogram_title": f"Where they end: {spec.metric}",
        "histogram_ends": parts.round_ends(metric[~lost], classes),
        "percent": classes,
        "side": MAP_SIDE,
        "palette": parts.palette(lab),
    }
    arrays = parts.maps(lab, shown) | parts.points(lab)
    for k, name in enumerate(losses):
        arrays |= parts.bands(lab, name, [range(len(lab.configs))], first=k)
    low, high = header["histogram_ends"]
    ends = metric[~lost & np.isfinite(metric)]
    counts, _ = np.histogram(np.clip(ends, low, high), BINS, (low, high))
    return Frame(header, arrays | {"histogram": counts.astype(np.float32)})


def compare_frame(lab: Lab, moving: dict) -> Frame:
    """Lanes side by side: for each value of one setting the median over its seeds and the band around it."""
    spec, lost, classes = lab.spec, lab.ran_away(), parts.is_classes(lab)
    lanes = _lanes(spec)[:MOST_LINES]
    names = [spec.label(spec.across, k) or "all" for k in range(len(lanes))]
    reports = [spec.report(k) for k in range(len(lanes))]
    metric, loss = parts.scores(lab), lab.last(f"{spec.part}_loss")
    rows = []
    for name, lane, report in zip(names, lanes, reports, strict=True):
        ids = [i for i in lane if np.isfinite(metric[i]) or lost[i]]  # those that have begun
        kept = parts.judged(metric, lane, lost)
        low, middle, high = parts.quantiles(kept, (0.25, 0.5, 0.75)) or [np.nan] * 3
        seconds = np.mean([lab.seconds_of(i) for i in ids]) if ids else 0.0
        middle_loss = np.median(loss[[i for i in ids if not lost[i]]]) if len(kept) else np.nan
        rows.append(
            [
                name,
                parts.in_words(middle, classes),
                f"{parts.in_words(low, classes)} – {parts.in_words(high, classes)}" if len(kept) else "–",
                *([parts.in_words(np.nan if report is None else report, classes)] if any(reports) else []),
                parts.loss_in_words(middle_loss),
                str(sum(lost[i] for i in ids)),
                parts.duration(seconds),
            ]
        )
    titles = [spec.name(spec.across), "median", "quartiles", *(["report"] if any(reports) else []), "loss", "diverged",
              "time a run"]  # fmt: skip
    header = {
        **parts.head(lab, moving, ""),
        "panels": ["bands", "bands2", "table"],
        "lines": [{"name": name, "colour": k} for k, name in enumerate(names)],
        "lines_title": f"{parts.capital(PARTS[spec.part])} loss: interquartile mean and quartiles",
        "lines2_title": parts.capital(spec.metric),
        "x_label": lab.show,
        "table": [titles, *rows],
        "percent": classes,
        "palette": parts.palette(lab),
    }
    losses = parts.bands(lab, f"{spec.part}_loss", lanes)
    return Frame(header, losses | parts.bands(lab, f"{spec.part}_metric", lanes, "score"))


def bars_frame(lab: Lab, moving: dict) -> Frame:
    """What each setting came to: median, quartiles and range over its seeds, beside what a report printed."""
    spec, lost, classes = lab.spec, lab.ran_away(), parts.is_classes(lab)
    metric, lanes, bars = parts.scores(lab), _lanes(spec), []
    for k, lane in enumerate(lanes):
        kept = parts.judged(metric, lane, lost)
        bars.append(
            {
                "name": spec.label(spec.across, k),
                "score": parts.quantiles(kept, (0, 0.25, 0.5, 0.75, 1)),
                "text": parts.in_words(np.median(kept), classes) if len(kept) else "",
                "report": spec.report(k),
                "lost": int(sum(lost[i] for i in lane)),
            }
        )
    few = len(lanes) <= MOST_LINES
    header = {
        **parts.head(lab, moving, ""),
        "panels": ["bars", "bands"] if few else ["bars"],
        "bars": bars,
        "chosen": lab.chosen[1] if lab.chosen else None,
        "bars_title": f"{parts.capital(spec.metric)}: median, quartiles and range of {counted(spec.seeds, 'seed')}",
        "lines": [{"name": bar["name"], "colour": k} for k, bar in enumerate(bars)] if few else [],
        "lines_title": f"{parts.capital(PARTS[spec.part])} loss",
        "percent": classes,
        "palette": parts.palette(lab),
    }
    return Frame(header, parts.bands(lab, f"{spec.part}_loss", lanes if few else ()))


def _lanes(spec):
    """The runs of each cell of the first row."""
    return [range(k * spec.seeds, (k + 1) * spec.seeds) for k in range(spec.columns)]


def depth_frame(lab: Lab, moving: dict) -> Frame:
    """Networks of growing depth under one budget of parameters: what each costs, what it reaches, what it draws."""
    spec, lost, classes = lab.spec, lab.ran_away(), parts.is_classes(lab)
    metric, lanes = parts.scores(lab), _lanes(spec)
    scores, shown = [], []
    for lane in lanes:
        kept = parts.judged(metric, lane, lost)
        scores.append(parts.quantiles(kept, (0.25, 0.5, 0.75)))
        ids = sorted(lane, key=lambda i: (np.isnan(metric[i]), metric[i]))
        shown.append(ids[(len(ids) - 1) // 2])
    header = {
        **parts.head(lab, moving, ""),
        "panels": ["depth"],
        "columns": [spec.label(spec.across, k) for k in range(spec.columns)],
        "across": spec.name(spec.across),
        "scores": scores,
        "texts": [
            parts.in_words(score[1], classes) if score else "diverged" if lost[lane].all() else ""
            for score, lane in zip(scores, lanes, strict=True)
        ],
        "chosen": lab.chosen[1] if lab.chosen else None,
        "parameters": lab.parameters,
        "depths": [len(spec.cell(0, k).hidden) for k in range(spec.columns)],
        "budget": spec.budget,
        "score_title": f"{parts.capital(spec.metric)}: median and quartiles of {counted(spec.seeds, 'seed')}",
        "percent": classes,
        "side": MAP_SIDE,
        "palette": parts.palette(lab),
    }
    return Frame(header, parts.maps(lab, shown) | parts.points(lab))


def surface_frame(lab: Lab, moving: dict) -> Frame:
    """The loss over a plane through the paths, the paths as far as they are shown, and the losses along them."""
    walk: Walk = lab.way
    names = [lab.spec.label(lab.spec.across, k) for k in range(len(lab.configs))]
    header = {
        **parts.head(lab, moving, ""),
        "panels": ["surface"],
        "lines": [{"name": name, "colour": k} for k, name in enumerate(names)],
        "lines_title": "Training loss along the way",
        "surface_title": "Training loss over weight and bias"
        if len(lab.parameters) and lab.parameters[0] == 2
        else "Training loss over the plane of the paths",
        "ready": walk.is_measured,
        "percent": False,
        "palette": "two",
    }
    arrays = {}
    if not walk.is_measured:
        return Frame(header, arrays)
    header |= {
        "x_range": [float(walk.low[0]), float(walk.high[0])],
        "y_range": [float(walk.low[1]), float(walk.high[1])],
        "x_label": walk.labels[0],
        "y_label": walk.labels[1],
        "surface_side": walk.surface.shape[0],
        "surface_ends": [float(walk.surface.min()), float(walk.surface.max())],
    }
    low, high = walk.surface.min(), walk.surface.max()
    arrays["surface"] = parts.as_bytes(255 * np.sqrt(np.sqrt((walk.surface - low) / max(high - low, 1e-12))))
    for k, (path, losses, updates) in enumerate(zip(walk.paths, walk.losses, walk.updates, strict=True)):
        count = max(1, round(walk.shown * len(path)))
        xy = (path[:count] - walk.origin) @ walk.basis.T
        arrays[f"path{k}"] = np.clip(np.nan_to_num(xy), -1e6, 1e6).astype(np.float32)
        arrays |= {f"band{k}_x": updates[:count], f"band{k}_mid": parts.finite(losses[:count])}
        arrays |= {f"band{k}_{part}": arrays[f"band{k}_mid"] for part in ("low", "high")}
    return Frame(header, arrays)
