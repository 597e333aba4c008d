"""The store of a config that is broken just now."""

from pathlib import Path

import pytest

from aggregator.config import salvage_store

GOOD = "sources: [{title: A, path: a}]\n"
ENVIRON = {"PASSWORD": "s3cret"}
POSTGRES = "postgresql+psycopg://feeds:s3cret@db/feeds"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (GOOD, "var/aggregator.db"),
        ("sources: nothing\n", "var/aggregator.db"),
        ("store: sqlite:///other.db\nevry: 1\n", "other.db"),
        ("store: sqlite:///other.db\nsources:\n\t- title\n", "other.db"),  # no YAML at all
        ('a: \'\nstore: "sqlite:///other.db"  # mine\n', "other.db"),
        ("a: '\n", "var/aggregator.db"),
        ("", "var/aggregator.db"),
        ("store: postgresql+psycopg://feeds:${PASSWORD}@db/feeds\nevry: 1\n", POSTGRES),
        ("store: postgresql+psycopg://feeds:${PASSWORD}@db/feeds\na: '\n", POSTGRES),
        ("store: postgresql+psycopg://feeds:${NOT_SET}@db/feeds\n", None),
        ("store: postgresql+psycopg://feeds:${NOT_SET}@db/feeds\na: '\n", None),
        ("store: mysql://db/feeds\n", None),
        ("store: [a]\n", None),
        ("store: sqlite:///missing.db\n", None),  # nothing is made anew
    ],
)
def test_the_store_is_made_out(tmp_path: Path, text: str, found: str | None) -> None:
    for place in ("var/aggregator.db", "other.db"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).touch()
    (tmp_path / "config.yaml").write_text(text)
    wanted = found if found is None or ":" in found else f"sqlite:///{tmp_path}/{found}"
    assert salvage_store(tmp_path / "config.yaml", ENVIRON) == wanted


def test_a_config_in_another_encoding_or_none_at_all(tmp_path: Path) -> None:
    (tmp_path / "feeds.db").touch()
    (tmp_path / "config.yaml").write_bytes("store: sqlite:///feeds.db\nsite: {title: Bäckerei}\n".encode("latin-1"))
    assert salvage_store(tmp_path / "config.yaml", {}) == f"sqlite:///{tmp_path}/feeds.db"
    assert salvage_store(tmp_path / "nowhere.yaml", {}) is None
