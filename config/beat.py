"""Beat on every host: each sweep is sent once in its period, whoever is there to send it."""

from __future__ import annotations

import logging
import socket
from datetime import timedelta
from typing import Any

import redis
from celery.beat import PersistentScheduler, ScheduleEntry

from inference.events import valkey

logger = logging.getLogger("blackbar.beat")
# Less than one, so that a beat whose clock runs a little slow is not passed over each second time.
_SHARE_OF_PERIOD = 0.9
_CLOCK_SET_BACK = timedelta(seconds=2)


class OneOfMany(PersistentScheduler):
    """Sends what is due unless the beat of another host has just sent it."""

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Send what is due; after the clock was set back, nothing waits for it to catch up."""
        for entry in self.schedule.values():
            now = entry.default_now()
            if entry.last_run_at is not None and entry.last_run_at > now + _CLOCK_SET_BACK:
                entry.last_run_at, self._heap = now, None
        return super().tick(*args, **kwargs)

    def apply_async(
        self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any
    ) -> Any:
        """Send an entry's message, or only note that its moment has passed."""
        schedule: Any = entry.schedule
        if is_our_turn(str(entry.name), schedule.run_every.total_seconds()):
            return super().apply_async(entry, producer=producer, advance=advance, **kwargs)
        if advance:
            self.reserve(entry)
        return None


def is_our_turn(name: str, period_seconds: float) -> bool:
    """Take the turn of one entry in Valkey; False if another has taken it within the period.

    A Valkey out of reach would not take the message either: then nobody has the turn.
    """
    keep = max(int(period_seconds * _SHARE_OF_PERIOD * 1000), 1)
    try:
        return bool(valkey().set(f"blackbar:beat:{name}", socket.gethostname(), nx=True, px=keep))
    except redis.RedisError:
        logger.warning("%s not sent, Valkey is out of reach", name)
        return False
