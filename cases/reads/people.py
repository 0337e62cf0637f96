"""Who is at the desk."""

from django.core.exceptions import PermissionDenied

from cases.models import User
from cases.rules.permissions import MAY, Need


def officer_of(signed_in: object) -> User:
    """The member of staff behind a request. Raises PermissionDenied for nobody."""
    if not isinstance(signed_in, User):
        raise PermissionDenied
    return signed_in


def who_may(need: Need) -> list[User]:
    """Everybody whose role allows something, by name."""
    able = User.objects.filter(is_active=True, role__in=MAY[need])
    return list(able.order_by("first_name", "last_name", "username"))


def one_of(people: list[User], user_id: int | None) -> User | None:
    """The person with this number among those allowed."""
    return next((person for person in people if person.pk == user_id), None)
