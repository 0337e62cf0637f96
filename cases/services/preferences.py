"""How somebody wants to work: language, and which single keys do what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import SchemeVersion, User
from cases.policy import scheme_from
from cases.rules import keys
from cases.rules.scheme import Scheme, SchemeInvalid
from cases.services import audit


class PreferenceRefused(Exception):
    """A preference that cannot be, in one sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class Preferences:
    """`keys`: only those that were chosen otherwise, action → key."""

    language: str
    has_single_keys: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)


def prefer(user: User, wanted: Preferences, *, now: datetime) -> None:
    """Keep what somebody prefers. Raises PreferenceRefused for a key that is in use or is none."""
    if wanted.language not in dict(settings.LANGUAGES):
        raise PreferenceRefused(_("Choose one of the languages that are offered."))
    scheme = current_scheme()
    known = keys.actions(scheme)
    chosen = {action: key.strip().lower() for action, key in wanted.keys.items() if key.strip()}
    if fault := keys.fault(chosen, scheme):
        raise PreferenceRefused(_sentence(*fault))
    kept = {action: key for action, key in chosen.items() if key != known[action]}
    with transaction.atomic():
        held = User.objects.select_for_update().get(pk=user.pk)
        held.language, held.has_single_keys, held.keys = wanted.language, wanted.has_single_keys, kept
        held.save(update_fields=["language", "has_single_keys", "keys"])
        facts = {"language": wanted.language, "single keys": wanted.has_single_keys, "keys": kept}
        audit.append(f"user:{user.pk}", "preferences changed", by=user, now=now, facts=facts)
    user.language, user.has_single_keys, user.keys = wanted.language, wanted.has_single_keys, kept


def current_scheme() -> Scheme | None:
    """The scheme of new cases, whose exits have keys; None when there is none that can be read."""
    version = SchemeVersion.objects.filter(is_current=True).first()
    try:
        return scheme_from(version) if version else None
    except SchemeInvalid:
        return None


def _sentence(why: str, action: str, other: str) -> str:
    names = {"action": action, "other": other}
    if why == "taken":
        return (
            _("Two actions would have one key: “%(action)s” and “%(other)s”. Choose another key for one.")
            % names
        )
    if why == "reserved":
        return (
            _("The key “%(other)s” answers a question of the scheme; choose another for “%(action)s”.")
            % names
        )
    if why == "one":
        return _("“%(other)s” is not one key; type one letter or sign for “%(action)s”.") % names
    return _("There is no action “%(action)s” to choose a key for.") % names


def pressed(user: User) -> dict[str, str]:
    """The key that this person presses → the key whose work it does. Nobody else's page asks the scheme."""
    return keys.translation(user.keys, current_scheme()) if user.keys else {}
