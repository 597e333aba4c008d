"""Every command line in the documents is run, or where that makes no sense here, checked word for word."""

import json
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from aggregator.cli import main
from aggregator.config import load_config
from tests.deploy.nginx import Host
from tests.docs.shell import DOCUMENTS, Line, blocks, command_lines, mentions
from tests.readers.server import ENVIRONMENT, ROOT, free_port
from tests.watcher.waiting import PATIENCE, eventually

LINES = command_lines()
OURS = [line for line in LINES if line.ours is not None]
LASTING = {"run", "watch", "serve"}
# Programs of the reader's machine, which tests do not touch: these lines are checked for what they name.
OTHERS = {"apt-get", "curl", "docker", "echo", "find", "git", "install", "journalctl", "ln", "make", "nginx", "pip",
          "python3", "rclone", "systemctl", "useradd", "usermod"}  # fmt: skip


def workplace(folder: Path) -> Path:
    """The repository's config and articles as a reader has them, but on a free port."""
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    for old, new in {"port: 8000": f"port: {free_port()}", "workers: 2": "workers: 1"}.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return folder


def at_once(document: str) -> list[tuple[str, ...]]:
    """Our commands in a document that do something and end."""
    found = [line.ours for line in OURS if line.document == document and line.program == "aggregator" and line.ours]
    return [words for words in found if words[0] not in LASTING]


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if at_once(name)])
def test_a_reader_can_type_the_commands_one_after_the_other(
    document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workplace(tmp_path))
    said("ingest", "--json")
    listed = json.loads(said("articles", "list", "--json"))
    for words in at_once(document):
        said(*(real(word, listed[0]["id"]) for word in words))


def real(word: str, article_id: str) -> str:
    """What stands for a word on the reader's machine."""
    return {"ID": article_id, "/etc/aggregator/config.yaml": "config.yaml"}.get(word, word)


def said(*words: str) -> str:
    """What a command prints; it has to do well."""
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, f"{words}: {result.output}\n{result.exception!r}"
    return result.stdout


def test_what_lasts_begins_answers_and_ends(tmp_path_factory: pytest.TempPathFactory) -> None:
    """`run`, and beside it `watch` with `serve`, as the documents write them with the most options."""
    lines = {words[0]: words for line in sorted(OURS, key=lambda line: len(line.words)) if (words := line.ours)}
    together, apart = (workplace(tmp_path_factory.mktemp(name)) for name in ("together", "apart"))
    with lasting(lines["run"], together), lasting(lines["watch"], apart), lasting(lines["serve"], apart):
        for folder in (together, apart):
            host = Host(load_config(folder / "config.yaml", {}).server.port)
            eventually(lambda host=host: is_ready(host))
        for line in LINES:
            if line.program == "curl":
                path = line.words[-1].removeprefix("http://127.0.0.1:8000")
                assert host.get(path).status == 200, line


def is_ready(host: Host) -> bool:
    try:
        return host.get("/readyz").status == 200
    except OSError:
        return False


@contextmanager
def lasting(words: Sequence[str], folder: Path) -> Iterator[None]:
    """A command that goes on until it is told to end; then it has to end well."""
    command = [sys.executable, "-m", "aggregator", *words]
    process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
    try:
        yield
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, log
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("line", [*OURS, *(line for line in mentions() if line.ours)], ids=str)
def test_each_command_and_option_is_there(line: Line) -> None:
    words = list(line.ours or ())
    found: click.Command = main
    context = click.Context(main, info_name="aggregator")
    while isinstance(found, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0).rstrip(",;:")
        assert name in found.commands, f"{name} is no command"
        found = found.commands[name]
        context = click.Context(found, context, name)
    known = {option for parameter in found.get_params(context) for option in parameter.opts}
    assert {word.partition("=")[0] for word in words if word.startswith("-")} <= known


@pytest.mark.parametrize("line", [line for line in LINES if line.program != "aggregator"], ids=str)
def test_what_other_commands_name_is_there(line: Line) -> None:
    assert line.program in OTHERS
    for word in line.words:
        if word.startswith(("deploy/", "docs/", "seeds/")) and not word.endswith("/.env"):
            assert (ROOT / word).exists(), word
    if line.program == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in line.words[1:])
    if line.program == "pip":
        assert (ROOT / line.words[line.words.index("--constraint") + 1]).is_file()
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        assert set(re.findall(r"\[(\w+)\]", line.words[-1])) <= set(extras)
    if line.program in ("systemctl", "journalctl") and "aggregator" in line.words:
        assert (ROOT / "deploy" / "aggregator.service").is_file()


def test_the_configs_in_the_documents_are_right(tmp_path: Path) -> None:
    written = (text for file in DOCUMENTS.values() for language, text in blocks(file) if language == "yaml")
    for text in (text for text in written if re.search("^sources:", text, re.MULTILINE)):
        (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
        load_config(tmp_path / "config.yaml", {})
