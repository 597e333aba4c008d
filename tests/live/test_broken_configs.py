"""What is said of broken configs: each `broken/NAME.yaml`, saved as config.yaml, gives the lines of its NAME.txt."""

from pathlib import Path

import pytest

from aggregator.errors import ConfigError
from aggregator.live import load

CASES = Path(__file__).parent / "broken"


@pytest.mark.parametrize("name", sorted(file.stem for file in CASES.glob("*.yaml")))
def test_every_problem_has_its_line_and_its_remedy(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update_golden: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_bytes((CASES / f"{name}.yaml").read_bytes())
    with pytest.raises(ConfigError) as caught:
        load(Path("config.yaml"), {})
    golden = CASES / f"{name}.txt"
    if update_golden:
        golden.write_text(f"{caught.value}\n", encoding="utf-8")
    assert f"{caught.value}\n" == golden.read_text(encoding="utf-8")


def test_no_case_is_left_over() -> None:
    assert {file.stem for file in CASES.glob("*.yaml")} == {file.stem for file in CASES.glob("*.txt")}
