"""Signed environment pictures on their way to the addresses that get them."""

from django.db import models
from django.db.models import Q

from cases.models.situation import Picture


class PictureMail(models.Model):
    """One signed picture to one address: its own outbox row, written once, tried until it left.

    `key` is the same at every try, so that a mail program knows a repeat. `next_at` is due time and lease;
    None: it left, or nobody tries any more (`error` says why).
    """

    picture = models.ForeignKey(Picture, on_delete=models.PROTECT, related_name="mails")
    name = models.CharField(max_length=100, blank=True)
    email = models.EmailField()
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    n_attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["picture", "email"], name="a_picture_goes_to_an_address_once"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(next_at__isnull=True),
                name="a_mail_that_left_is_not_due",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="picture_mails_due"),
        ]
        ordering = ["email"]

    def __str__(self) -> str:
        return f"picture {self.picture_id} to {self.email}"
