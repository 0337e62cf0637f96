"""Watch profiles and cue words in every state that their pages look different in."""

from datetime import datetime

from cases.models import Case, WatchProfile
from cases.rules.cues import CueKind
from cases.rules.profiles import Profile, shipped
from cases.services import cues, profiles
from cases.services.cues import CuePlan
from cases.services.profiles import ProfilePlan
from tests.world import Desk, mention


def every_watch_rule(desk: Desk, now: datetime) -> list[str]:
    """The pages of a desk that changed, retired and chose profiles, and made the cue list its own."""
    lead = desk.lead
    for name, profile in shipped().items():
        WatchProfile.objects.get_or_create(
            name=name, defaults={"thresholds": profile.to_json(), "is_default": name == "normal"}
        )
    normal, calm = (WatchProfile.objects.get(name=name) for name in ("normal", "calm"))
    storm = profiles.add(ProfilePlan("Storm", Profile().to_json()), by=lead, now=now)
    sooner = ProfilePlan("normal", Profile().to_json() | {"replies": [5, 25, 60]})
    profiles.change(normal, sooner, by=lead, now=now)
    profiles.change(storm, ProfilePlan("Stormen", Profile().to_json()), by=lead, now=now)
    profiles.make_default(storm, by=lead, now=now)
    profiles.make_default(normal, by=lead, now=now)
    profiles.retire(calm, by=lead, now=now)
    profiles.retire(storm, by=lead, now=now)
    profiles.restore(storm, by=lead, now=now)
    texts = ("Wat een schande", "Al drie uur stroomloos", "Nooit meer daarheen")
    said = desk.hear(*(mention(f"c{n}", text, at=now) for n, text in enumerate(texts)))
    Case.objects.filter(pk=said[1].pk).update(category="dissatisfied")
    cues.add(CuePlan(CueKind.THREAT, "met de heggenschaar langs", "nl"), by=lead, now=now)
    cues.switch(CueKind.COMPLAINT, "schande", on=False, by=lead, now=now)
    cues.switch(CueKind.COMPLAINT, "schande", on=True, by=lead, now=now)
    cues.switch(CueKind.INSULT, "lul", on=False, by=lead, now=now)
    return [
        "/watching/profiles/",
        "/watching/profiles/new/",
        f"/watching/profiles/{normal.pk}/",
        f"/watching/profiles/{calm.pk}/",
        "/watching/cues/",
        "/watching/cues/?kind=insult",
    ]
