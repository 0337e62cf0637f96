"""The words officers read for states, roles, platforms and categories: labels live here, not in the rules."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.sheet.names import PLATFORMS as PLATFORMS
from cases.sheet.names import Words as Words
from cases.sheet.names import word as word
from monitoring.queries.language import Fault

STATES: Words = {
    "new": pgettext_lazy("state", "new"),
    "assessed": pgettext_lazy("state", "judged"),
    "drafting": pgettext_lazy("state", "writing a reply"),
    "approval": pgettext_lazy("state", "waiting for approval"),
    "sending": pgettext_lazy("state", "being sent"),
    "responded": pgettext_lazy("state", "answered"),
    "watching": pgettext_lazy("state", "watched"),
    "comms": pgettext_lazy("state", "with communications"),
    "closed": pgettext_lazy("state", "closed"),
    "dismissed": pgettext_lazy("state", "not about us"),
    "merged": pgettext_lazy("state", "merged"),
}
ROLES: Words = {
    "employee": _("Front line"),
    "watcher": _("Watcher"),
    "officer": _("Communications officer"),
    "lead": _("Head of communications"),
    "analyst": _("Analyst"),
    "administrator": _("Administrator"),
    "privacy": _("Privacy officer"),
    "board": _("Board"),
}
INJECTS: Words = {
    "phone call": _("Phone call"),
    "e-mail": _("E-mail"),
    "report": _("Report"),
    "illness": _("A colleague falls ill"),
    "other": _("Something else"),
}
CATEGORIES: Words = {
    "positive": _("Positive"),
    "dissatisfied": _("Dissatisfied"),
    "joke": _("Joke or satire"),
    "untruth": _("Untruth or rumour"),
    "insult": _("Insult"),
    "outside": _("Outside the scheme"),
    "unjudged": _("Not judged yet"),
    "not_relevant": _("Not relevant"),
    "neutral": _("Information"),
    "question": _("Question"),
    "rumour": _("Rumour passed on"),
    "danger": _("Danger to life"),
}
SECTIONS: Words = {
    "mine": _("Mine"),
    "new": _("To judge"),
    "urgent": _("Urgent"),
    "overdue": _("Overdue"),
    "watched": _("Watched cases"),
    "worse": _("Getting worse"),
    "promised": _("Promised in this shift"),
    "approvals": _("Waiting for approval"),
    "reviews": _("Released alone, to be reviewed"),
    "alarms": _("Alarms"),
    "snoozed": _("Snoozed, back in this shift"),
}
ANSWERED = ("positive", "dissatisfied", "joke", "untruth", "insult")
"""The categories of the scheme: a mandate names some of them, or all."""
WAYS_OF_ANSWERING: Words = {"reply_public": _("a public reply"), "reply_direct": _("a direct message")}
WHO_READS: Words = {"public": _("everybody"), "direct": _("only the author of the post")}
LEVELS: Mapping[int, Promise] = {
    0: _("Calm"),
    1: _("Attention"),
    2: _("Gets worse"),
    3: _("Serious"),
    4: _("Crisis"),
}
WATCH_STATES: Words = {
    "worsened": _("Gets worse"),
    "acknowledged": _("Alarm taken"),
    "rising": _("Rising"),
    "blind": _("Cannot be seen"),
    "due": _("Check overdue"),
    "paused": _("Alarms paused"),
    "active": _("Steady"),
}
MEDIUMS: Words = {
    "public reply": _("public reply"),
    "direct message": _("direct message"),
    "phone": _("phone"),
    "own channel": _("own channel"),
    "press": _("press"),
    "in person": _("in person"),
    "message": _("message to many"),
}
APPROACHES: Words = {
    "reply": _("We answer"),
    "watch": _("We only keep watch"),
    "no reply": _("We do not answer"),
    "handed over": _("Somebody else takes it over"),
    "used in own communication": _("We use it in our own communication"),
    "judge again": _("Judge it again"),
}
REACHES: Words = {
    "under 1k": _("fewer than 1,000 followers"),
    "1k to 10k": _("1,000 to 10,000 followers"),
    "10k to 100k": _("10,000 to 100,000 followers"),
    "over 100k": _("more than 100,000 followers"),
}
MOMENTS: Words = {
    "hour": _("In an hour"),
    "evening": _("This evening"),
    "tomorrow": _("Tomorrow morning"),
    "working_day": _("Next working day"),
}
REASONS: Words = {
    "taken back before sending": _("taken back before it was sent"),
    "follow up as promised": _("to give the answer that was promised"),
    "another option": _("to choose another option"),
    "its time was over": _("its time was over"),
    "undone": _("taken back"),
    "undo": _("taken back"),
    "judge again": _("to be judged again"),
    "danger to life": _("danger to life"),
    "danger": _("danger to life"),
    "case closed": _("the case was closed"),
    "information only": _("information only"),
    "worsened": _("it got worse"),
    "person says worse": _("somebody on watch says that it got worse"),
    "referred": _("handed to communications"),
    "approval overdue": _("nobody approved the reply in time"),
    "blind": _("the source could not be seen"),
    "the source was removed": _("the post was removed from its platform"),
    "detached": _("to be judged by itself"),
    "merged": _("it tells the same as another case"),
    "the author reacts": _("the author says more"),
    "the post was edited": _("the post was edited and tells something else now"),
}
"""Reasons that our own rules give; what a person wrote is shown as it is."""

LEGAL_BASES: Words = {
    "public task": _("Public task"),
    "legitimate interest": _("Legitimate interest"),
    "legal duty": _("Legal duty"),
    "vital interest": _("Vital interest"),
    "consent": _("Consent"),
}
HEALTH: Words = {
    "working": _("Working"),
    "behind": _("Behind: reading on"),
    "waiting": _("Waiting for its next poll"),
    "limited": _("Slowed down by the platform"),
    "failing": _("Fails; we keep trying"),
    "refused": _("Refused: somebody must act"),
    "ended": _("Over: nothing more will come"),
    "silent": _("Silent for too long"),
    "off": _("Switched off"),
    "receiving": _("Waits for deliveries"),
}
QUERY_STATES: Words = {
    "active": _("Active"),
    "ended": _("Ended"),
    "not yet": _("Not started yet"),
    "waits": _("Waits for the privacy officer"),
    "refused": _("Refused by the privacy officer"),
}
QUERY_ACTIONS: Words = {
    "query started": _("%(who)s started this query"),
    "query changed": _("%(who)s changed this query"),
    "query approved": _("%(who)s approved this query"),
    "query refused": _("%(who)s refused this query"),
    "query ended": _("%(who)s stopped this query"),
}
QUERY_FACTS: Words = {
    "name": _("name"),
    "terms": _("words"),
    "purpose": _("purpose"),
    "legal basis": _("legal basis"),
    "owner": _("owner"),
    "until": _("end date"),
    "on a person": _("about a person"),
    "sources": _("sources"),
}
FAULTS: Words = {
    Fault.NOTHING: _("There is nothing to look for; give at least one word."),
    Fault.ONLY_EXCLUDED: _("There are only words to leave out; give at least one word to look for."),
    Fault.EXCLUDED_IN_OR: _(
        "One side of this OR only leaves words out; say in brackets what to look for beside them."
    ),
    Fault.UNCLOSED: _("A quotation mark is opened and not closed."),
    Fault.NOT_CLOSED: _("A bracket is opened and not closed."),
    Fault.NOT_OPENED: _("A bracket is closed and was not opened."),
    Fault.NO_LETTERS: _("A term needs at least one letter, digit or symbol to look for."),
    Fault.NOTHING_BEFORE: _("Something to look for is missing before this."),
    Fault.NOTHING_AFTER: _("Something to look for is missing after this."),
    Fault.NEAR_PARTS: _("NEAR stands only between two words or phrases."),
    Fault.NEAR_DISTANCE: _("NEAR needs a number of words from 1 to 50, as in NEAR/5."),
    Fault.NEAR_MIXED: _("Several NEARs in a row need the same number."),
    Fault.PREFIX: _("An asterisk stands at the end of one word, behind at least two letters."),
    Fault.EXACT: _("An equals sign stands directly before one word, and nothing else stands with it."),
    Fault.SIGN: _("A #tag or @name is one word, with nothing but letters, digits and _ in it."),
    Fault.FIELD: _("Behind the colon comes a name or a code, without a space."),
    Fault.TOO_LONG: _("A query has at most 2,000 characters; make two queries of it."),
    Fault.TOO_MANY: _("A query has at most 100 terms; make two queries of it."),
    Fault.TOO_DEEP: _("Brackets and exclusions go at most 20 deep."),
}
"""What is wrong with the words of a query."""

PREVIEW_ANSWERS: Words = {
    "nothing to ask": _("Nothing can be asked here beforehand; what comes in is matched."),
    "costs": _("Not asked: this platform costs money."),
    "spent": _("Not asked: the budget of today is used up."),
    "limited": _("The platform asks us to wait. Try again later."),
    "refused": _("The platform refuses this source. Somebody must mend it first."),
    "ended": _("The platform says that nothing more will come."),
    "too late": _("No answer in time."),
    "unavailable": _("The platform gave no usable answer. Try again later."),
}
NOT_RESOLVED: Words = {
    "no platform": _("We cannot read this page as a post. Type what it says."),
    "no source": _(
        "We have no working source on this platform, so we cannot fetch the post. Type what it says."
    ),
    "not found": _("The platform does not show this post: it is gone, or not public. Type what it says."),
    "not allowed": _("The platform does not let us see this post. Type what it says."),
    "limited": _("The platform asks us to wait. Type what the post says, or try again later."),
    "too late": _("The platform did not answer in time. Type what the post says, or try again later."),
    "unavailable": _("The platform gave no usable answer. Type what the post says, or try again later."),
}
"""Why a pasted address gave no post, and what to do."""
OUTCOMES: Words = {
    "let_stand": _("let stand"),
    "use_in_own": _("used in own communication"),
    "watched": _("watched"),
    "replied": _("answered"),
    "answered elsewhere": _("answered elsewhere"),
    "answered by message": _("answered by our message to many"),
    "information": _("information only"),
    "dismissed": _("not about us"),
    "no reply": _("no answer"),
    "handed over": _("taken over by somebody else"),
    "used in own communication": _("used in own communication"),
}
PLATFORM_ICONS = {"x": "x", "rss": "rss", "replay": "replay", "manual": "manual", "phone": "phone"}


RESULTS: Words = {
    "done": _("done"),
    "refused": _("refused"),
    "failed": _("failed"),
    "nobody could be reached": _("nobody could be reached"),
    "was over already": _("was over already"),
}
ORIGINS: Words = {
    "web": _("page"),
    "api": _("program"),
    "rule": _("rule"),
    "one-tap": _("link in a message"),
}
"""By which door an act of the trail came in."""
