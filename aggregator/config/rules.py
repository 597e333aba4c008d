"""What must hold between options: one schedule in one place, rules for a custom feed, names that fit together.

The rules look at the texts of the file, so that they are reported together with the problems of single values.
"""

from .document import Document, Location, Value
from .naming import check_names, groups

FEED_RULES = ("sources", "categories", "include", "exclude", "authors")


def check_rules(document: Document) -> None:
    """Add a problem for each rule that is broken."""
    _check_schedules(document)
    _check_feeds(document)
    check_names(document)


def _check_schedules(document: Document) -> None:
    places: list[tuple[Location, dict[str, Value]]] = list(groups(document.values.get("sources"), ("sources",)))
    if isinstance(defaults := document.values.get("defaults"), dict):
        places.insert(0, (("defaults",), defaults))
    for place, options in places:
        if "every" in options and "cron" in options:
            line = document.line((*place, "every"))
            document.problem((*place, "cron"), f'cannot stand beside "every" (line {line}); keep one of the two')


def _check_feeds(document: Document) -> None:
    feeds = document.values.get("feeds")
    for place, options in groups(feeds.get("custom") if isinstance(feeds, dict) else None, ("feeds", "custom")):
        if not any(rule in options for rule in FEED_RULES):
            named = ", ".join(f'"{rule}"' for rule in FEED_RULES[:-1])
            message = f'has no rule, so it would hold every article; add {named} or "{FEED_RULES[-1]}"'
            document.problem(place, message, quote=False)
