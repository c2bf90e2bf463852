"""Weights in files of other libraries: a PyTorch `state_dict` or Keras's kernels, as .npz or .safetensors.

The suffix says which kind of file it is; nn_core/formats/layouts.py says how the tensors are named and laid. A .pt or
.h5 file can run code or needs its library, so it is refused with the way to turn it into a safe one.
"""

import os
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save as to_bytes

from nn_core.formats.layouts import from_keras, from_torch, to_keras, to_torch
from nn_core.formats.npz import MOST_BYTES, FileError, from_bfloat16, read_npz, write_npz, write_whole
from nn_core.network import Network
from nn_core.spec import clip

LAYOUTS = {"torch": (to_torch, from_torch), "keras": (to_keras, from_keras)}
LONGEST_HEADER = 10_000_000  # bytes; as much as the format allows is a hundred
# What a tensor may hold; all others (8-bit floats, complex numbers, ...) are refused by name.
DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
    "BOOL": "|b1",
}
ADVICE = "save the weights as .safetensors or .npz there"


def export_weights(path: str | os.PathLike, network: Network, theta: np.ndarray, layout: str = "torch") -> None:
    """Write the parameters `(parameters,)` of one model. layout: "torch" or "keras".

    Raises FileError where the file cannot be written, ValueError (LayoutError) for parameters of another network.
    """
    there, _ = _layout(layout)
    tensors = there(network, theta)
    if _kind(path) == ".npz":
        write_npz(path, tensors)
    else:
        write_whole(path, lambda stream: stream.write(to_bytes(tensors)))


def import_weights(path: str | os.PathLike, network: Network, layout: str = "torch") -> np.ndarray:
    """theta `(parameters,)` for the network, from a file in the layout of "torch" or "keras".

    Raises FileError for a file that is not what it should be, ValueError (LayoutError) for tensors that do not fit.
    """
    _, back = _layout(layout)
    return back(network, read_npz(path, "weight file") if _kind(path) == ".npz" else _read_safetensors(Path(path)))


def _layout(layout):
    if layout not in LAYOUTS:
        raise ValueError(f"layout must be one of {', '.join(LAYOUTS)}, not {layout!r}.")
    return LAYOUTS[layout]


def _kind(path):
    kind = Path(path).suffix.lower()
    if kind in (".npz", ".safetensors"):
        return kind
    raise FileError(
        f"Weights are exchanged as .npz or .safetensors, not as {kind or 'a file without suffix'}; {ADVICE}."
    )


def _read_safetensors(path):
    what = f"weight file {path.name}"
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileError(f"The {what} holds more than {MOST_BYTES // 2**20:,} MB; choose a smaller one.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise FileError(f"The {what} is not there; check its name and folder.") from None
    except OSError as error:
        raise FileError(f"The {what} cannot be read ({error.strerror}); choose another.") from error
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(LONGEST_HEADER, len(data) - 8):
        raise FileError(f"The {what} is no .safetensors file, or is cut off; {ADVICE}.")
    try:
        tensors = deserialize(data)
    except (SafetensorError, KeyError, TypeError, ValueError):
        raise FileError(f"The {what} is damaged, or holds tensors that are not known here; {ADVICE}.") from None
    for name, about in tensors:
        if about["dtype"] not in DTYPES:
            raise FileError(
                f"The {what} holds {clip(name)!r} as {about['dtype']}, which is not known here; "
                "save it as float32, float16 or bfloat16."
            )
    return {name: _tensor(about) for name, about in tensors}


def _tensor(about):
    array = np.frombuffer(about["data"], DTYPES[about["dtype"]]).reshape(about["shape"])
    return from_bfloat16(array) if about["dtype"] == "BF16" else array
