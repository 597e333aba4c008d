"""What `check` foretells is what a scan then does."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from aggregator.catalog import sync
from aggregator.check import check_config
from aggregator.config import load_config
from aggregator.models import Scope
from aggregator.store import Store
from tests.support import Place, article

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

CONFIG = """
feeds:
  custom: [{slug: tea, title: Tea, categories: [Media/Tea]}]
sources:
  - {title: Inner, path: articles/inner, match: {author: Ada}}
  - {title: Off, path: articles, match: {author: Off}, enabled: no}
  - {title: Flat, path: flat, categories: flat}
  - {title: Rest, path: articles, exclude: [old/], split_by: author}
"""


def scope(store: Store, path: str) -> Scope:
    found = store.scope(path)
    assert found is not None
    return found


def test_every_number_is_that_of_the_scan(tmp_path: Path) -> None:
    place = Place(tmp_path, CONFIG)
    for number, (path, fields) in enumerate(
        {
            "articles/1.md": {"author": "Ada", "categories": "[Media, Tea]"},
            "articles/2.md": {"author": "Bob", "categories": "[Media, Tea, Green]"},
            "articles/inner/3.md": {"author": "Ada"},
            "articles/inner/4.md": {"author": "Bob"},
            "articles/5.md": {"author": "Off"},
            "articles/6.md": {"author": "Bob", "draft": "true"},
            "articles/old/7.md": {"author": "Bob"},
            "articles/8.md": {},
            "flat/9.md": {"categories": "[Media, Tea]"},
        }.items()
    ):
        place.write(path, article(f"Number {number}", f"<p>{'A text of its own. ' * 9}{number}</p>", **fields))
    foretold = check_config(place.config, NOW, lambda done, total: None).outlook
    sync(place.store, place.config, lambda: NOW)
    place.scan()
    assert {one.slug: one.files for one in foretold.published} == {
        slug: scope(place.store, f"sources/{slug}").size for slug in ("inner", "flat", "rest", "ada", "bob")
    }
    assert {one.title: one.files for one in foretold.categories} == {
        path.replace("/", " / "): scope(place.store, f"categories/{path}").size
        for path in ("Media", "Media/Tea", "Media/Tea/Green", "Tea")
    }
    assert [one.files for one in foretold.custom] == [scope(place.store, "feeds/tea").size]


def test_the_sample_config_is_right(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    shutil.copy(ROOT / "config.yaml", tmp_path)
    report = check_config(load_config(tmp_path / "config.yaml", {}), NOW, lambda done, total: None)
    assert report.problems == ()
    assert report.notes == ()
    assert report.bad == ()
