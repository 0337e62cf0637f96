"""Who is meant when an alarm goes to "the officers": people as they are now, never a snapshot."""

from cases.models import Escalation, User
from cases.rules.permissions import Role


def people_for(escalation: Escalation, who: str) -> list[User]:
    """The people a step of the ladder means, and who can be reached."""
    active = User.objects.filter(is_active=True).order_by("pk")
    if who == "watcher":
        return list(active.filter(pk=escalation.watch.watcher_id)) if escalation.watch else []
    return list(active.filter(role=Role.OFFICER if who == "officers" else Role.LEAD))
