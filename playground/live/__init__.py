"""What a page runs, and the wire that carries its pictures.

No Streamlit here: a test, a benchmark or a worker drives all of it without a browser.
"""
