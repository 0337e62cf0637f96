"""Give every installation the three shipped watch profiles; the normal one counts where none is chosen."""

import tomllib
from pathlib import Path

from django.db import migrations

SHIPPED = Path(__file__).parents[1] / "rules" / "profiles.toml"
DEFAULT = "normal"


def seed(apps, schema_editor):
    WatchProfile = apps.get_model("cases", "WatchProfile")
    for name, thresholds in tomllib.loads(SHIPPED.read_text(encoding="utf-8")).items():
        WatchProfile.objects.get_or_create(name=name, defaults={"thresholds": thresholds})
    if not WatchProfile.objects.filter(is_default=True).exists():
        WatchProfile.objects.filter(name=DEFAULT).update(is_default=True)


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_cue_phrases")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop, elidable=False)]
