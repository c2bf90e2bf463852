"""Gradients: is a hand-written backward pass right? The test that tells, and mistakes to plant."""

from playground.ui.labs.gradients import GradientPage, Recipe, gradient_page

PAGE = GradientPage(
    key="gradients",
    title="Gradients",
    recipes=(
        Recipe(
            "Right",
            "Halve ε: without the gradient the error halves, with it it falls to a quarter. That is the whole test.",
            "10-10",
            "tanh",
            "none",
        ),
        Recipe(
            "Residual",
            "In the layer test W2 enters linearly: nothing is left of the first-order error but rounding noise.",
            "res10",
            "tanh",
            "none",
            "layer",
        ),
        Recipe(
            "Softmax alone",
            "No hidden layer: the gradient of softmax with cross-entropy with respect to W, b and x.",
            "0",
            "tanh",
            "none",
        ),
        Recipe(
            "A forgotten factor",
            "The mean became a sum: every gradient is N times too large, and all slopes fall to 1.",
            "10-10",
            "tanh",
            "factor",
        ),
        Recipe(
            "A missing transpose",
            "It runs, because W is square; what lies before it is wrong, what lies behind is right.",
            "10-10",
            "tanh",
            "transpose",
        ),
        Recipe(
            "A wrong derivative",
            "The derivative of tanh, taken at the sum as if it were the output: one report's bug, found in a second.",
            "10-10",
            "tanh",
            "derivative",
        ),
    ),
)

if __name__ == "__main__":
    gradient_page(PAGE)
