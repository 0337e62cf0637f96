"""Remember of a case when the duty leads were told that it is overdue, so that none is told of twice or never."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_remember_who_wrote")]

    operations = [
        migrations.AddField("case", "overdue_told_at", models.DateTimeField(blank=True, null=True)),
    ]
