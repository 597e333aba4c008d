"""The whole site as static files, for a web server, GitHub Pages or a bucket.

    contents   what there is to write, section by section; nothing is rendered before it is wanted
    manifest   what is in the folder already, and of what it was made
    files      writing, so that every file is whole at any time
    run        one export: what is new or changed is written, then what is gone is removed
    follower   an export after every change

It costs what changed: a section whose basis is known (a scope's revision, for one) is passed over with a look at its
files, and a file whose basis is known is not rendered. One whose bytes come out the same is not touched.
"""

from aggregator.errors import ExportError, ExportStoppedError

from .follower import Follower
from .run import Report, export

__all__ = ["ExportError", "ExportStoppedError", "Follower", "Report", "export"]
