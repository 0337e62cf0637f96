"""What was done with an exercise: a sentence each."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

Facts = Mapping[str, Any]

SENTENCES: Mapping[str, Callable[[Facts], str]] = {
    "exercise made": lambda facts: _("The exercise was made."),
    "exercise played": lambda facts: _("%(who)s set the story going.") % facts,
    "exercise paused": lambda facts: _("%(who)s held the story.") % facts,
    "exercise speed set": lambda facts: (
        _("%(who)s let the story run %(speed)s times as fast.") % {**facts, "speed": f"{facts['speed']:g}"}
    ),
    "exercise ended": lambda facts: _("%(who)s ended the exercise.") % facts,
    "inject added": lambda facts: _("%(who)s let something happen.") % facts,
    "inject settled": lambda facts: _("%(who)s dealt with something that happened.") % facts,
}
