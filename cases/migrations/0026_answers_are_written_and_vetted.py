"""Tell who wrote an answer to a claim from who vetted it; a new version can wait beside the one in force."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0025_exercises"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="vettedanswer",
            name="one_answer_per_claim_language_and_channel",
        ),
        migrations.AddField(
            model_name="vettedanswer",
            name="solo_reason",
            field=models.CharField(blank=True, db_default="", max_length=500),
        ),
        migrations.AddField(
            model_name="vettedanswer",
            name="written_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="vettedanswer",
            name="written_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="vettedanswer",
            name="vetted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="vettedanswer",
            name="vetted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="vettedanswer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("vetted_at__isnull", False), ("withdrawn_at__isnull", True)),
                fields=("claim", "language", "channel"),
                name="one_vetted_answer_per_claim_language_and_channel",
            ),
        ),
    ]
