"""The keys of our accounts, as the database holds them: sealed."""

import json
from collections.abc import Mapping

from django.db import models
from django.db.models import Q

from monitoring.sealing import CannotOpen, seal, unseal


class Credential(models.Model):
    """Keys of one account on one platform: sealed here, opened only for its connector.

    The limit that a platform sets is on the keys, not on one of their sources: while
    `limited_until` lies ahead, or after `refused_at`, none of them is polled. `sealed_session` is a
    sign-in that the connector wants to use again.
    """

    name = models.CharField(max_length=100, unique=True)
    connector = models.CharField(max_length=30)
    sealed = models.TextField()
    sealed_session = models.TextField(blank=True)
    limited_until = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(sealed=""), name="a_credential_holds_something"),
        ]

    def __str__(self) -> str:
        return self.name

    def seal_secrets(self, secrets: Mapping[str, str]) -> str:
        return seal(json.dumps(dict(secrets)), whose=f"credential {self.pk} {self.connector}")

    def open_secrets(self) -> dict[str, str]:
        """The secrets by name. Raises CannotOpen."""
        opened: dict[str, str] = json.loads(
            unseal(self.sealed, whose=f"credential {self.pk} {self.connector}")
        )
        return opened

    def seal_session(self, session: str) -> str:
        return seal(session, whose=f"session {self.pk}") if session else ""

    def session(self) -> str:
        """The sign-in to use again; "" when there is none, or none that opens: a new one is made then."""
        try:
            return unseal(self.sealed_session, whose=f"session {self.pk}") if self.sealed_session else ""
        except CannotOpen:
            return ""

    def keep_session(self, session: str) -> None:
        """Keep a sign-in, unless the keys it was made with are no longer these."""
        same = Credential.objects.filter(pk=self.pk, changed_at=self.changed_at)
        same.update(sealed_session=self.seal_session(session))
