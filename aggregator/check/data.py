"""The report as data, for scripts. Pure."""

from collections.abc import Iterable
from typing import Any

from ..config import ConfigProblem
from .leftovers import Left
from .outlook import Counted, Published
from .report import Report


def report_json(report: Report) -> dict[str, Any]:
    """All of the report as what JSON can hold. Dates are RFC 3339, in UTC."""
    outlook = report.outlook
    return {
        **problems_json(report.problems),
        "notes": [_problem(note) for note in report.notes],
        "site": report.config.site.url,
        "watched": [
            {
                "title": one.title,
                "path": one.path,
                "takes": one.takes,
                "scanned": one.rhythm,
                "files": one.files,
                "enabled": one.enabled,
            }
            for one in outlook.watched
        ],
        "sources": [_source(one) for one in outlook.published],
        "categories": [_counted(one) for one in outlook.categories],
        "feeds": [_counted(one) for one in outlook.custom],
        "unmatched": [_left(one) for one in report.unmatched],
        "overlooked": [_left(one) for one in report.overlooked],
        "bad_files": [
            {
                "file": str(one.file),
                "line": one.problem.line,
                "field": one.problem.field,
                "message": one.problem.message,
                "published": not one.lost,
            }
            for one in report.bad
        ],
        "read_in_part": [{"path": name, "read": read, "left_out": left} for name, read, left in report.partly],
    }


def problems_json(problems: Iterable[object]) -> dict[str, Any]:
    """The problems of a config; `ok` when there are none."""
    found = [_problem(problem) for problem in problems]
    return {"ok": not found, "problems": found}


def _problem(problem: object) -> dict[str, Any]:
    if not isinstance(problem, ConfigProblem):
        return {"text": str(problem)}
    return {
        "file": str(problem.file),
        "line": problem.line,
        "key": problem.key,
        "value": problem.value,
        "message": problem.message,
        "text": str(problem),
    }


def _source(one: Published) -> dict[str, Any]:
    newest = one.newest and {"title": one.newest.title, "date": f"{one.newest.date:%Y-%m-%dT%H:%M:%SZ}"}
    return {
        "slug": one.slug,
        "title": one.title,
        "url": one.url,
        "files": one.files,
        "drafts": one.drafts,
        "newest": newest,
    }


def _counted(one: Counted) -> dict[str, Any]:
    return {"title": one.title, "url": one.url, "files": one.files}


def _left(one: Left) -> dict[str, Any]:
    return {"path": one.folder, "files": one.number, "example": one.example, "found": one.found}
