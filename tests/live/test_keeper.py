"""Which looks at a config file change something. No clock and no file: looks are told, one after the other."""

from pathlib import Path

import pytest

from aggregator.config import ConfigProblem, parse_config
from aggregator.live import NEEDS_SERVER, NEEDS_STORE, Keeper, Loaded, Refused, Same, Taken
from aggregator.live.changes import describe
from aggregator.live.keeper import LOOKS, LOOKS_UNFINISHED, Seen, Verdict

FILE = Path("config.yaml")
ONE = "sources:\n  - {title: River, path: river}\n"
TWO = ONE + "  - {title: Hill, path: hill}\n"
WRONG = ONE + "  - {title: Hill, path: hill, evry: 1 hour}\n"
MISSING: Seen = (ConfigProblem(FILE, None, "", None, "does not exist"),)


def keeper(text: str = ONE, environ: dict[str, str] | None = None) -> Keeper:
    config = parse_config(text, FILE, environ or {})
    return Keeper(Loaded(text, config), environ or {}, (*NEEDS_STORE, *NEEDS_SERVER))


def watch(kept: Keeper, *seen: Seen) -> list[Verdict]:
    return [verdict for look in seen if (verdict := kept.see(look))]


def titles(verdict: Verdict | None) -> list[str]:
    assert isinstance(verdict, Taken)
    return [source.title for source in verdict.now.config.sources]


def test_an_edit_counts_when_it_is_seen_twice() -> None:
    kept = keeper()
    assert kept.see(ONE) is None
    assert kept.see(TWO) is None
    assert titles(kept.see(TWO)) == ["River", "Hill"]
    assert watch(kept, TWO, TWO, TWO) == []


def test_half_a_config_is_never_taken_though_it_is_valid() -> None:
    kept = keeper(TWO)
    halves = [TWO[:end] for end in range(len(ONE), len(TWO), 7)]
    assert watch(kept, *halves, TWO, TWO) == []


@pytest.mark.parametrize("unfinished", [TWO.rstrip("\n"), "", MISSING])
def test_what_looks_unfinished_is_looked_at_longer(unfinished: Seen) -> None:
    kept = keeper()
    assert watch(kept, *[unfinished] * (LOOKS_UNFINISHED - 1)) == []
    assert LOOKS_UNFINISHED > LOOKS
    assert kept.see(unfinished) is not None


def test_whoever_asks_for_a_look_knows_that_the_file_is_whole() -> None:
    assert titles(keeper().see(TWO.rstrip("\n"), at_once=True)) == ["River", "Hill"]


def test_of_rapid_edits_the_last_one_counts() -> None:
    kept = keeper()
    three = TWO + "  - {title: Wood, path: wood}\n"
    (verdict,) = watch(kept, TWO, three, TWO, three, three, three)
    assert titles(verdict) == ["River", "Hill", "Wood"]


def test_a_touch_or_a_file_saved_anew_is_no_change() -> None:
    assert watch(keeper(), ONE, MISSING, ONE, ONE, "", ONE, ONE) == []


def test_a_comment_changes_nothing_and_says_so() -> None:
    kept = keeper()
    assert watch(kept, "# mine\n" + ONE, "# mine\n" + ONE) == [Same(mended=False)]


def test_a_broken_edit_is_told_once_and_again_when_it_is_another() -> None:
    kept = keeper()
    (verdict,) = watch(kept, WRONG, WRONG, WRONG, WRONG)
    assert isinstance(verdict, Refused)
    (problem,) = verdict.problems
    assert (problem.line, problem.key) == (3, "sources[1].evry")
    assert watch(kept, WRONG + "# the same problems\n", WRONG + "# the same problems\n") == []
    moved = watch(kept, "# a line above\n" + WRONG, "# a line above\n" + WRONG)
    assert [problem.line for verdict in moved if isinstance(verdict, Refused) for problem in verdict.problems] == [4]


def test_a_broken_edit_that_is_taken_back_is_mended() -> None:
    kept = keeper()
    watch(kept, WRONG, WRONG)
    assert watch(kept, ONE, ONE, ONE) == [Same(mended=True)]
    watch(kept, WRONG, WRONG)
    assert titles(watch(kept, TWO, TWO)[0]) == ["River", "Hill"]
    assert watch(kept, WRONG, WRONG) != []


def test_a_file_that_goes_away_and_comes_back() -> None:
    kept = keeper()
    assert watch(kept, *[MISSING] * 10) == [Refused(MISSING)]  # type: ignore[arg-type]
    assert watch(kept, ONE, ONE) == [Same(mended=True)]


def test_each_edit_is_compared_with_the_one_before() -> None:
    kept = keeper()
    watch(kept, TWO, TWO)
    (verdict,) = watch(kept, ONE, ONE)
    assert isinstance(verdict, Taken)
    assert [source.title for source in verdict.before.sources] == ["River", "Hill"]


def test_what_needs_a_restart_keeps_its_value_and_is_named_with_its_line() -> None:
    kept = keeper()
    text = "store: sqlite:///other.db\nserver:\n  port: 9000\n  workers: 3\n" + TWO
    (verdict,) = watch(kept, text, text)
    assert titles(verdict) == ["River", "Hill"]
    assert isinstance(verdict, Taken)
    config = verdict.now.config
    assert (config.server, config.store) == (verdict.before.server, verdict.before.store)
    assert [str(problem) for problem in verdict.restart] == [
        "config.yaml:1: store: takes effect when the service is started again; until then the store stays the same",
        "config.yaml:3: server.port: takes effect when the service is started again; until then it is 8000",
        "config.yaml:4: server.workers: takes effect when the service is started again; until then they are 2",
    ]
    (again,) = watch(kept, TWO, TWO)
    assert isinstance(again, Taken)
    assert (again.restart, again.now.config) == ((), config)


def test_which_proxies_are_trusted_changes_without_a_restart() -> None:
    kept = keeper()
    text = "server: {port: 9000, trusted_proxies: 10.0.0.1}\n" + ONE
    (verdict,) = watch(kept, text, text)
    assert isinstance(verdict, Taken)
    assert (verdict.now.config.server.port, verdict.now.config.server.trusted_proxies) == (8000, ("10.0.0.1/32",))
    assert describe(verdict.before, verdict.now.config) == "server changed: trusted_proxies"


def test_what_a_command_does_not_use_is_not_named() -> None:
    text = "server: {port: 9000}\n" + ONE
    kept = Keeper(Loaded(ONE, parse_config(ONE, FILE, {})), {}, NEEDS_STORE)
    (verdict,) = watch(kept, text, text)
    assert isinstance(verdict, Taken)
    assert verdict.restart == ()


def test_variables_are_those_of_the_service() -> None:
    kept = keeper(environ={"PLACE": "hill"})
    text = ONE + "  - {title: Hill, path: '${PLACE}'}\n"
    (verdict,) = watch(kept, text, text)
    assert isinstance(verdict, Taken)
    assert verdict.now.config.sources[1].path == "hill"
