"""The exceptions of this project, on one page.

Bad input in an article file is not an exception but a `models.Problem`. What is raised here ends a command or a
request, and its message is written for the person who reads it: what, which, why, and what to do.
"""


class AggregatorError(Exception):
    """Base of everything raised on purpose; the command line prints its text without a traceback."""


class ConfigError(AggregatorError):
    """The configuration cannot be used; `problems` holds every one that was found.

    `problems` is a tuple of `config.ConfigProblem`; the exception's text is all of them, one a line.
    """

    def __init__(self, problems: tuple[object, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class SourceError(AggregatorError):
    """A source's folder cannot be scanned at all (missing, unreadable). It is tried again later."""


class StoreError(AggregatorError):
    """The store cannot be opened or used."""


class StoreAwayError(StoreError):
    """The store does not answer at this moment, and can be asked again. While a service runs, the log tells when that
    begins; it need not be told of each of these."""


class ServerError(AggregatorError):
    """The web server cannot be started (address in use, not allowed)."""


class OverloadError(AggregatorError):
    """More is asked of this process at once than it can make. The same request can succeed in a few seconds."""


class ScanStoppedError(AggregatorError):
    """A scan was asked to stop between two batches. What it had filed is kept; the rest is read the next time."""


class WalkNeededError(AggregatorError):
    """What became of a few files can only be told by a walk through the whole folder. Ends a scan of a few files."""


class ExportError(AggregatorError):
    """The folder of an export cannot be written to, or is not ours to write to."""


class ExportStoppedError(AggregatorError):
    """An export was asked to stop. Whatever was written by then is whole, and the next export goes on from there."""
