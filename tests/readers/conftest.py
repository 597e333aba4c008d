"""The sample articles and some difficult ones, served by the real command; readers that are no Python packages."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest
import yaml

from aggregator.config import Config, load_config
from aggregator.models import Filed, Scope, ScopeKind
from aggregator.store import Store
from tests.readers.server import ROOT, feed_address, free_port, running

HERE = Path(__file__).parent

# The copy of feedparser in `reader` needs a module that current feedparser no longer brings. This makes it use ours.
os.environ["READER_NO_VENDORED_FEEDPARSER"] = "1"


@dataclass(frozen=True)
class Samples:
    """A running service with the repository's own articles and those beside this file.

    `store` is what it serves.
    """

    config: Config
    store: Store

    @property
    def base(self) -> str:
        return self.config.site.url

    def scopes(self) -> list[Scope]:
        return [scope for kind in ScopeKind for scope in self.store.scopes(kind)]

    def window(self, scope: Scope) -> list[Filed]:
        return self.store.window(scope, self.config.feeds.limit)

    def address(self, scope: Scope, suffix: str) -> str:
        return feed_address(self.base, scope.path, suffix)


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samples]:
    folder = tmp_path_factory.mktemp("samples")
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    shutil.copytree(HERE / "articles", folder / "articles")
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    text = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    text["site"]["url"], text["server"]["port"], text["server"]["workers"] = base, port, 1
    text["sources"].append({"title": "Edge & Sons", "path": "articles", "language": "en"})
    (folder / "config.yaml").write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
    config = load_config(folder / "config.yaml", {})
    with running("run", folder, base):
        store = Store(config.store)
        yield Samples(config, store)
        store.close()


def missing(what: str) -> NoReturn:
    """A reader cannot be had here: on a developer's machine the test is skipped, in CI it fails."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def newsboat() -> str:
    return shutil.which("newsboat") or missing("newsboat is not installed; `apt-get install newsboat` brings it")


def whole(place: Path) -> bool:
    """Whether a folder's parsers can be loaded; on a busy machine npm sometimes leaves a file of a package empty."""
    return subprocess.run(["node", "read.mjs"], cwd=place, input="[]", capture_output=True, text=True).returncode == 0


def install(place: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    for _ in range(3):
        installed = subprocess.run(command, cwd=place, capture_output=True, text=True)
        if installed.returncode == 0 and whole(place):
            return
    missing(f"`npm ci` failed three times in {place}: {installed.stderr[-1000:]}")


@pytest.fixture(scope="session")
def node(request: pytest.FixtureRequest) -> Callable[[list[str]], list[dict[str, Any]]]:
    """Reads addresses with the parsers of package-lock.json, which are installed once, into pytest's cache."""
    if not (shutil.which("node") and shutil.which("npm")):
        missing("node and npm are not installed; `apt-get install nodejs npm` brings them")
    lock = HERE / "package-lock.json"
    place: Path = request.config.cache.mkdir(f"readers-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}")
    for file in ("package.json", "package-lock.json", "read.mjs"):
        shutil.copy(HERE / file, place)
    if not whole(place):
        install(place)

    def read(addresses: list[str]) -> list[dict[str, Any]]:
        command = ["node", "read.mjs"]
        done = subprocess.run(command, cwd=place, input=json.dumps(addresses), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    return read
