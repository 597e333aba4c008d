"""deploy/Dockerfile and deploy/compose.yaml, as far as they can be held to their word without a container engine."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

from aggregator.cli import main
from aggregator.config import load_config
from feeds import create_app
from tests.deploy.nginx import DEPLOY, nginx, serving
from tests.readers.server import ROOT
from tests.support import Place

DOCKERFILE = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def instructions(name: str) -> Iterator[str]:
    for line in DOCKERFILE.splitlines():
        if line.strip().startswith(f"{name} "):
            yield line.strip().removeprefix(name).strip()


def allowed_into_the_image(path: str) -> bool:
    """What .dockerignore leaves of the repository's top level."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    return f"!{path}" in lines


def test_what_is_copied_is_there_and_nothing_else_gets_into_the_build() -> None:
    copied = {path for line in instructions("COPY") if "--from" not in line for path in line.split()[:-1]}

    assert all((ROOT / path).exists() and allowed_into_the_image(path) for path in copied)
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert kept == copied


def test_what_the_package_is_built_from_is_copied() -> None:
    """pyproject.toml names files too: a build without them fails."""
    copied = {path for line in instructions("COPY") for path in line.split()}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert 'readme = "README.md"' in project
    assert 'license-files = ["LICENSE"]' in project
    assert {"README.md", "LICENSE", "pyproject.toml", "constraints.txt", "aggregator", "feeds"} <= copied


def test_it_does_not_run_as_root_and_starts_the_main_job() -> None:
    assert list(instructions("USER")) == ["10001:10001"]
    assert json.loads(next(instructions("ENTRYPOINT"))) == ["aggregator"]
    assert json.loads(next(instructions("CMD")))[0] in main.commands


def test_the_health_check_tells_a_service_from_none(tmp_path: Path) -> None:
    place = Place(tmp_path)
    check = json.loads(next(instructions("HEALTHCHECK")).partition("CMD ")[2])
    assert check[0] == "python"
    with serving(create_app(place.config, place.store)) as service:
        command = [sys.executable, *(word.replace(":8000/", f":{service.port}/") for word in check[1:])]
        alive = subprocess.run(command, capture_output=True)
    place.store.close()
    dead = subprocess.run(command, capture_output=True)

    assert (alive.returncode, alive.stderr, dead.returncode) == (0, b"", 1)


def test_compose_runs_commands_that_there_are_with_a_config_that_is_right() -> None:
    services = COMPOSE["services"]
    ours = {name: service for name, service in services.items() if service.get("image") == "aggregator"}
    config = load_config(DEPLOY / "compose" / "config.yaml", {"POSTGRES_PASSWORD": "x"})

    assert {service["command"] for service in ours.values()} == {"watch", "serve"} <= set(main.commands)
    assert (DEPLOY / ours["serve"]["build"]["context"] / ours["serve"]["build"]["dockerfile"]).is_file()
    for service in services.values():
        for volume in service["volumes"]:
            place = volume.partition(":")[0]
            assert place in COMPOSE["volumes"] or place.startswith("${") or (DEPLOY / place).exists(), volume
    assert "@db/" in config.store
    assert "db" in services
    assert str(config.sources[0].folder) == "/srv/articles"
    assert config.server.host == "0.0.0.0"


def test_compose_has_nginx_take_the_site_with_the_service_in_it(tmp_path: Path) -> None:
    change = re.search(r"sed 's/(.*?)/(.*?)/'", " ".join(COMPOSE["services"]["nginx"]["command"]))
    assert change
    cache = {"/var/cache/aggregator-nginx": str(tmp_path / "cache")}
    with nginx("nginx-proxy.conf", tmp_path / "site", cache | {change[1]: change[2].replace("serve:", "localhost:")}):
        pass  # it took the file
