"""Cue words as this organisation wants them: phrases added, and shipped ones switched off."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.rules.cues import CueKind

KINDS = [(kind.value, kind.value) for kind in CueKind]


class CuePhrase(models.Model):
    """One phrase beside the shipped list (`cases/rules/cues.toml`), or a shipped one that is switched off.

    A row goes before the shipped phrase of its kind. `version` counts its changes.
    """

    kind = models.CharField(max_length=20, choices=KINDS)
    language = models.CharField(max_length=10, blank=True)
    phrase = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "phrase"], name="a_cue_phrase_stands_once_in_its_kind"),
            models.CheckConstraint(condition=~Q(phrase=""), name="a_cue_phrase_has_words"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.phrase}"
