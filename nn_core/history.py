"""The history of a run: what was measured at the end of each epoch, or more often, in plain lists.

A run that is left on for hours makes millions of epochs. When the lists grow past LONGEST, every second entry is
dropped and from then on only every second look is kept; which are kept depends on their number alone, so the history
is the same however the run was cut into slices. The latest entry is always there, in `last`.
"""

LONGEST = 2048


class History:
    """Epochs and, for each, the losses and metrics by name; the values are numbers, or arrays of one per model."""

    def __init__(self):
        self.epochs: list[float] = []
        self.series: dict[str, list] = {}
        self.stride = 1
        self.last: dict[str, float] = {}
        self.last_epoch = 0
        self.looks = 0  # entries that were added, kept or not

    def add(self, epoch: float, row: dict) -> None:
        """Note what was measured after `epoch` epochs."""
        self.last, self.last_epoch = row, epoch
        self.looks += 1
        if (self.looks - 1) % self.stride:
            return
        self.epochs.append(epoch)
        for name, value in row.items():
            self.series.setdefault(name, []).append(value)
        if len(self.epochs) > LONGEST:
            self.stride *= 2
            self.epochs = self.epochs[::2]
            self.series = {name: values[::2] for name, values in self.series.items()}

    def curve(self, name: str) -> tuple[list[float], list]:
        """Epochs and values of one series, the latest epoch included whatever the stride."""
        epochs, values = self.epochs, self.series.get(name, [])
        if epochs and epochs[-1] != self.last_epoch:
            return [*epochs, self.last_epoch], [*values, self.last[name]]
        return epochs, values

    def copy(self) -> "History":
        """A history that goes its own way from here."""
        other = History()
        other.epochs, other.stride = list(self.epochs), self.stride
        other.series = {name: list(values) for name, values in self.series.items()}
        other.last, other.last_epoch, other.looks = dict(self.last), self.last_epoch, self.looks
        return other
