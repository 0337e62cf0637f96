"""Everything the case room remembers."""

from cases.models.audit import AuditCheckpoint, AuditEvent, case_subject
from cases.models.case import Assessment, Case, SchemeVersion, TriageAction
from cases.models.chain import ChainBeat
from cases.models.clock import Calendar, SpecialDay, Target
from cases.models.cue import CuePhrase
from cases.models.desk import Presence, SavedView
from cases.models.escalation import Attempt, CommsDecision, Contact, Escalation, Ladder, Notification
from cases.models.people import Mandate, User
from cases.models.promise import ReplyTemplate, Task
from cases.models.response import Response
from cases.models.rota import AssignmentRule, DutyPost, HandOver, Shift
from cases.models.turns import Absence, DutyFeed, LeftOut, RotaPattern, Swap, Turn
from cases.models.watch import Watch, WatchCheck, WatchCount, WatchedPost, WatchProfile, WatchThread

__all__ = [
    "Absence",
    "Assessment",
    "AssignmentRule",
    "Attempt",
    "AuditCheckpoint",
    "AuditEvent",
    "Calendar",
    "Case",
    "ChainBeat",
    "CommsDecision",
    "Contact",
    "CuePhrase",
    "DutyFeed",
    "DutyPost",
    "Escalation",
    "HandOver",
    "Ladder",
    "LeftOut",
    "Mandate",
    "Notification",
    "Presence",
    "ReplyTemplate",
    "Response",
    "RotaPattern",
    "SavedView",
    "SchemeVersion",
    "Shift",
    "SpecialDay",
    "Swap",
    "Target",
    "Task",
    "TriageAction",
    "Turn",
    "User",
    "Watch",
    "WatchCheck",
    "WatchCount",
    "WatchProfile",
    "WatchThread",
    "WatchedPost",
    "case_subject",
]
