"""A member of a stack equals its solo run to the last bit on every kernel of OpenBLAS, each in a process of its own.

Which products BLAS rounds differently in another shape depends on the kernel that it takes for the processor; with
OPENBLAS_CORETYPE a processor takes that of an older one. test_products.py compares the shapes themselves.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from nn_core import fast
from tests.nn_core import stacked

ROOT = Path(__file__).parents[2]
KERNELS = ("Nehalem", "Sandybridge", "Haswell", "SkylakeX")  # SSE 4.2, AVX, AVX2, AVX-512


def differences(kernel: str | None) -> list[str]:
    """What tests/nn_core/stacked.py finds with this kernel, or with the processor's own; skips where it has no such."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)} | ({"OPENBLAS_CORETYPE": kernel} if kernel else {})
    command = [sys.executable, "-m", "tests.nn_core.stacked"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    if kernel and done.returncode == -getattr(signal, "SIGILL", 4):
        pytest.skip(f"This processor cannot run the kernel {kernel}; run the tests on one that can.")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    if kernel and kernel not in found["kernels"]:
        pytest.skip(f"OpenBLAS has no kernel {kernel} for this processor; run the tests on one that has.")
    return found["differences"]


@pytest.mark.parametrize("kernel", KERNELS)
def test_on_other_kernels(kernel):
    if os.environ.get("OPENBLAS_CORETYPE"):
        pytest.skip("OPENBLAS_CORETYPE fixes the kernel in this environment; unset it to test the others.")
    if not any(info["internal_api"] == "openblas" for info in threadpool_info()):
        pytest.skip("NumPy's BLAS here is not OpenBLAS; install NumPy from PyPI to test OpenBLAS's kernels.")
    assert differences(kernel) == []


def test_on_the_kernel_that_is_there():
    assert differences(None) == []


def test_a_difference_of_one_bit_is_found(monkeypatch):
    def one_bit_off(self, x):
        outputs = before(self, x)
        return np.nextafter(outputs, 0) if outputs.ndim > 2 else outputs

    before = fast.Vectors.predict
    monkeypatch.setattr(fast.Vectors, "predict", one_bit_off)
    found = stacked.differences("600-96-3", np.float32)
    assert "600-96-3, float32, model 0: predictions" in found
    assert "600-96-3, float32, model 2: measured outputs" in found
    assert not any("weights" in line or "gradients" in line for line in found)
