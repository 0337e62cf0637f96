"""Who is meant when an alarm goes to "the officers": people as they are now, never a snapshot."""

from cases.models import Escalation, User
from cases.rules.permissions import Role


def people_for(escalation: Escalation, who: str) -> list[User]:
    """The people a step of the ladder means, and who can be reached."""
    if who == "watcher":
        watcher = escalation.watch.watcher if escalation.watch else None
        return [watcher] if watcher and watcher.is_active else []
    role = Role.OFFICER if who == "officers" else Role.LEAD
    return list(User.objects.filter(is_active=True, role=role).order_by("pk"))
