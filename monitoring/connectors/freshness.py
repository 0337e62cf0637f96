"""How long an answer stays fresh, by its HTTP headers and by what a feed says of itself. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

AT_MOST = timedelta(hours=1)  # many a feed says "a day" and has news within the hour
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def fresh_for(headers: Mapping[str, str], feed_s: int) -> timedelta:
    """The longest that either side asks us to wait, an hour at most; `feed_s` is what the feed says."""
    return min(max(_by_headers(headers), timedelta(seconds=feed_s)), AT_MOST)


def own_pace_s(feed: Mapping[str, Any]) -> int:
    """The seconds between two looks that a feed asks for itself (`ttl`, `sy:updatePeriod`); else 0."""
    ttl = str(feed.get("ttl", "")).strip()
    if ttl.isascii() and ttl.isdigit():
        return min(int(ttl[:9]) * 60, 86_400)
    period = _PERIODS.get(str(feed.get("sy_updateperiod", "")).strip().lower(), 0)
    times = str(feed.get("sy_updatefrequency", "")).strip()
    n_times = int(times[:9]) if times.isascii() and times.isdigit() else 1
    return min(period // max(n_times, 1), 86_400)


def _by_headers(headers: Mapping[str, str]) -> timedelta:
    """By Cache-Control, less the time the answer spent in a cache; else by Expires."""
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return timedelta(0)
    if found := re.search(r"max-age\s*=\s*\"?(\d{1,9})", control):
        age = headers.get("age", "").strip()
        spent = int(age[:9]) if age.isascii() and age.isdigit() else 0
        return timedelta(seconds=max(int(found[1]) - spent, 0))
    expires, date = _moment(headers.get("expires", "")), _moment(headers.get("date", ""))
    return max(expires - date, timedelta(0)) if expires and date else timedelta(0)


def _moment(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
