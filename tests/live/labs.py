"""What the tests of the labs share."""

import numpy as np

from playground.live.labs.lab import Lab


def finished(lab: Lab) -> Lab:
    """The lab at its end."""
    lab.play()
    while lab.playing:
        lab.train(0.2)
    return lab


def progress_never_falls(lab: Lab) -> list[float]:
    """Run it in many slices, from ready to finished; returns how far it was after each of them."""
    seen, states = [lab.progress], [lab.state]
    lab.play()
    while lab.playing:
        lab.train(1e-4)
        seen.append(lab.progress)
        states.append(lab.state)
    assert (seen[0], seen[-1], max(seen)) == (0, 1, 1)
    assert np.all(np.diff(seen) >= 0)
    assert (states[0], set(states[1:-1]), states[-1]) == ("ready", {"playing"}, "finished")
    return seen
