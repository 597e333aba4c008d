"""What ends an export. Whatever was written by then is whole, and the next export goes on from there."""

from aggregator.errors import AggregatorError


class ExportError(AggregatorError):
    """The folder cannot be written to, or is not ours to write to."""


class ExportStoppedError(AggregatorError):
    """An export was asked to stop."""
