"""What the torture takes off a wait: the time for which other programs had the processors, and nothing else."""

import pytest

from torture.pace import own


@pytest.mark.parametrize(
    ("case", "seconds", "spent", "wanted"),
    [
        ("a machine that does nothing else", 2.0, [(1.5, 0.0), (0.5, 0.0)], 2.0),
        ("a tenth of a processor", 10.0, [(1.0, 9.0)], 1.0),
        ("threads that are late at the same time", 10.0, [(2.0, 18.0)], 1.0),
        ("a lock that nobody lets go of", 10.0, [(0.0, 0.0)], 10.0),
        ("the same, while others have the processors", 10.0, [(0.1, 0.9), (0.0, 0.1)], 9.1),
        ("one worker that waits, one that is late", 10.0, [(5.0, 0.0), (1.0, 2.0)], 8.0),
        ("a process that ended", 3.0, [(-1.0, -2.0)], 3.0),
    ],
)
def test_only_others_are_taken_off(
    case: str, seconds: float, spent: list[tuple[float, float]], wanted: float
) -> None:
    assert own(seconds, spent) == pytest.approx(wanted), case
