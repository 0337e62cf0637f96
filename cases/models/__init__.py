"""Everything the case room remembers."""

from cases.models.audit import AuditCheckpoint, AuditEvent, case_subject
from cases.models.case import Assessment, Case, SchemeVersion, TriageAction
from cases.models.escalation import CommsDecision, Escalation, Notification
from cases.models.people import Mandate, User
from cases.models.response import Response
from cases.models.watch import Watch, WatchCheck, WatchCount

__all__ = [
    "Assessment",
    "AuditCheckpoint",
    "AuditEvent",
    "Case",
    "CommsDecision",
    "Escalation",
    "Mandate",
    "Notification",
    "Response",
    "SchemeVersion",
    "TriageAction",
    "User",
    "Watch",
    "WatchCheck",
    "WatchCount",
    "case_subject",
]
