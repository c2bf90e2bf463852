"""Makes the files in `data/` and the manifest with their checksums: `python -m playground.datasets.make`.

The seeds and knobs below are all there is to the files: running the command again gives the same numbers.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np

from nn_core.random import stream
from nn_core.spec import Choice, show
from playground.datasets.mat import FIELDS, fields, write_mat
from playground.datasets.plane import GaussianMixture, Peaks, SwissRoll
from playground.datasets.registry import DATASETS
from playground.datasets.shipped import FILES, FOLDER

TRAIN_ROWS = 20_000
ROWS = 25_000
RECIPES: dict[str, tuple[Choice, int]] = {
    "swiss_roll": (SwissRoll(samples=ROWS, noise=0.05, turns=1.6), 1),
    "peaks": (Peaks(samples=ROWS, noise=0.07), 1),
    "gmm": (GaussianMixture(samples=ROWS, components=4, spread=0.85), 5),
}


def arrays_of(name: str) -> dict[str, np.ndarray]:
    """The four matrices of one of the files, drawn anew."""
    spec, seed = RECIPES[name]
    return fields(spec.draw(stream(seed, "data")), TRAIN_ROWS)


def checksum(arrays: dict[str, np.ndarray]) -> str:
    """SHA-256 over the four matrices, as little-endian float64 in rows: the same however they were compressed."""
    digest = hashlib.sha256()
    for field in FIELDS:
        digest.update(f"{field} {arrays[field].shape}".encode())
        digest.update(np.ascontiguousarray(arrays[field], dtype="<f8").tobytes())
    return digest.hexdigest()


def make(folder: Path) -> None:
    """Write the files and manifest.json into `folder`."""
    generated = []
    for name, file in FILES.items():
        spec, seed = RECIPES[name]
        arrays = arrays_of(name)
        raw = write_mat(arrays)
        (folder / file).write_bytes(raw)
        entry = {
            "file": file,
            "made_from": show(spec, DATASETS),
            "data_seed": seed,
            "train_rows": TRAIN_ROWS,
            "validation_rows": ROWS - TRAIN_ROWS,
            "bytes": len(raw),
            "sha256": hashlib.sha256(raw).hexdigest(),
            "sha256_of_arrays": checksum(arrays),
            "licence": "MIT, as the project",
        }
        generated.append(entry)
    manifest = folder / "manifest.json"
    kept = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {}  # what can be downloaded
    text = json.dumps(kept | {"generated": generated}, indent=2, ensure_ascii=False) + "\n"
    manifest.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make the .mat files of data/ and their manifest.")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write them (default: data/)")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    make(folder)
    print(f"Wrote {', '.join(FILES.values())} and manifest.json to {folder}.")
