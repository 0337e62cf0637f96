"""Watch profiles: thresholds that a lead changes, in the trail, and never over what somebody else changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cases import profiles
from cases.models import User, Watch, WatchProfile
from cases.profiles import subject_of
from cases.rules.profiles import Problem, Profile, ProfileInvalid, Wrong, differences
from cases.services import audit
from cases.services.subjects import hold


class ProfileRefused(Exception):
    """A profile that cannot be saved like this, with every reason."""

    def __init__(self, reasons: Sequence[str], *, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(reasons)
        self.reasons, self.problems = list(reasons), problems

    def __str__(self) -> str:
        return " ".join(self.reasons)


class ProfileChanged(Exception):
    """Somebody changed the profile after it was shown."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return _("“%(name)s” was changed after you opened the page. Nothing was saved; look again.") % {
            "name": self.name
        }


@dataclass(frozen=True, slots=True)
class ProfilePlan:
    """A profile as it is typed: rows of thresholds by key, whole numbers a level (`cases.rules.profiles`)."""

    name: str
    thresholds: Mapping[str, Sequence[Any]]

    def profile(self) -> Profile:
        """Raises ProfileRefused with every row that is wrong."""
        try:
            return Profile.from_json(self.thresholds)
        except ProfileInvalid as invalid:
            reasons = [sentence(problem) for problem in invalid.problems]
            raise ProfileRefused(reasons, problems=invalid.problems) from invalid


def add(plan: ProfilePlan, *, by: User, now: datetime) -> WatchProfile:
    """Another profile, to be chosen for a watch. Raises ProfileRefused."""
    name, profile = _name(plan), plan.profile()
    try:
        with transaction.atomic():
            made = WatchProfile.objects.create(name=name, thresholds=profile.to_json())
            facts = {"name": name, "thresholds": made.thresholds}
            audit.append(subject_of(made.pk), "profile added", by=by, now=now, facts=facts)
    except IntegrityError:
        raise ProfileRefused([_taken(name)]) from None
    profiles.forget()
    return made


def change(
    watch_profile: WatchProfile, plan: ProfilePlan, *, by: User, now: datetime, seen: int | None = None
) -> WatchProfile:
    """Other thresholds, from the next evaluation of every watch that has this profile.

    A level that is up falls in its own time. `seen`: the version on the page. Raises ProfileRefused, and
    ProfileChanged when others were first.
    """
    name, profile = _name(plan), plan.profile()
    before = profiles.read(watch_profile.thresholds)
    try:
        with transaction.atomic():
            wanted = {"name": name, "thresholds": profile.to_json()}
            _swap(watch_profile, seen, **wanted)
            facts = {"name": name, "version": watch_profile.version, "changed": _changed(before, profile)}
            audit.append(subject_of(watch_profile.pk), "profile changed", by=by, now=now, facts=facts)
    except IntegrityError:
        raise ProfileRefused([_taken(name)]) from None
    profiles.forget()
    return watch_profile


def make_default(
    watch_profile: WatchProfile, *, by: User, now: datetime, seen: int | None = None
) -> WatchProfile:
    """Let it count for every watch for which nobody chose another. Raises ProfileRefused, ProfileChanged."""
    with transaction.atomic():
        rows = {row.pk: row for row in WatchProfile.objects.select_for_update().order_by("pk")}
        held = rows.get(watch_profile.pk)
        if held is None or held.version != (seen or watch_profile.version):
            raise ProfileChanged(watch_profile.name)
        if not held.is_active:
            raise ProfileRefused(
                [
                    _("“%(name)s” is out of use. Take it into use again, or choose another one.")
                    % {"name": held.name}
                ]
            )
        was = next((row.name for row in rows.values() if row.is_default), "")
        WatchProfile.objects.filter(is_default=True).update(is_default=False)
        _swap(watch_profile, seen, is_default=True)
        facts = {"name": held.name, "instead of": was}
        audit.append(subject_of(held.pk), "profile made default", by=by, now=now, facts=facts)
    profiles.forget()
    return watch_profile


