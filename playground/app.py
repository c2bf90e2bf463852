"""The door of the app: Streamlit with the stage's wire beside it. `streamlit run playground/app.py` starts here.

So do `python -m playground` and `uvicorn playground.app:app`; the map of the pages is pages.py.
"""

import gc
import sys
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).resolve().parent
if str(FOLDER.parent) not in sys.path:  # Streamlit puts this file's folder on the path; the packages stand beside it
    sys.path.insert(0, str(FOLDER.parent))

# Half of a second's work and the libraries behind it, done before anybody comes: a class comes all at once.
import playground.live.images.run  # noqa: E402
import playground.live.labs.forms  # noqa: E402
import playground.live.run  # noqa: E402, F401
from playground.live.undelayed import undelay  # noqa: E402
from playground.live.wire import ROUTES  # noqa: E402

undelay()
gc.collect()
gc.freeze()  # what is loaded stays: a page that is left need not have all of it looked through for garbage
app = st.App(FOLDER / "pages.py", routes=ROUTES)
