"""Neural networks in NumPy, to be read in an evening. A good order:

    activations.py    what a unit makes of its sum, and the slope of that
    layers/           forward and backward of a layer: the heart of it; dense.py, then pictures.py, normalisation.py
    losses.py         how wrong the outputs are, and the gradient where everything begins
    network.py        layers in a row over one flat array of parameters
    optimisers.py     from a gradient to a step, in order of increasing complexity
    schedules.py      how the learning rate moves
    step.py           all of these together: one step, with every value on the way by its name
    trainer.py        mini-batches, epochs, pausing and resuming; beside it settings.py, batches.py, updates.py,
                      divergence.py, and trail.py, which keeps where a run was on the way

    initialisers.py, metrics.py, history.py, random.py, spec.py    what these need; kinds.py: what each kind must have
    derivatives/                    whether a derivative is right, and what it costs without backpropagation
    monitors.py, ensemble.py        what goes on inside a network; many runs seen as one
    formats/                        networks in files, weights as other libraries lay them
    fast/                           the same layers, faster; may be skipped

Shapes: x is `(..., samples, features)`, pictures `(..., samples, height, width, channels)`. Axes before `samples` are
separate models, which train as one.
"""
