"""When a folder is scanned: APScheduler's triggers, as the sources that share the folder ask for them."""

import random
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from .config import SourceConfig

JITTER = 0.1  # of the interval: sources with one interval do not all start at once
MAX_JITTER = timedelta(seconds=30)
CLOCK_LOOK = 1.0  # seconds between looks at the clock
CLOCK_SLACK = MAX_JITTER + timedelta(seconds=2)  # by which a plan may be behind what would be planned now


def trigger(sources: list[SourceConfig]) -> BaseTrigger:
    """When a folder is scanned: whenever one of its sources asks for it."""
    wanted = {(source.cron, source.timezone) if source.cron else source.every: source for source in sources}
    triggers = [found for source in wanted.values() for found in _own(source)]
    return triggers[0] if len(triggers) == 1 else OrTrigger(triggers)


def plan_after_jump(trigger: BaseTrigger, planned: datetime | None, now: datetime) -> datetime | None:
    """When to run instead, where the clock was set back behind what was planned; None where the plan holds."""
    soonest: datetime | None = trigger.get_next_fire_time(None, now)
    if planned is None or soonest is None or planned <= soonest + CLOCK_SLACK:
        return None
    return soonest


def _own(source: SourceConfig) -> list[BaseTrigger]:
    if source.crontab:
        times = source.crontab.alternatives()
        return [Coming(CronTrigger(**fields, timezone=source.tzinfo)) for fields in times]
    jitter = min(source.every * JITTER, MAX_JITTER)
    seconds = source.every.total_seconds()
    return [Every(seconds=seconds, jitter=int(jitter.total_seconds()), timezone=UTC)]


class Every(IntervalTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Again and again, counted from the last time, however the clock jumps."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """APScheduler's question. What was missed in the meantime is not counted one by one."""
        following: datetime = (previous or now) + self.interval
        if not now < following <= now + self.interval:
            following = now + self.interval
        return following + timedelta(seconds=random.uniform(0, self.jitter or 0))  # noqa: S311


class Coming(BaseTrigger):  # type: ignore[misc]
    """The times of another trigger, but of those that were missed only the first."""

    def __init__(self, trigger: BaseTrigger) -> None:
        self._trigger = trigger

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """APScheduler's question."""
        found: datetime | None = self._trigger.get_next_fire_time(previous, now)
        late = found is not None and found <= now
        return self._trigger.get_next_fire_time(None, now) if late else found
