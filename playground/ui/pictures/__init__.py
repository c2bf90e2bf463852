"""The pages of pictures: what they show beside what all live pages have.

run.py        a run on pictures: its pad, its monitor, its views
pad.py        what lies on the pad: a drawing, or a test picture that was turned, shifted, made noisy
results.py    confusion, mistakes, precision and recall, from the measures of the test part
inside.py     what the network holds and makes of a picture: weights, filters, activations, embedding
monitoring.py histograms and bands over time
frame.py      all of it packed into the bytes that the stage paints
settings.py   what is behind Data, Picture and Settings
download.py   fetching a set that is not on this computer
"""
