"""Write the ladders that every desk begins with as rows, and say when open alarms first rang."""

from django.db import migrations
from django.db.models import F

CHANNELS = ["in-app", "email", "push", "chat"]
MINUTE = 60
HOUR = 60 * MINUTE

LADDERS = {
    1: ([("watcher", 0), ("officer", HOUR)], 0, 8 * HOUR),
    2: (
        [("watcher", 0), ("officer", 15 * MINUTE), ("communications", 30 * MINUTE), ("head", 60 * MINUTE)],
        1,
        4 * HOUR,
    ),
    3: (
        [
            ("watcher", 0),
            ("officer", 0),
            ("backup", 5 * MINUTE),
            ("head", 15 * MINUTE),
            ("crisis", 30 * MINUTE),
        ],
        3,
        HOUR,
    ),
    4: (
        [
            ("watcher", 0),
            ("officer", 0),
            ("communications", 0),
            ("head", 0),
            ("crisis", 0),
            ("backup", 5 * MINUTE),
            ("head", 15 * MINUTE),
            ("crisis", 15 * MINUTE),
        ],
        3,
        30 * MINUTE,
    ),
}


def seed(apps, schema_editor):
    Ladder, Escalation = apps.get_model("cases", "Ladder"), apps.get_model("cases", "Escalation")
    for level, (steps, repeats, taken_for_s) in LADDERS.items():
        written = [{"who": who, "after_s": after_s, "channels": CHANNELS} for who, after_s in steps]
        defaults = {"steps": written, "repeats": repeats, "taken_for_s": taken_for_s}
        Ladder.objects.get_or_create(level=level, defaults=defaults)
    Escalation.objects.filter(opened_at=None).update(opened_at=F("raised_at"))


class Migration(migrations.Migration):

    dependencies = [
        ("cases", "0017_alarms_that_are_taken_for_a_while"),
    ]

    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop, elidable=False),
    ]
