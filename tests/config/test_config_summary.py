"""What `aggregator check` prints of a good config."""

from pathlib import Path

from aggregator.cli.check import config_summary
from aggregator.config import parse_config

TEXT = """
feeds:
  custom:
    - {slug: stars, title: 星空, include: '望远镜|telescope', exclude: 广告}
    - {slug: two, title: Two rules, sources: [zaker, Notes], categories: [[AC/DC, live], 科技], authors: Ada}
sources:
  - {title: ZAKER, path: seeds, match: {author: [ZAKER, "ZAKER*"]}}
  - {title: Notes, path: notes, split_by: author, cron: 0 6 * * *, enabled: no}
"""


def test_sources_and_custom_feeds_are_listed() -> None:
    summary = config_summary(parse_config(TEXT, Path("config.yaml"), {}))
    assert summary.splitlines()[2:] == [
        "source  folder  takes                               scanned",
        "ZAKER   seeds   author: ZAKER | ZAKER*              every 300 s",
        "Notes   notes   a source per author (switched off)  cron 0 6 * * *",
        "",
        "custom feed  address       holds",
        "星空         /feeds/stars  include: 望远镜|telescope, exclude: 广告",
        "Two rules    /feeds/two    sources: zaker or Notes, categories: AC/DC/live or 科技, authors: Ada",
    ]


def test_without_custom_feeds_there_is_no_list_of_them() -> None:
    summary = config_summary(parse_config("sources: [{title: A, path: a}]", Path("config.yaml"), {}))
    assert "custom" not in summary
