"""The labs: many runs at once, on one page.

page.py        the page around a lab: recipes, controls, downloads
bar.py         Run, the settings that are varied, seeds, the axis of the curves
settings.py    the data, and what all runs have in common
downloads.py   table, figure, and a run on its live page
study_page.py  the studies: each a lab, or a measurement
gradients.py   is a backward pass right; cost.py what it costs to ask number by number; wait.py until that is measured
"""
