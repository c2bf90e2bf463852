"""Layers: each writes its own forward and backward pass, in the few lines that a student derives on paper.

Shapes: x is `(..., samples, features)`, pictures `(..., samples, height, width, channels)`. The axes before `samples`
are separate models; the parameters have the same ones in front. Where models share x, its axes of models have length
1. A layer is a frozen dataclass and holds no numbers of its own; it has

    output_shape(input_shape)       shape of one output sample, given that of one input sample
    parameters(input_shape)         name -> Parameter: what the network must keep for it
    differs_in_training             whether a generator, which means "training", makes it do something else
    forward(x, p, rng=None)         -> output, cache; p holds the parameters by name; dropout acts when rng is given;
                                    the cache is a NamedTuple, whose z and a, if it has them, are what monitors look at
    backward(dy, cache, p, g)       writes the gradients of the parameters into g, returns that of x
    backward(..., need_dx=False)    None, or, where it costs nothing, the same: a first layer's input needs no gradient

A gradient dy is that of the loss with respect to y, of y's shape. All layers keep the dtype of x. output_shape and
parameters raise ValueError for an input that the layer cannot take. A good order: dense.py, pictures.py,
normalisation.py.
"""

from nn_core.layers.dense import Dense, Dropout, Residual
from nn_core.layers.normalisation import BatchNorm, LayerNorm
from nn_core.layers.parameter import Parameter
from nn_core.layers.pictures import AveragePool2D, Conv2D, Flatten, MaxPool2D

LAYERS = {
    "dense": Dense,
    "residual": Residual,
    "dropout": Dropout,
    "conv2d": Conv2D,
    "max_pool2d": MaxPool2D,
    "average_pool2d": AveragePool2D,
    "flatten": Flatten,
    "batch_norm": BatchNorm,
    "layer_norm": LayerNorm,
}

__all__ = [
    "LAYERS",
    "AveragePool2D",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "LayerNorm",
    "MaxPool2D",
    "Parameter",
    "Residual",
]
