"""`python -m playground`: open the app, from any folder.

Further arguments go to Streamlit, e.g. `python -m playground --server.port 8600`.
"""

import sys
from pathlib import Path

from streamlit.web import cli


def main() -> None:
    """Start Streamlit on the app."""
    sys.argv = ["streamlit", "run", str(Path(__file__).resolve().parent / "app.py"), *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
