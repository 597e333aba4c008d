"""What a config would publish from its folders as they are, and what in it cannot work, for `aggregator check`.

    folders ─ look: front matter only ─▶ Seen ─┬ sources, wishes, settings ─▶ Finding   (a problem, or a note)
                                               └ outlook ─▶ what would be published
    Report ─▶ text or JSON

Only `look` reads files; nothing is written, and no store is opened.
"""

from .data import problems_json, report_json
from .report import Report, check_config
from .text import report_text

__all__ = ["Report", "check_config", "problems_json", "report_json", "report_text"]
