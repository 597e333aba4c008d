"""The commands as an operator types them: what they do, and what they say where they cannot."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

import aggregator.cli.articles
import aggregator.cli.backup
import aggregator.cli.storage
from aggregator.cli import main
from aggregator.models import Filed
from aggregator.once import ingest_once
from aggregator.store import Store
from feeds import create_app
from tests.support import BODY, OTHER, Place, article
from tests.upkeep.stores import fill, rows

assert aggregator.cli.storage


@pytest.fixture
def town(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A store with articles of all kinds; see stores.fill."""
    fill(place)
    for module in (aggregator.cli.articles, aggregator.cli.backup, aggregator.cli.storage):
        monkeypatch.setattr(module, "now", lambda: place.now)
    monkeypatch.chdir(place.root)
    return place


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def done(*words: str) -> str:
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def fails(*words: str, code: int = 1) -> str:
    result = run(*words)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return " ".join(result.stderr.split())


def of(place: Place, title: str) -> Filed:
    (found,) = [filed for filed in place.feed() if filed.article.title == title]
    return found


def listed(*words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(done("articles", "list", "--json", *words))
    return found


def test_a_list_is_newest_first_and_says_the_state(town: Place) -> None:
    lines = done("articles", "list", "--limit", "20").splitlines()
    assert lines[0].split() == ["id", "published", "(UTC)", "source", "state", "title"]
    assert [line.split(maxsplit=4)[3:] for line in lines[1:]] == [
        ["source", "published  Note 0"],
        ["source", "hidden     Note 1"],
        ["source", "published  Note 2"],
        ["source", "published  Note 3"],
        ["source", "retired    Note 4"],
        ["source", "retired    Note 5"],
        ["李雷", "withdrawn  路灯"],
        ["韩梅", "published  夜市"],
    ]
    assert "see --limit" in run("articles", "list", "--limit", "2").stderr


def test_a_list_of_some(town: Place) -> None:
    for options, titles in {
        "--hidden": ["Note 1"],
        "--source 韩梅": ["夜市"],
        "--source Source --limit 2": ["Note 0", "Note 1"],
        "--since 2026-11-01": ["Note 0", "Note 1"],
        "--since 30d": ["Note 0", "Note 1"],
        "--since 2026-11-02T16:00:00+08:00 --source source": ["Note 0", "Note 1"],
        "--since 2026-11-02T08:00:01 --hidden": [],
        "--since 1m": [],
    }.items():
        assert [item["title"] for item in listed(*options.split())] == titles, options
    assert done("articles", "list", "--since", "1 minute") == "No article fits.\n"


def test_one_article_by_any_of_its_names(town: Place) -> None:
    town.write("articles/linked.md", article("Linked", BODY, f"{town.now}", link="https://www.source.example/a?b=1"))
    town.scan()
    found = of(town, "Linked")
    names = [
        found.id,
        found.id[:8],
        found.id.upper(),
        f"urn:uuid:{found.id}",
        f"http://feeds.example/articles/{found.id}",
    ]
    names += [f"https://elsewhere.example/x/articles/{found.id}?lang=zh", "https://www.source.example/a?b=1"]
    for name in names:
        assert json.loads(done("articles", "show", "--json", name))["id"] == found.id, name


def test_show_tells_all_about_one(town: Place) -> None:
    lamp, market = (item["id"] for item in listed() if item["title"] in ("路灯", "夜市"))
    text = done("articles", "show", market)
    for part in (
        "夜市",
        "published\n",
        f"http://feeds.example/articles/{market}",
        "新闻 / 本地",
        "other/b.md (article)",
    ):
        assert part in text
    assert "http://feeds.example/categories/%E6%96%B0%E9%97%BB/%E6%9C%AC%E5%9C%B0\n" in text
    assert "Bread number0 rises slowly" in text
    assert "withdrawn by its source, as a draft" in done("articles", "show", lamp)
    data = json.loads(done("articles", "show", market, "--json"))
    assert data["feeds"][-1] == "http://feeds.example/sources/%E9%9F%A9%E6%A2%85"
    assert data["files"] == [{"folder": "other", "path": "b.md", "outcome": "article"}]
    assert (data["tags"], data["categories"], data["state"]) == (["a", '"'], [["新闻", "本地"]], "published")


def test_show_tells_what_is_wrong_in_its_file(town: Place) -> None:
    town.write("articles/odd.md", article("Odd", f"{BODY}<p>Odd.</p>", f"{town.now}", link="mailto:me@example.org"))
    town.scan()
    (problem,) = json.loads(done("articles", "show", of(town, "Odd").id, "--json"))["problems"]
    assert (problem["folder"], problem["path"]) == ("articles", "odd.md")
    assert "articles/odd.md: link: it holds no http(s) address" in done("articles", "show", of(town, "Odd").id)


def test_hide_and_unhide_while_the_service_runs(town: Place) -> None:
    client, one, two = create_app(town.config, town.store).test_client(), of(town, "Note 0"), of(town, "Note 2")
    before = client.get("/latest.json").json
    said = done("articles", "hide", one.id[:8], f"http://feeds.example/articles/{two.id}")
    assert said == f"{one.id}  Note 0: hidden\n{two.id}  Note 2: hidden\n"
    assert [item["title"] for item in client.get("/latest.json").json["items"]] == ["Note 3", "夜市"]  # type: ignore[index]
    assert client.get(f"/articles/{one.id}").status_code == 410
    assert done("articles", "hide", one.id) == f"{one.id}  Note 0: was hidden already\n"
    said = done("articles", "unhide", one.id, two.id)
    assert said == f"{one.id}  Note 0: published again\n{two.id}  Note 2: published again\n"
    assert client.get("/latest.json").json == before
    assert done("articles", "unhide", one.id) == f"{one.id}  Note 0: published\n"


def test_what_was_never_published_is_told(town: Place) -> None:
    known = {item["title"]: item["id"] for item in listed()}
    assert "was retired, since it is older than its source's `retain` keeps already" in done(
        "articles", "hide", known["Note 5"]
    )
    assert "withdrawn by its source" in done("articles", "unhide", known["路灯"])


def test_a_name_that_fits_none_or_several_does_nothing(town: Place) -> None:
    one = of(town, "Note 0").id
    before = rows(town.store)
    assert fails("articles", "hide", one, "00000000") == (
        'Error: there is no article "00000000"; name an article by its id (`aggregator articles list` shows it; its '
        "first 8 characters are enough), its address on this site, or the link to its original page"
    )
    assert fails("articles", "hide", one[:7]) == (
        f'Error: "{one[:7]}" is too short: give at least 8 characters of the id'
    )
    assert 'no article "https://nowhere.example/"' in fails("articles", "show", "https://nowhere.example/")
    assert "no article of a source" in fails("articles", "list", "--source", "nobody")
    assert '"soon" is not a duration' in fails("articles", "list", "--since", "soon", code=2)
    assert rows(town.store) == before


def test_a_link_that_several_articles_have_names_them(town: Place) -> None:
    for name, body in (("a", BODY), ("b", OTHER)):
        fields = {"link": "https://www.source.example/same", "guid": name}
        town.write(f"articles/{name}.md", article(name, body, f"{town.now}", **fields))
    town.scan()
    message = fails("articles", "hide", "https://www.source.example/same")
    assert "may be any of these; give the whole id:" in message
    assert of(town, "a").id in message
    assert of(town, "b").id in message


def test_backup_and_restore(town: Place) -> None:
    assert done("backup", "kept.db").startswith("kept.db: 8 articles, ")
    assert "kept.db is there already" in fails("backup", "kept.db")
    assert done("backup", "kept.db", "--force").startswith("kept.db: 8 articles, ")
    assert "is not empty; give --force" in fails("restore", "kept.db")
    gone = of(town, "Note 0").id
    done("articles", "hide", gone)
    town.later(minutes=5)
    assert done("restore", "kept.db", "--force") == "restored 8 articles from kept.db\n"
    client = create_app(town.config, town.store).test_client()
    assert client.get(f"/articles/{gone}").status_code == 200
    assert client.get("/search.json?q=bread").json["items"]  # type: ignore[index]


def test_a_restored_store_follows_the_config_of_now(town: Place) -> None:
    done("backup", "kept.db")
    text = (town.root / "config.yaml").read_text().replace("slug: rivers, title: Rivers", "slug: wet, title: Wet")
    (town.root / "config.yaml").write_text(text)
    done("restore", "kept.db", "--force")
    assert [filed.article.title for filed in town.feed("feeds/wet")] == ["Note 3"]
    assert town.store.gone("feeds/rivers")


def test_a_store_moves_to_postgresql_and_back(town: Place, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = sa.make_url(database)
    monkeypatch.setenv("DB_NAME", str(url.database))
    target = url.set(database="NAME").render_as_string(hide_password=False).replace("NAME", "${DB_NAME}")
    said = "copied 8 articles; the copy was compared with the original\n"
    assert done("store", "copy", "config", target) == said
    assert done("store", "copy", target, "sqlite:///back.db") == said
    store = Store(f"sqlite:///{town.root}/back.db")
    assert rows(store) == rows(town.store)
    store.close()
    assert "is not empty; give --force" in fails("store", "copy", "config", target)
    assert done("store", "copy", "config", target, "--force") == said


def test_addresses_that_cannot_be_copied(town: Place) -> None:
    assert fails("store", "copy", "config", "config") == (
        "Error: FROM and TO are the same store; name another one to copy to"
    )
    assert fails("store", "copy", "sqlite:///none.db", "sqlite:///new.db") == (
        "Error: FROM: there is no store at this address"
    )
    assert not Path("none.db").exists()
    for bad in (
        "postgres://u:hunter2@h/d",
        "postgresql+psycopg://u:hunter2@h",
        "mysql://u:hunter2@h/d",
        "var/store.db",
    ):
        assert "hunter2" not in fails("store", "copy", "config", bad)
    assert "NOT_SET, which is not set" in fails("store", "copy", "config", "postgresql+psycopg://u:${NOT_SET}@h/d")
    refused = fails("store", "copy", "postgresql+psycopg://u:hunter2@127.0.0.1:1/d", "sqlite:///new.db")
    assert "u:***@127.0.0.1:1/d cannot be opened" in refused
    assert "hunter2" not in refused
    assert set(os.listdir()) - {"var"} == {"articles", "config.yaml", "other"}


def test_ingest_retires_too(town: Place) -> None:
    town.later(days=30)
    before = {item["title"] for item in listed() if item["state"] == "retired"}
    ingest_once(town.config, town.store, lambda: town.now, lambda done, total: None)
    after = {item["title"] for item in listed() if item["state"] == "retired"}
    assert (before, after) == ({"Note 4", "Note 5"}, {"Note 2", "Note 3", "Note 4", "Note 5"})
