"""Sources that are polled and the queries that say what they are polled for."""

from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from monitoring.connectors.base import SourceConfig
from monitoring.connectors.plain import digest
from monitoring.models.credentials import Credential
from monitoring.sealing import Secrets


class Queries(models.QuerySet["Query"]):
    """Queries as they can be asked for."""

    def listening(self, *, now: datetime) -> "Queries":
        """Those that are listened for now: within their time and, when on a person, approved."""
        may = Q(is_on_person=False) | Q(approved_at__isnull=False)
        return self.filter(may, starts_at__lte=now, ends_at__gt=now)


class Query(models.Model):
    """What the organisation listens for, and why it may.

    Purpose, legal basis, owner and end date are part of the query itself: without them
    listening has no ground in law, and the database refuses the row. One `is_on_person` is not
    listened for before the privacy officer has approved it. `warned_at`: its owner knows that it ends.
    """

    class LegalBasis(models.TextChoices):
        PUBLIC_TASK = "public task"
        LEGITIMATE_INTEREST = "legitimate interest"
        LEGAL_DUTY = "legal duty"
        VITAL_INTEREST = "vital interest"
        CONSENT = "consent"

    name = models.CharField(max_length=100, unique=True)
    terms = models.TextField()
    purpose = models.CharField(max_length=500)
    legal_basis = models.CharField(max_length=30, choices=LegalBasis)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="queries")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True, blank=True)

    is_on_person = models.BooleanField(default=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)

    objects = Queries.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(approved_by__isnull=False, refused_at__isnull=True),
                name="an_approval_has_a_person_behind_it",
            ),
            models.CheckConstraint(condition=~Q(purpose=""), name="a_query_has_a_purpose"),
            models.CheckConstraint(condition=~Q(legal_basis=""), name="a_query_has_a_legal_basis"),
            models.CheckConstraint(condition=~Q(terms=""), name="a_query_has_terms"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="a_query_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def edition(self) -> str:
        """What changes with everything that is decided about the query: a page carries it back."""
        moments = (self.ends_at, self.approved_at, self.refused_at)
        said = [moment.astimezone(UTC).isoformat() if moment else "" for moment in moments]
        said += [str(self.is_on_person), str(self.owner_id)]
        return digest(self.name, self.terms, self.purpose, self.legal_basis, *said)[:16]


class Source(models.Model):
    """One place that is polled, with its due time, its cursor and its health.

    `next_poll_at` is both the due time and the lease: whoever polls moves it ahead first.
    `cursor` belongs to `cursor_key`, a fingerprint of what was asked: other terms start anew.
    `refreshed` says how far its posts were looked up again (`monitoring.ages`); `next_refresh_at`
    is due time and lease of that work. `quota` is what the platform last said is left.
    """

    class Health(models.TextChoices):
        WAITING = "waiting"
        WORKING = "working"
        BEHIND = "behind"
        LIMITED = "limited"
        FAILING = "failing"
        REFUSED = "refused"
        ENDED = "ended"

    name = models.CharField(max_length=100, unique=True)
    connector = models.CharField(max_length=30)
    settings = models.JSONField(default=dict, blank=True)
    queries = models.ManyToManyField(Query, related_name="sources", blank=True)
    is_enabled = models.BooleanField(default=True)
    interval_s = models.PositiveIntegerField(default=300)
    next_poll_at = models.DateTimeField(db_index=True)
    credential = models.ForeignKey(
        Credential, on_delete=models.PROTECT, null=True, blank=True, related_name="sources"
    )
    dollars_per_day = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    units_per_day = models.PositiveIntegerField(null=True, blank=True)

    next_refresh_at = models.DateTimeField(null=True, blank=True, db_index=True)
    refreshed = models.JSONField(default=dict, blank=True)
    quota = models.JSONField(default=dict, blank=True)

    cursor = models.JSONField(default=dict, blank=True)
    cursor_key = models.CharField(max_length=64, blank=True)

    health = models.CharField(max_length=10, choices=Health, default=Health.WAITING)
    last_success_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    error_at = models.DateTimeField(null=True, blank=True)
    n_failures = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(interval_s__gte=1), name="a_source_waits_between_polls"),
        ]

    def __str__(self) -> str:
        return self.name

    def config(self, *, terms: tuple[str, ...] = ()) -> SourceConfig:
        """What the connector may know; `terms` of the queries that are asked now.

        Its secrets are opened when the connector asks for them, and raise CannotOpen there.
        """
        keys = self.credential
        if keys is None:
            return SourceConfig(
                self.pk,
                self.name,
                self.settings,
                terms,
                upload=self._uploaded_bytes(),
                interval_s=self.interval_s,
            )
        return SourceConfig(
            id=self.pk,
            name=self.name,
            settings=self.settings,
            terms=terms,
            secrets=Secrets(keys.open_secrets),
            session=keys.session(),
            keep=keys.keep_session,
            upload=self._uploaded_bytes(),
            interval_s=self.interval_s,
        )

    def _uploaded_bytes(self) -> bytes:
        """The file of an import; nothing for any other source, or once it was read."""
        if self.connector != "import":
            return b""
        content = Upload.objects.filter(source=self).values_list("content", flat=True).first()
        return bytes(content or b"")


class SourceDay(models.Model):
    """What one source asked, brought and cost on one day (in UTC)."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    n_polls = models.PositiveIntegerField(default=0)
    n_failed = models.PositiveIntegerField(default=0)
    n_read = models.PositiveIntegerField(default=0)
    n_new = models.PositiveIntegerField(default=0)
    units = models.PositiveIntegerField(default=0)
    dollars = models.DecimalField(max_digits=10, decimal_places=4, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "day"], name="one_row_per_source_and_day"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} on {self.day}"


class BlindSpell(models.Model):
    """A stretch of time in which a source could not be seen; `until_at` is null while it lasts.

    `is_lost`: the platform does not go back so far, so what was said then is never read.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="blind_spells")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    is_lost = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(until_at__isnull=True), name="one_open_blind_spell_per_source"
            ),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("from_at")),
                name="a_blind_spell_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["source", "-from_at"], name="blind_spells_by_source")]

    def __str__(self) -> str:
        return f"{self.source_id} from {self.from_at:%Y-%m-%d %H:%M}"


class RejectedMention(models.Model):
    """One thing a platform sent that could not be read: kept, so that nothing is hidden.

    `outcome` says what became of it; "" = it still waits for somebody.
    """

    class Outcome(models.TextChoices):
        STORED = "stored"
        DROPPED = "dropped"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="rejected")
    raw = models.TextField()
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["source", "-at"], name="rejected_by_source"),
            models.Index(fields=["-id"], condition=Q(outcome=""), name="rejected_that_wait"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.reason}"


class Upload(models.Model):
    """A file that somebody gave to be read in; its source keeps how far it was read."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="upload")
    filename = models.CharField(max_length=200)
    content = models.BinaryField()
    n_rows = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.filename


class Delivery(models.Model):
    """A signed delivery that was taken in: the same one again is known, and changes nothing."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="deliveries")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "digest"], name="a_delivery_is_taken_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} at {self.at:%Y-%m-%d %H:%M}"
