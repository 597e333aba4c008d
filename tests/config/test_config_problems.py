"""Broken configs: each `cases/NAME.yaml` gives exactly the problems of `cases/NAME.txt`."""

from pathlib import Path

import pytest

from aggregator.config import ConfigProblem, load_config
from aggregator.errors import ConfigError

CASES = Path(__file__).parent / "cases"
ENVIRON = {"DB_PASSWORD": "hunter2/zh_CN", "DATA": "/srv/articles", "EMPTY": ""}
PYDANTIC = ("Input should", "validation error", "pydantic", "Value error", "type=", "valid string", "Field required")


def problems_of(file: Path) -> tuple[ConfigProblem, ...]:
    with pytest.raises(ConfigError) as caught:
        load_config(file, ENVIRON)
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return caught.value.problems  # type: ignore[return-value]


@pytest.mark.parametrize("name", sorted(file.stem for file in CASES.glob("*.yaml")))
def test_case(name: str, monkeypatch: pytest.MonkeyPatch, update_golden: bool) -> None:
    monkeypatch.chdir(CASES)
    text = "".join(f"{problem}\n" for problem in problems_of(Path(f"{name}.yaml")))
    golden = CASES / f"{name}.txt"
    if update_golden:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(file.stem for file in CASES.glob("*.yaml")))
def test_every_problem_is_fit_to_be_read(name: str) -> None:
    for problem in problems_of(CASES / f"{name}.yaml"):
        text = str(problem)
        assert text.isprintable()
        assert not any(word in text for word in PYDANTIC)
        assert ENVIRON["DB_PASSWORD"] not in text
        assert "hunter2" not in text
        assert "secret" not in text.replace("secrets.yaml", "")
        assert len(problem.message) > 15


def test_the_parts_of_a_problem() -> None:
    problem = problems_of(CASES / "numbers.yaml")[0]
    assert problem == ConfigProblem(
        file=CASES / "numbers.yaml",
        line=1,
        key="server.port",
        value="80000",
        message="is too large; the most is 65535",
    )


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"site: {{language: {'x' * 1000}}}\nsources: [{{title: A, path: a}}]\n")
    (problem,) = problems_of(file)
    assert problem.value == "x" * 1000
    assert f'"{"x" * 79}…"' in str(problem)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path / "nowhere.yaml")
    assert (
        str(problem) == f"{tmp_path}/nowhere.yaml: does not exist; `aggregator init DIR` writes one, "
        "or name another with --config or AGGREGATOR_CONFIG"
    )


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path)
    assert str(problem) == f"{tmp_path}: is a folder; name the config file in it"


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (problem,) = problems_of(tmp_path / "file" / "config.yaml")
    assert problem.message == "cannot be read (Not a directory); name another with --config"


def test_an_impossible_file_name() -> None:
    (problem,) = problems_of(Path("a\0b"))
    assert (
        str(problem) == r"a\u0000b: cannot be read (its name is not one a file can have); name another with --config"
    )


def test_an_endless_file() -> None:
    (problem,) = problems_of(Path("/dev/zero"))
    assert problem.message == "is larger than 16 MiB; name a config file"


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.yaml"
    file.touch()

    def refuse(*args: object) -> None:  # root, who may run the tests, can read everything
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    (problem,) = problems_of(file)
    assert problem.message == "may not be read by this user; change its permissions"
