"""Numbers that others have published, and what nn_core makes of the same inputs: the toy tests of a university course.

Stanford's CS231n, assignments 1 and 2: a two-layer net (scores, loss, a training run), steps of optimisers, a
convolution and a max pool. Its numbers were drawn with NumPy's legacy generator, in this order; its penalty
`reg * sum(W^2)` is our l2 of twice reg; its pictures stand channels first.

Each function of PUBLISHED gives (ours, printed, digits after the point that were printed).
"""

import numpy as np

from nn_core.activations import ReLU
from nn_core.layers import Conv2D, Dense, MaxPool2D
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.optimisers import Adam, Momentum, RMSProp
from nn_core.schedules import ExponentialDecay
from nn_core.settings import Settings
from nn_core.trainer import Trainer

SCORES = [
    [-0.81233741, -1.27654624, -0.70335995],
    [-0.17129677, -1.18803311, -0.47310444],
    [-0.51590475, -1.01354314, -0.8504215],
    [-0.15419291, -0.48629638, -0.52901952],
    [-0.00618733, -0.12435261, -0.15226949],
]
FINAL_LOSS = 0.017149607938732093  # "Final training loss" after 100 steps
MOMENTUM = """
0.1406 0.20738947 0.27417895 0.34096842 0.40775789 0.47454737 0.54133684 0.60812632 0.67491579 0.74170526
0.80849474 0.87528421 0.94207368 1.00886316 1.07565263 1.14244211 1.20923158 1.27602105 1.34281053 1.4096"""
RMSPROP = """
-0.39223849 -0.34037513 -0.28849239 -0.23659121 -0.18467247 -0.132737 -0.08078555 -0.02881884 0.02316247 0.07515774
0.12716641 0.17918792 0.23122175 0.28326742 0.33532447 0.38739248 0.43947102 0.49155973 0.54365823 0.59576619"""
ADAM = """
-0.40094747 -0.34836187 -0.29577703 -0.24319299 -0.19060977 -0.1380274 -0.08544591 -0.03286534 0.01971428 0.0722929
0.1248705 0.17744702 0.23002243 0.28259667 0.33516969 0.38774145 0.44031188 0.49288093 0.54544852 0.59801459"""
CONVOLUTION = """
-0.08759809 -0.10987781 -0.18387192 -0.2109216 0.21027089 0.21661097 0.22847626 0.23004637 0.50813986 0.54309974
0.64082444 0.67101435 -0.98053589 -1.03143541 -1.19128892 -1.24695841 0.69108355 0.66880383 0.59480972 0.56776003
2.36270298 2.36904306 2.38090835 2.38247847"""
MAX_POOL = """
-0.26315789 -0.24842105 -0.20421053 -0.18947368 -0.14526316 -0.13052632 -0.08631579 -0.07157895 -0.02736842 -0.01263158
0.03157895 0.04631579 0.09052632 0.10526316 0.14947368 0.16421053 0.20842105 0.22315789 0.26736842 0.28210526
0.32631579 0.34105263 0.38526316 0.4"""

TARGETS = np.array([0, 1, 2, 2, 1])
NETWORK = Network((Dense(10, ReLU()), Dense(3)), (4,), np.float64)
LOSS = SoftmaxCrossEntropy()


def toy() -> tuple[np.ndarray, np.ndarray, np.random.RandomState]:
    """theta, x, and the generator as it stands when theta has been drawn from it."""
    generator = np.random.RandomState(0)
    theta = np.zeros(NETWORK.size)
    first, second = NETWORK.views(theta)
    first["W"][...] = 0.1 * generator.randn(4, 10)
    second["W"][...] = 0.1 * generator.randn(10, 3)
    return theta, 10 * np.random.RandomState(1).randn(5, 4), generator


def penalised(theta: np.ndarray, x: np.ndarray, targets: np.ndarray, l2: float) -> float:
    """The loss with its penalty, l2 / 2 * sum(W^2)."""
    weights = NETWORK.weights_mask() * theta
    return LOSS.value(NETWORK.predict(x, theta), targets) + l2 / 2 * (weights**2).sum()


