"""The door: however the app is started, and from wherever, its pages and the stage's wire are there."""

import asyncio
import importlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from playground.live.undelayed import send_at_once
from playground.live.wire import GONE
from tests.pages import ROOT

LONG = 60.0  # seconds; machines that test are busy
STREAMLIT = ["--server.headless=true", "--server.fileWatcherType=none", "--server.address=127.0.0.1"]
APP = str(ROOT / "playground" / "app.py")
# The command, the folder that it is started in, and the base path of its pages. Elsewhere nothing but the path to the
# packages tells where they are.
WAYS = {
    "streamlit run": (["streamlit", "run", APP, *STREAMLIT, "--server.port={port}"], ROOT, ""),
    "streamlit run, elsewhere": (["streamlit", "run", APP, *STREAMLIT, "--server.port={port}"], None, ""),
    "python -m playground, elsewhere, behind a base path": (
        ["playground", *STREAMLIT, "--server.port={port}", "--server.baseUrlPath=nn/a"],
        None,
        "nn/a/",
    ),
    "uvicorn": (["uvicorn", "playground.app:app", "--port={port}"], ROOT, ""),
    "uvicorn, elsewhere": (["uvicorn", "playground.app:app", "--port={port}"], None, ""),
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def fetched(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=5) as answer:
        assert answer.status == 200
        return answer.read()


@pytest.fixture(params=WAYS)
def started(request, tmp_path):
    """host:port and base path of the app, in a process of its own."""
    command, folder, base = WAYS[request.param]
    host = f"127.0.0.1:{(port := free_port())}"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *(part.format(port=port) for part in command)],
            cwd=folder or tmp_path,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )

        def printed() -> str:
            log.seek(0)
            return log.read()

        try:
            end = time.monotonic() + LONG
            while True:
                assert process.poll() is None, printed()
                assert time.monotonic() < end, printed()
                try:
                    fetched(f"http://{host}/{base}_stcore/health")
                    break
                except (urllib.error.URLError, OSError):
                    time.sleep(0.1)
            yield host, base
            assert "Traceback" not in printed(), printed()
        finally:
            process.terminate()
            process.wait(LONG)


def test_it_sends_at_once(monkeypatch):
    monkeypatch.setattr(asyncio.base_events, "_set_nodelay", asyncio.base_events._set_nodelay)  # put back afterwards
    monkeypatch.delitem(sys.modules, "playground.app", raising=False)
    importlib.import_module("playground.app")
    assert asyncio.base_events._set_nodelay is send_at_once


def test_pages_and_wire_are_there(started):
    host, base = started
    assert b"<title>" in fetched(f"http://{host}/{base}")
    own = connect(f"ws://{host}/{base}live/unknown", origin=f"http://{host}")
    with own as ws, pytest.raises(ConnectionClosed) as closed:
        ws.recv(LONG)
    assert closed.value.rcvd.code == GONE
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{host}/{base}live/unknown", origin="http://evil.org")
    assert refused.value.response.status_code == 403
    assert b"export default" in fetched(f"http://{host}/{base}app/static/stage/main.js")  # the stage's own code
