"""Networks in files.

files.py      a network with its parameters, history and config, saved and loaded to the last bit
layouts.py    weights as PyTorch and Keras name and lay them
npz.py        arrays in .npz files, read without trust
"""