def scores():
    theta, x, _ = toy()
    return NETWORK.predict(x, theta), np.array(SCORES), 8


def loss():
    theta, x, _ = toy()
    return penalised(theta, x, TARGETS, 0), 1.2658570521, 10


def loss_with_penalty():
    theta, x, _ = toy()
    return penalised(theta, x, TARGETS, 0.1), 1.3037878913, 10


def loss_after_100_steps():
    """Each step on 200 rows drawn from the five; the rate is multiplied by 0.95 after each; the loss is of the last."""
    theta, x, generator = toy()
    for step in range(100):
        rows = generator.choice(5, 200)
        batch, targets = x[rows], TARGETS[rows]
        value = penalised(theta, batch, targets, 1e-5)
        settings = Settings(learning_rate=0.1 * ExponentialDecay(0.95).factor(step), batch_size=0, l2=1e-5)
        trainer = Trainer(NETWORK, {"train": (batch, targets)}, LOSS, settings)
        trainer.theta[...] = theta
        theta = trainer.run(steps=1).theta
    return value, FINAL_LOSS, 12


def momentum_step():
    """The course's velocity is minus the rate times ours."""
    return _step(Momentum(0.9), [-_line(0.6, 0.9) / 1e-3], 1e-3, 1), _numbers(MOMENTUM), 8


def rmsprop_step():
    return _step(RMSProp(0.99), [_line(0.6, 0.9)], 1e-2, 1), _numbers(RMSPROP), 8


def adam_step():
    """The course remembers means, we sums: the means divided by the weight of the newest, 0.1 and 0.001."""
    return _step(Adam(), [_line(0.6, 0.9) / 0.1, _line(0.7, 0.5) / 0.001], 1e-2, 6), _numbers(ADAM), 8


def convolution():
    """4x4 filters, stride 2, one pixel of padding on each side, which is put there by hand."""
    x = np.pad(np.linspace(-0.1, 0.5, 96).reshape(2, 3, 4, 4), ((0, 0), (0, 0), (1, 1), (1, 1)))
    W = np.linspace(-0.2, 0.3, 144).reshape(3, 3, 4, 4)
    p = {"W": W.transpose(2, 3, 1, 0), "b": np.linspace(-0.1, 0.2, 3)}
    y, _ = Conv2D(3, kernel=4, stride=2, padding="valid").forward(x.transpose(0, 2, 3, 1), p)
    return y.transpose(0, 3, 1, 2), _numbers(CONVOLUTION).reshape(2, 3, 2, 2), 8


def max_pool():
    x = np.linspace(-0.3, 0.4, 96).reshape(2, 3, 4, 4)
    y, _ = MaxPool2D(2).forward(x.transpose(0, 2, 3, 1), {})
    return y.transpose(0, 3, 1, 2), _numbers(MAX_POOL).reshape(2, 3, 2, 2), 8


PUBLISHED = {
    "toy net: scores": scores,
    "toy net: loss": loss,
    "toy net: loss with L2": loss_with_penalty,
    "toy net: loss after 100 steps": loss_after_100_steps,
    "a step of momentum": momentum_step,
    "a step of RMSProp": rmsprop_step,
    "the sixth step of Adam": adam_step,
    "a convolution": convolution,
    "a max pool": max_pool,
}


def error(name: str) -> float:
    """The largest difference from the printed numbers, in units of their last digit: rounding alone makes up to 0.5."""
    ours, printed, digits = PUBLISHED[name]()
    if np.shape(ours) != np.shape(printed):
        raise ValueError(f"{name}: cannot compare the shapes {np.shape(ours)} and {np.shape(printed)}.")
    return float(np.max(np.abs(ours - printed)) * 10**digits)


def _step(optimiser, slots, rate, t):
    """One update of the course's 20 parameters: which are weights makes no difference here."""
    theta = _line(-0.4, 0.6)
    optimiser.update(theta, _line(-0.6, 0.4), slots, rate, t, np.ones(20))
    return theta


def _line(first, last):
    return np.linspace(first, last, 20)


def _numbers(text):
    return np.array(text.split(), np.float64)
