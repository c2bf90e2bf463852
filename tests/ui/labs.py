"""What the tests of the labs share."""

from playground.ui.labs.lab import Lab


def finished(lab: Lab) -> Lab:
    """The lab at its end."""
    lab.play()
    while lab.playing:
        lab.train(0.2)
    return lab
