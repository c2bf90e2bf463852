"""`python -m playground`: open the app from any folder, with the settings of the project's own .streamlit folder.

Further arguments go to Streamlit, e.g. `python -m playground --server.port 8600`.
"""

import os
import sys
from pathlib import Path

from streamlit.web import cli

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Start Streamlit on the app."""
    os.chdir(ROOT)  # Streamlit reads .streamlit/config.toml from where it is started
    sys.argv = ["streamlit", "run", str(ROOT / "playground" / "app.py"), *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
