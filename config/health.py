"""/healthz: this process answers. /readyz: all that the work needs is there, and how old its pulse is."""

from collections.abc import Callable
from datetime import datetime

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cases.pulse import pulse
from config.broker import BrokerEvicts, client, heartbeat_age_s, refuse_eviction

PULSES = ("beat", "core", "poll")
_all_applied = False


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The web process answers; it says nothing about the rest, or a busy broker would restart the web."""
    return JsonResponse({"ok": True})


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, migrations, broker, beat and workers are all well, 503 with what is not."""
    checks = readiness(now=timezone.now())
    ok = all(check["ok"] for check in checks.values())
    return JsonResponse({"ok": ok, "checks": checks}, status=200 if ok else 503)


def readiness(*, now: datetime) -> dict[str, dict[str, object]]:
    """Every check with `ok` and a reason without addresses, names or secrets."""
    checks = {
        "database": _checked(_ask_database),
        "migrations": _checked(_ask_migrations),
        "alarms": _alarms(now=now),
    }
    try:
        broker = client()
        refuse_eviction(broker)
        ages = {name: heartbeat_age_s(broker, name, now=now) for name in PULSES}
    except (redis.RedisError, BrokerEvicts) as error:
        reason = str(error) if isinstance(error, BrokerEvicts) else type(error).__name__
        checks["broker"] = {"ok": False, "reason": reason}
        ages = dict.fromkeys(PULSES)
    else:
        checks["broker"] = {"ok": True}
    for name, age in ages.items():
        checks[name] = {
            "ok": age is not None and age <= settings.HEARTBEAT_MAX_AGE_S,
            "age_s": None if age is None else round(age, 1),
        }
    return checks


def _alarms(*, now: datetime) -> dict[str, object]:
    """Whether a test alarm came through all of the chain, and how long ago."""
    try:
        found = pulse(now=now)
    except DatabaseError as error:
        return {"ok": False, "reason": type(error).__name__}
    return {"ok": found.is_well, "age_s": found.age_s}


def _checked(ask: Callable[[], str]) -> dict[str, object]:
    try:
        reason = ask()
    except DatabaseError as error:
        reason = type(error).__name__
    return {"ok": not reason, **({"reason": reason} if reason else {})}


def _ask_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _ask_migrations() -> str:
    """Empty when all migrations are applied; asked once, as a running process gets no new ones."""
    global _all_applied
    if not _all_applied:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return f"{len(missing)} migrations are not applied: run manage.py migrate"
        _all_applied = True
    return ""
