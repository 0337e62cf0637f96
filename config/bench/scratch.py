"""A database to measure in, made for one run and thrown away: nobody's own data is touched."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection

from cases import policy
from cases.models import User
from cases.rules.permissions import Role
from monitoring.models import Query, Source

SCHEME = Path(policy.__file__).parent / "rules" / "schemes" / "vdmmp-1.toml"


@contextmanager
def scratch_database() -> Iterator[None]:
    """Migrate an empty database beside the configured one, use it, and drop it."""
    configured = connection.settings_dict["NAME"]
    with TemporaryDirectory(prefix="weerwoord-bench-") as place:
        name = f"weerwoord_bench_{os.getpid()}"
        if connection.vendor == "sqlite":
            name = str(Path(place) / "bench.sqlite3")
        connection.settings_dict["TEST"]["NAME"] = name
        connection.settings_dict["OPTIONS"].pop("pool", None)  # a pool would keep the scratch one open
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(configured, verbosity=0)


def listening_source(*, now: datetime) -> Source:
    """A published scheme, an officer, a query and a source that is being polled."""
    policy.publish(SCHEME.read_text(encoding="utf-8"), now=now)
    officer = User.objects.create_user("officer", role=Role.OFFICER)
    query = Query.objects.create(
        name="everything",
        terms="brand",
        purpose="measure",
        legal_basis=Query.LegalBasis.PUBLIC_TASK,
        owner=officer,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=1),
        created_at=now,
    )
    source = Source.objects.create(name="bench", connector="x", next_poll_at=now)
    source.queries.add(query)
    return source
