"""The digest changes with what routes and normalizes files, and with nothing else."""

from pathlib import Path

import pytest

from aggregator.config import parse_config

SOURCE = "title: A, path: a"
OTHER = "title: B, path: b"


def digest(*sources: str, rest: str = "", file: str = "/etc/config.yaml") -> str:
    items = "".join(f"  - {{{source}}}\n" for source in sources)
    return parse_config(f"{rest}sources:\n{items}", Path(file), {}).digest


def test_it_is_the_same_on_every_machine() -> None:
    expected = "2d205651b64b188e7cc7c0a50c7a1088d91cac0fd5bbbd8ddb5f192f9a8be789"
    assert digest(SOURCE, OTHER) == expected
    assert digest(SOURCE, OTHER, file="/srv/other.yaml") == expected


@pytest.mark.parametrize("rest", ["store: sqlite:///x.db\n", "site: {title: T, url: 'https://x.example'}\n",
                                  "server: {port: 1}\n", "feeds: {limit: 1}\n",
                                  "feeds: {custom: [{slug: a, title: A, include: a}]}\n",
                                  "defaults: {every: 1h}\n"])  # fmt: skip
def test_what_is_published_does_not_count(rest: str) -> None:
    assert digest(SOURCE, rest=rest) == digest(SOURCE)


@pytest.mark.parametrize(
    "option", ["every: 1h", "cron: 0 6 * * *", "on_delete: remove", "on_remove: gone", "timezone: UTC"]
)
def test_when_and_defaults_do_not_count(option: str) -> None:
    assert digest(f"{SOURCE}, {option}") == digest(SOURCE)


@pytest.mark.parametrize(
    "option",
    ["match: {author: x}", "split_by: author", "include: '*.md'", "exclude: x", "slug: x", "aliases: x", "link: 'https://x.example/'",
     "timezone: Asia/Shanghai", "format: html", "categories: flat", "image_proxies: 'https://x.example/?'",
     "placeholders: 'https://x.example/*'", "language: en", "max_size: 1", "enabled: no"],
)  # fmt: skip
def test_what_reads_files_counts(option: str) -> None:
    assert digest(f"{SOURCE}, {option}") != digest(SOURCE)


def test_title_path_and_order_count() -> None:
    assert len({digest(SOURCE, OTHER), digest(OTHER, SOURCE), digest(SOURCE), digest("title: A, path: b")}) == 4


def test_the_order_of_match_does_not_count() -> None:
    assert digest(f"{SOURCE}, match: {{a: x, b: y}}") == digest(f"{SOURCE}, match: {{b: y, a: x}}")
