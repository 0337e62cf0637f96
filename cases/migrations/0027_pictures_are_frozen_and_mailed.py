"""Keep the way of signed pictures to their readers, and let the database refuse to change a picture."""

import django.db.models.deletion
from django.db import migrations, models

MADE = ("situation_id", "n", "cutoff_at", "made_at", "content")
SIGNED = ("information", "meaning", "damage", "revision", "signed_by_id", "signed_at", "digest")

SQLITE = (
    """
    CREATE TRIGGER cases_picture_is_frozen BEFORE UPDATE ON cases_picture WHEN {changed}
    BEGIN SELECT RAISE(ABORT, 'a picture is frozen'); END
    """,
    """
    CREATE TRIGGER cases_picture_stays BEFORE DELETE ON cases_picture WHEN OLD.signed_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a signed picture stays'); END
    """,
)
POSTGRESQL = (
    """
    CREATE FUNCTION cases_picture_is_frozen() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'a picture is frozen'; END $$
    """,
    """
    CREATE TRIGGER cases_picture_is_frozen BEFORE UPDATE ON cases_picture
    FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION cases_picture_is_frozen()
    """,
    """
    CREATE TRIGGER cases_picture_stays BEFORE DELETE ON cases_picture
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION cases_picture_is_frozen()
    """,
)


def freeze(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    differs = "IS DISTINCT FROM" if is_postgresql else "IS NOT"
    made, signed = (
        " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in columns)
        for columns in (MADE, SIGNED)
    )
    changed = f"{made} OR (OLD.signed_at IS NOT NULL AND ({signed}))"
    for statement in POSTGRESQL if is_postgresql else SQLITE:
        schema_editor.execute(statement.format(changed=changed))


def thaw(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    on = " ON cases_picture" if is_postgresql else ""
    for name in ("cases_picture_is_frozen", "cases_picture_stays"):
        schema_editor.execute(f"DROP TRIGGER {name}{on}")
    if is_postgresql:
        schema_editor.execute("DROP FUNCTION cases_picture_is_frozen()")


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0026_answers_are_written_and_vetted"),
    ]

    operations = [
        migrations.CreateModel(
            name="PictureMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=100)),
                ("email", models.EmailField(max_length=254)),
                ("key", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                ("n_attempts", models.PositiveIntegerField(default=0)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.CharField(blank=True, max_length=500)),
                (
                    "picture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mails", to="cases.picture"
                    ),
                ),
            ],
            options={
                "ordering": ["email"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_at__isnull", False)),
                        fields=["next_at"],
                        name="picture_mails_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("picture", "email"), name="a_picture_goes_to_an_address_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sent_at__isnull", True), ("next_at__isnull", True), _connector="OR"
                        ),
                        name="a_mail_that_left_is_not_due",
                    ),
                ],
            },
        ),
        migrations.RunPython(freeze, thaw),
    ]
