"""Let calendars with Dutch holidays count Good Friday as a working day.

The library counts it as a public holiday; by the collective agreements of Dutch public bodies it is none.
Due times that were set stay as they are.
"""

from django.db import migrations


def work_on_good_friday(apps, schema_editor):
    calendars = apps.get_model("cases", "Calendar").objects.filter(country="NL", worked_holidays=[])
    calendars.update(worked_holidays=["Good Friday"])


def rest_on_good_friday(apps, schema_editor):
    calendars = apps.get_model("cases", "Calendar").objects.filter(country="NL")
    calendars.update(worked_holidays=[])


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_duty_patterns_and_swaps")]
    operations = [migrations.RunPython(work_on_good_friday, rest_on_good_friday, elidable=True)]
