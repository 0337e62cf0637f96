"""Which role may do what: one table. A mandate (what may be said) is data and never in here."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    EMPLOYEE = "employee"
    WATCHER = "watcher"
    OFFICER = "officer"
    LEAD = "lead"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"
    PRIVACY = "privacy"
    BOARD = "board"


class Need(StrEnum):
    """What somebody wants to do."""

    SEE = "see cases"
    CAPTURE = "capture a post"
    JUDGE = "judge a case"
    DANGER = "report danger to life"
    DRAFT = "write a reply"
    APPROVE = "approve a reply"
    WATCH = "keep watch"
    DECIDE = "decide for communications"
    ACKNOWLEDGE = "take an escalation"
    ASSIGN = "assign a case"
    LISTEN = "change queries"
    APPROVE_QUERY = "decide on a query about a person"
    SEE_SOURCES = "see sources"
    MEND_SOURCES = "poll, test and mend sources"
    IMPORT = "import posts"
    SEE_FIGURES = "see figures"
    PROMISE = "keep promises to complainants"
    HAND_OVER = "hand a shift over or accept it"
    SEE_TEAM = "see who is on duty, who may say what, and when answers are due"
    RUN_TEAM = "plan duty, targets and the division of work"
    GRANT_MANDATE = "grant and end mandates"
    WRITE_TEMPLATE = "change the texts that replies begin with"
    SEE_WATCHING = "see how watches rise, who alarms call, and how alarms went"
    SET_WATCHING = "change watch profiles, cue words and ladders"
    LOOK_BACK = "say whether an alarm was right"
    SWAP = "ask for a swap of a shift or take one over"
    SEE_AUDIT = "see and verify the audit trail"
    RUN_SITUATION = "open, run and close situations"
    ONE_VOICE = "set the one-voice lock and the level of a situation"
    CHECK_CLAIM = "decide on claims and vet answers"
    PUBLISH = "answer many cases with one message"
    SEE_PICTURE = "see environment pictures"
    MAKE_PICTURE = "make environment pictures"
    SIGN_PICTURE = "sign environment pictures"
    EXERCISE = "run exercises"


_TRIAGE = {Role.EMPLOYEE, Role.OFFICER, Role.LEAD}
_COMMS = {Role.OFFICER, Role.LEAD}
_READERS = {Role.EMPLOYEE, Role.WATCHER, Role.OFFICER, Role.LEAD, Role.ANALYST, Role.PRIVACY}

_TABLE: dict[Need, set[Role]] = {
    Need.SEE: _READERS,
    Need.CAPTURE: _TRIAGE | {Role.WATCHER},
    Need.JUDGE: _TRIAGE,
    Need.DANGER: _TRIAGE | {Role.WATCHER},
    Need.DRAFT: _TRIAGE,
    Need.APPROVE: _COMMS,
    Need.WATCH: _TRIAGE | {Role.WATCHER},
    Need.DECIDE: _COMMS,
    Need.ACKNOWLEDGE: _TRIAGE | {Role.WATCHER},
    Need.ASSIGN: _COMMS,
    Need.LISTEN: {Role.OFFICER, Role.LEAD, Role.ANALYST, Role.ADMINISTRATOR},
    Need.APPROVE_QUERY: {Role.PRIVACY},
    Need.SEE_SOURCES: _COMMS | {Role.ANALYST, Role.ADMINISTRATOR, Role.PRIVACY},
    Need.MEND_SOURCES: _COMMS | {Role.ANALYST, Role.ADMINISTRATOR},
    Need.IMPORT: _COMMS | {Role.ANALYST},
    Need.SEE_FIGURES: _READERS | {Role.BOARD},
    Need.PROMISE: _TRIAGE,
    Need.HAND_OVER: _TRIAGE | {Role.WATCHER},
    Need.SEE_TEAM: _READERS | {Role.ADMINISTRATOR},
    Need.RUN_TEAM: {Role.LEAD, Role.ADMINISTRATOR},
    Need.GRANT_MANDATE: {Role.LEAD, Role.ADMINISTRATOR},
    Need.WRITE_TEMPLATE: _COMMS | {Role.ADMINISTRATOR},
    Need.SEE_WATCHING: _READERS | {Role.ADMINISTRATOR},
    Need.SET_WATCHING: {Role.LEAD, Role.ADMINISTRATOR},
    Need.LOOK_BACK: _COMMS,
    Need.SWAP: _TRIAGE | {Role.WATCHER},
    Need.SEE_AUDIT: {Role.LEAD, Role.PRIVACY},
    Need.RUN_SITUATION: _COMMS | {Role.ANALYST},
    Need.ONE_VOICE: {Role.LEAD},
    Need.CHECK_CLAIM: _COMMS,
    Need.PUBLISH: _COMMS,
    Need.SEE_PICTURE: _READERS | {Role.BOARD},
    Need.MAKE_PICTURE: _COMMS | {Role.ANALYST},
    Need.SIGN_PICTURE: _COMMS,
    Need.EXERCISE: {Role.LEAD, Role.ADMINISTRATOR},
}

MAY: Mapping[Need, frozenset[Role]] = {need: frozenset(roles) for need, roles in _TABLE.items()}


def may(role: str, need: Need) -> bool:
    return role in MAY[need]
