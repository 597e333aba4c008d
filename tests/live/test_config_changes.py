"""What the log says of an edit."""

from pathlib import Path

import pytest

from aggregator.config import parse_config
from aggregator.live.changes import describe

RIVER, HILL, WOOD = (f"{{title: {title}, path: {title.lower()}}}" for title in ("River", "Hill", "Wood"))


def config(*sources: str, rest: str = "") -> str:
    return f"{rest}\nsources: [{', '.join(sources)}]\n"


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (config(RIVER), config(RIVER, HILL, WOOD), "sources added: hill, wood"),
        (config(RIVER, HILL), config(HILL), "sources removed: river"),
        (config(RIVER, HILL), config(HILL, RIVER), "the order of the sources"),
        (
            config(RIVER),
            config("{title: River, path: river, every: 1 hour, on_remove: gone}"),
            "sources changed: river (every, on_remove)",
        ),
        (
            config(RIVER, HILL),
            config("{title: Stream, path: river, aliases: [river]}", HILL),
            "sources renamed: river to stream",
        ),
        (config(RIVER), config(RIVER, rest="defaults: {every: 1 hour}"), "sources changed: river (every)"),
        (config(RIVER), config(RIVER, rest="site: {title: News, language: fr}"), "site changed: title, language"),
        (
            config(RIVER, rest="feeds: {custom: [{slug: stars, title: Stars, include: star}]}"),
            config(RIVER, rest="feeds: {limit: 9, custom: [{slug: moons, title: Moons, include: moon}]}"),
            "feeds added: moons; feeds removed: stars; feeds changed: limit",
        ),
        (
            config(RIVER),
            config(RIVER, *(f"{{title: s{number}, path: s}}" for number in range(30))),
            f"sources added: {', '.join(f's{number}' for number in range(12))}, and 18 more",
        ),
    ],
)
def test_an_edit_is_said_in_a_line(before: str, now: str, said: str) -> None:
    old, new = (parse_config(text, Path("config.yaml"), {}) for text in (before, now))
    assert said in describe(old, new)
    assert describe(new, new) == ""
