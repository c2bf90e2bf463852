"""The labs: many runs at once, on one page.

axes.py    the settings that a lab can vary, and their values as text
spec.py    what a lab is made of, as a link says it
lab.py     the runs of a lab while they train, and when they are done
frame.py   what the stage shows of them: panels
page.py    the page around it: recipes, controls, downloads
"""
