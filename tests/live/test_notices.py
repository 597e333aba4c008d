"""What is told to operators of a config that is followed, and a store that does not listen."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from aggregator.live import LiveConfig, Loaded, load
from tests.watcher.waiting import eventually

ONE = "sources:\n  - {title: River, path: river}\n"
WRONG = "sources:\n  - {title: River, path: river, evry: 1 hour}\n"


class Service:
    """A service that notes what it is to do; it may fail."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.notices: dict[str, Sequence[str]] = {"config config.yaml": ["from the last run"]}
        self.in_force: list[Loaded] = []
        self.deaf = False
        self.live = LiveConfig("run", load(file, {}), {}, ["server.port"], self.put_in_force, self.tell)

    def put_in_force(self, loaded: Loaded) -> None:
        self.in_force.append(loaded)
        if loaded.config.site.title == "Bug":
            raise RuntimeError("a bug")

    def tell(self, place: str, messages: Sequence[str]) -> None:
        if self.deaf:
            raise OSError("the database does not answer")
        self.notices[place] = messages

    def save(self, text: str) -> None:
        self.file.write_text(text)
        self.live.look_now()

    def told(self) -> list[str]:
        return [message for messages in self.notices.values() for message in messages]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    (tmp_path / "config.yaml").write_text(ONE)
    made = Service(tmp_path / "config.yaml")
    made.live.start()
    yield made
    made.live.stop()
    assert made.told() == []  # of a service that has ended there is nothing to say


def test_a_start_clears_what_was_left_over(service: Service) -> None:
    assert service.told() == []


def test_problems_are_told_until_they_are_mended(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    service.save(WRONG)
    wrong = f'{service.file}:2: sources[0].evry: is not an option; did you mean "every"?'
    eventually(lambda: service.notices["config config.yaml"] == (wrong,))
    assert caplog.messages[-1] == service.told()[0]
    service.save(ONE)
    eventually(lambda: service.told() == [])
    assert service.in_force == []


def test_what_awaits_a_restart_outlasts_a_broken_edit(service: Service) -> None:
    service.save("server: {port: 9000}\n" + ONE)
    eventually(lambda: "until then it is 8000" in "".join(service.notices.get("aggregator run", ())))
    assert service.in_force == []  # nothing else has changed
    service.save("server: {port: 9000}\n" + WRONG)
    eventually(lambda: len(service.told()) == 2)
    service.save(ONE)
    eventually(lambda: service.told() == [])


def test_a_failure_to_put_a_config_in_force_does_not_end_the_following(service: Service) -> None:
    service.save("site: {title: Bug}\n" + ONE)
    eventually(lambda: len(service.in_force) == 1)
    service.save("site: {title: Fine}\n" + ONE)
    eventually(lambda: len(service.in_force) == 2)


def test_a_store_that_does_not_answer_is_told_later(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.live.service.RETRY_LOOKS", 1)
    service.deaf = True
    service.save(WRONG)
    wanted: Callable[[], bool] = lambda: len(service.told()) == 1  # noqa: E731
    with pytest.raises(AssertionError):
        eventually(wanted, seconds=0.3)
    service.deaf = False
    eventually(wanted)


def test_what_is_mended_before_the_store_answers_is_never_told(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    service.deaf = True
    service.save(WRONG)
    eventually(lambda: "evry" in caplog.text)
    service.save(ONE)
    eventually(lambda: "is good again" in caplog.text)
    service.deaf = False
    monkeypatch.setattr("aggregator.live.service.RETRY_LOOKS", 1)
    service.save("site: {title: Later}\n" + ONE)
    eventually(lambda: len(service.in_force) == 1)
    assert service.told() == []


def test_the_last_of_many_edits_wins(service: Service) -> None:
    for number in range(20):
        service.save(f"site: {{title: Edit {number}}}\n" + ONE)
    eventually(lambda: bool(service.in_force) and service.in_force[-1].config.site.title == "Edit 19")
