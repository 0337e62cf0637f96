"""Everything the case room remembers."""

from cases.models.audit import AuditCheckpoint, AuditEvent, case_subject
from cases.models.case import Assessment, Case, SchemeVersion, TriageAction
from cases.models.chain import ChainBeat
from cases.models.claim import CaseClaim, Claim, ClaimDecision, FactSource, VettedAnswer
from cases.models.clock import Calendar, SpecialDay, Target
from cases.models.cue import CuePhrase
from cases.models.desk import Presence, SavedView
from cases.models.escalation import CommsDecision, Escalation, Ladder
from cases.models.exercise import Exercise, Inject
from cases.models.message import Batch, BatchCase, PublicMessage
from cases.models.notification import Attempt, Contact, Notification
from cases.models.people import Mandate, User
from cases.models.picture import PictureMail
from cases.models.promise import ReplyTemplate, Task
from cases.models.response import Response
from cases.models.rota import AssignmentRule, DutyPost, HandOver, Shift
from cases.models.situation import (
    Inflow,
    KeyMessage,
    LogLine,
    Picture,
    PictureReader,
    Situation,
    SituationLevel,
)
from cases.models.turns import Absence, DutyFeed, LeftOut, RotaPattern, Swap, Turn
from cases.models.watch import Watch, WatchCheck, WatchCount, WatchedPost, WatchProfile, WatchThread

__all__ = [
    "Absence",
    "Assessment",
    "AssignmentRule",
    "Attempt",
    "AuditCheckpoint",
    "AuditEvent",
    "Batch",
    "BatchCase",
    "Calendar",
    "Case",
    "CaseClaim",
    "ChainBeat",
    "Claim",
    "ClaimDecision",
    "CommsDecision",
    "Contact",
    "CuePhrase",
    "DutyFeed",
    "DutyPost",
    "Escalation",
    "Exercise",
    "FactSource",
    "HandOver",
    "Inflow",
    "Inject",
    "KeyMessage",
    "Ladder",
    "LeftOut",
    "LogLine",
    "Mandate",
    "Notification",
    "Picture",
    "PictureMail",
    "PictureReader",
    "Presence",
    "PublicMessage",
    "ReplyTemplate",
    "Response",
    "RotaPattern",
    "SavedView",
    "SchemeVersion",
    "Shift",
    "Situation",
    "SituationLevel",
    "SpecialDay",
    "Swap",
    "Target",
    "Task",
    "TriageAction",
    "Turn",
    "User",
    "VettedAnswer",
    "Watch",
    "WatchCheck",
    "WatchCount",
    "WatchProfile",
    "WatchThread",
    "WatchedPost",
    "case_subject",
]
