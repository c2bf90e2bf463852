"""Figures that leave the app, fit for a report: Matplotlib, with titles and labelled axes, saved as PNG, SVG or PDF.

Each function returns a `matplotlib.figure.Figure` of its own; nothing is drawn on pyplot's global state, so that many
sessions can draw at the same time.
"""
