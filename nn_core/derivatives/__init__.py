"""Whether a hand-written derivative is right, and what it costs without backpropagation. A good order:

    checks.py       a derivative as a limit of differences
    slopes.py       the gradient test and the Jacobian test: errors over ever smaller steps
    objectives.py   a network with its loss as a function; jacobians.py: a layer as one, and the transposed test
    limits.py       error / step carried on to a step of 0
    kinks.py        where ReLU and max pools have no derivative; verdicts.py: what must not be taken for a fault
    naive.py        the gradient by one perturbation per parameter, measured

All of it looks at networks and never changes them; the trainer knows nothing of it.
"""