def retire(watch_profile: WatchProfile, *, by: User, now: datetime, seen: int | None = None) -> WatchProfile:
    """Offer it no longer for other watches; those that have it keep it.

    Raises ProfileRefused for the default one, and ProfileChanged.
    """
    return _switch(watch_profile, is_active=False, by=by, now=now, seen=seen)


def restore(watch_profile: WatchProfile, *, by: User, now: datetime, seen: int | None = None) -> WatchProfile:
    """Offer a retired profile again. Raises ProfileChanged."""
    return _switch(watch_profile, is_active=True, by=by, now=now, seen=seen)


def choose(watch: Watch, watch_profile: WatchProfile | None, *, by: User, now: datetime) -> None:
    """Judge a watch by another profile from now on; None: by the default one. It is judged at once.

    Raises ProfileRefused for a profile that is out of use.
    """
    if watch_profile and not watch_profile.is_active and watch_profile.pk != watch.profile_id:
        raise ProfileRefused(
            [_("“%(name)s” is out of use; choose another profile.") % {"name": watch_profile.name}]
        )
    with transaction.atomic():
        hold(watch.subject, watch.case)
        held = Watch.objects.select_for_update(of=("self",)).select_related("profile").get(pk=watch.pk)
        if held.ended_at:
            raise ProfileRefused([_("This watch has ended, so it needs no profile. Start a new one.")])
        before = str(held.profile or "")
        held.profile, held.evaluate_at = watch_profile, now
        held.save(update_fields=["profile", "evaluate_at"])
        facts = {"watch": watch.pk, "before": before, "after": str(watch_profile or "")}
        audit.append(held.subject.trail, "watch profile chosen", by=by, now=now, facts=facts)
    watch.profile = watch_profile


def sentence(problem: Problem, row: str = "") -> str:
    """What is wrong with one row, why, and what to do; `row` is what the page calls it."""
    limit = problem.limit
    if limit is None:
        return _("“%(key)s” is no threshold that we know. Leave it out.") % {"key": problem.key}
    facts = {
        "row": row or problem.key,
        "n": limit.n,
        "least": f"{limit.least:,}".replace(",", "\u00a0"),
        "most": f"{limit.most:,}".replace(",", "\u00a0"),
    }
    if problem.wrong is Wrong.OUT_OF_BOUNDS:
        text = _("%(row)s: a number lies outside what makes sense. Choose one from %(least)s to %(most)s.")
    elif problem.wrong is Wrong.ORDER:
        text = _("%(row)s: a higher level would ask less than a lower one. Let the numbers rise.")
    else:
        text = _("%(row)s: this needs whole numbers, %(n)d in all. Fill in each of them.")
    return text % facts


def _switch(
    watch_profile: WatchProfile, *, is_active: bool, by: User, now: datetime, seen: int | None
) -> WatchProfile:
    with transaction.atomic():
        held = WatchProfile.objects.select_for_update().get(pk=watch_profile.pk)
        if held.is_default and not is_active:
            raise ProfileRefused([_("The default profile cannot go. Make another one the default first.")])
        _swap(watch_profile, seen, is_active=is_active)
        action = "profile restored" if is_active else "profile retired"
        audit.append(subject_of(held.pk), action, by=by, now=now, facts={"name": held.name})
    profiles.forget()
    return watch_profile


def _swap(watch_profile: WatchProfile, seen: int | None, **wanted: Any) -> None:
    """Compare-and-swap on the version. Raises ProfileChanged."""
    version = seen or watch_profile.version
    found = WatchProfile.objects.filter(pk=watch_profile.pk, version=version)
    if not found.update(**wanted, version=version + 1):
        raise ProfileChanged(watch_profile.name)
    watch_profile.refresh_from_db()


def _name(plan: ProfilePlan) -> str:
    name = " ".join(plan.name.split())
    if not name:
        raise ProfileRefused([_("A profile needs a name, so that it can be chosen. Give it one.")])
    return name[:60]


def _taken(name: str) -> str:
    return _("There is a profile called “%(name)s” already; choose another name.") % {"name": name}


def _changed(before: Profile, after: Profile) -> dict[str, Any]:
    return {
        each.limit.key: {"before": list(each.before), "after": list(each.after)}
        for each in differences(before, after)
    }
