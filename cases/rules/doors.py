"""Every address of the pages and of the API, and who may go in; docs/permissions.md is made of it.

A view checks its own need; a test tries every address for every role against this table, and refuses an
address without a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cases.rules.permissions import Need, Role, may


class Open(StrEnum):
    """A door without a need."""

    PUBLIC = "whoever comes, also without signing in"
    KEY = "a program with the key of that source, without signing in"
    SIGNED_IN = "everybody who is signed in"
    OWN = "everybody who is signed in, for what is their own"


Who = Need | Open


@dataclass(frozen=True, slots=True)
class Door:
    """Who may read (GET) and who may act (POST) at one address; None: that cannot be done here."""

    get: Who | None = None
    post: Who | None = None


HIDING = frozenset({"case_id", "response_id", "watch_id", "escalation_id", "post_id", "task_id"})
"""Numbers of what belongs to a case: who may not see cases is told that there is none (404).

That other things exist is no secret: who may not do something with them is refused (403).
"""


def opens(role: Role, who: Who) -> bool:
    return isinstance(who, Open) or may(role, who)


def _reads(who: Who, *names: str) -> dict[str, Door]:
    return {name: Door(get=who) for name in names}


def _acts(who: Who, *names: str) -> dict[str, Door]:
    return {name: Door(post=who) for name in names}


PAGES: Mapping[str, Door] = {
    **_reads(
        Open.SIGNED_IN, "home", "inbox", "live", "notifications", "help", "help_scheme", "help_states", "more"
    ),
    **_acts(Open.SIGNED_IN, "set_reach", "try_mail", "add_contact"),
    **_acts(Open.OWN, "change_contact", "remove_contact", "try_contact"),
    **_reads(Need.SEE_WATCHING, "deliveries"),
    **_reads(Open.PUBLIC, "service_worker"),
    "one_tap": Door(get=Open.PUBLIC, post=Open.PUBLIC),
    "sign_in": Door(get=Open.PUBLIC, post=Open.PUBLIC),
    **_acts(Open.PUBLIC, "sign_out", "language"),
    **_acts(Open.KEY, "intake"),
    **_acts(Open.OWN, "read_notice", "change_view"),
    "many": Door(Need.JUDGE, Need.JUDGE),
    "me": Door(Open.SIGNED_IN, Open.SIGNED_IN),
    **_acts(Need.SEE, "keep_view"),
    **_reads(Need.SEE, "cases", "case", "case_file", "case_file_pdf", "watch_board"),
    **_acts(
        Need.JUDGE,
        "undo",
        "next",
        "wake",
        "press",
        "answer",
        "step_back",
        "toggle",
        "choose",
        "exit",
        "take",
        "release",
    ),
    **_acts(Need.JUDGE, "only_watch", "tell_new"),
    **_acts(Need.JUDGE, "judge_again", "detach", "merge", "close", "refer"),
    **_acts(Need.JUDGE, "next", "wake", "press"),
    **_acts(Need.ASSIGN, "assign"),
    **_acts(Need.DRAFT, "follow_up", "elsewhere", "reply", "stop_sending"),
    **_acts(Need.APPROVE, "approve", "release_alone", "review"),
    **_reads(Need.APPROVE, "approvals"),
    **_reads(Need.SEE_TEAM, "mandates"),
    **_acts(Need.GRANT_MANDATE, "grant_mandate"),
    **_acts(Need.DRAFT, "delegate_mandate"),
    **_acts(Need.SEE_TEAM, "end_mandate"),
    **_reads(Need.PROMISE, "promises"),
    **_acts(Need.DRAFT, "measure"),
    **_acts(Need.PROMISE, "promise", "settle_promise"),
    **_reads(Need.WRITE_TEMPLATE, "templates"),
    **dict.fromkeys(("new_template", "template"), Door(get=Need.WRITE_TEMPLATE, post=Need.WRITE_TEMPLATE)),
    **_acts(Need.DECIDE, "decide"),
    **_reads(Need.SEE, "claims", "claim"),
    **_reads(Need.SEE, "messages", "message"),
    "new_message": Door(get=Need.PUBLISH, post=Need.PUBLISH),
    **_acts(
        Need.PUBLISH, "change_message", "publish_message", "take_back_message", "answer_cases", "stop_message"
    ),
    **_reads(Need.SEE, "situations", "situation", "topics", "batch"),
    **_reads(Need.SEE, "situation_timeline", "situation_timeline_csv", "situation_wall"),
    "situation_hand_over": Door(get=Need.SEE, post=Need.JUDGE),
    "join_situation": Door(get=Need.JUDGE, post=Need.JUDGE),
    **_acts(Need.SEE, "look_at_topics"),
    **_acts(Need.JUDGE, "note"),
    **_acts(Need.RUN_SITUATION, "open_situation", "open_proposed", "decline_situation", "stop_batch"),
    **_acts(Need.RUN_SITUATION, "change_situation", "say_key_message", "add_inflow", "stop_inflow"),
    **dict.fromkeys(
        ("close_unread", "close_situation"), Door(get=Need.RUN_SITUATION, post=Need.RUN_SITUATION)
    ),
    "scale": Door(get=Need.SEE, post=Need.ONE_VOICE),
    "situation_targets": Door(get=Need.SEE, post=Need.RUN_SITUATION),
    **_acts(Need.ONE_VOICE, "change_level", "set_situation_level", "lock_voice", "unlock_voice"),
    **_reads(Need.JUDGE, "case_claims"),
    **_acts(Need.JUDGE, "open_claim", "add_fact", "link_claim", "unlink_claim", "link_near"),
    **_acts(Need.CHECK_CLAIM, "decide_claim", "reword_claim", "merge_claim", "part_claim"),
    **_acts(Need.CHECK_CLAIM, "withdraw_fact", "vet_answer", "withdraw_answer"),
    **_acts(Need.DRAFT, "write_answer"),
    **_acts(Need.DANGER, "danger", "hand_over"),
    **_reads(Need.SEE, "watch_page"),
    **_acts(Need.WATCH, "watch", "check", "pause", "end_watch", "watch_profile"),
    **_acts(Need.WATCH, "resume_watch", "hand_watch", "watch_level", "watch_query"),
    **_reads(Need.SEE_WATCHING, "lookback", "lookback_sheet"),
    **_acts(Need.LOOK_BACK, "look_back"),
    **_reads(Need.SEE_WATCHING, "profiles"),
    "profile": Door(get=Need.SEE_WATCHING, post=Need.SET_WATCHING),
    "new_profile": Door(get=Need.SET_WATCHING, post=Need.SET_WATCHING),
    "cues": Door(get=Need.SEE_WATCHING, post=Need.SET_WATCHING),
    **_acts(Need.SET_WATCHING, "switch_cue"),
    "acknowledge": Door(get=Need.ACKNOWLEDGE, post=Need.ACKNOWLEDGE),
    **_reads(Need.SEE, "alarms"),
    **_acts(Need.ACKNOWLEDGE, "offer_alarm", "accept_alarm"),
    **_acts(Need.DECIDE, "finish_alarm", "declare_crisis"),
    **_reads(Need.SEE_WATCHING, "ladders"),
    **_acts(Need.SET_WATCHING, "change_ladder"),
    **_reads(Need.SEE_FIGURES, "dashboard"),
    **_reads(Open.SIGNED_IN, "exercise", "exercise_sheet"),
    **_acts(Open.SIGNED_IN, "settle_inject"),
    **_reads(Need.EXERCISE, "exercises"),
    **_acts(Need.EXERCISE, "lead_exercise", "add_inject"),
    **_reads(Need.SEE_AUDIT, "audit"),
    "audit_head": Door(get=Need.SEE_AUDIT, post=Need.SEE_AUDIT),
    **_reads(Need.SEE, "shift"),
    **_acts(Need.HAND_OVER, "leave_watches"),
    **_acts(Need.HAND_OVER, "leave_shift", "accept_shift", "ask_shift", "add_to_shift"),
    **_reads(Need.SEE_TEAM, "schemes", "scheme_version"),
    **_reads(Need.SEE_TEAM, "duty", "division", "clocks"),
    **_acts(Need.RUN_TEAM, "begin_clocks", "set_target", "drop_target", "add_calendar", "change_calendar"),
    **_acts(Need.RUN_TEAM, "set_day"),
    **_acts(Need.RUN_TEAM, "add_post", "change_post", "plan_shifts", "change_shift", "move_rule"),
    **dict.fromkeys(("new_pattern", "pattern"), Door(get=Need.RUN_TEAM, post=Need.RUN_TEAM)),
    **_acts(Need.RUN_TEAM, "end_pattern"),
    **_reads(Need.SEE_TEAM, "my_duty"),
    **_reads(Open.PUBLIC, "duty_feed"),
    **_acts(Need.SWAP, "renew_feed"),
    **_acts(Need.SWAP, "ask_swap", "decide_swap", "add_absence", "remove_absence"),
    **dict.fromkeys(("new_rule", "rule"), Door(get=Need.RUN_TEAM, post=Need.RUN_TEAM)),
    "capture": Door(get=Need.CAPTURE, post=Need.CAPTURE),
    **_reads(Need.SEE_SOURCES, "queries", "sources", "source", "quarantine"),
    "new_query": Door(get=Need.LISTEN, post=Need.LISTEN),
    "query": Door(get=Need.SEE_SOURCES, post=Need.LISTEN),
    **_acts(Need.LISTEN, "end_query"),
    **_acts(Need.APPROVE_QUERY, "decide_query"),
    **_acts(Need.MEND_SOURCES, "poll_now", "test_source", "switch_source", "read_again", "drop_rejected"),
    "imports": Door(get=Need.IMPORT, post=Need.IMPORT),
    **_reads(Need.IMPORT, "import", "import_template", "import_errors"),
    **_acts(Need.IMPORT, "start_import", "discard_import"),
    **_reads(Need.SEE_PICTURE, "pictures", "picture", "picture_pdf", "picture_text", "picture_json"),
    **_acts(Need.MAKE_PICTURE, "make_picture", "schedule_pictures", "add_reader", "remove_reader"),
    **_acts(Need.SIGN_PICTURE, "advise_picture"),
}
"""The pages, by the names of their addresses."""

API: Mapping[str, Door] = {
    **_reads(Open.PUBLIC, "schema", "docs"),
    **_reads(Need.SEE, "posts", "post", "cases", "case", "case-file", "response", "watches", "watch"),
    **_reads(Need.SEE, "escalations", "escalation"),
    **_reads(Need.SEE_AUDIT, "audit", "audit-head"),
    **_acts(Need.SEE_AUDIT, "audit-seal"),
    **_reads(Need.SEE, "shift"),
    **_acts(Need.HAND_OVER, "leave-watches"),
    **_acts(Need.HAND_OVER, "leave-shift", "accept-shift", "ask-shift", "add-to-shift"),
    **_reads(Need.SEE_TEAM, "duty", "division", "workload", "clocks"),
    **_acts(Need.RUN_TEAM, "set-target", "drop-target", "add-calendar", "change-calendar"),
    **_acts(Need.RUN_TEAM, "remove-calendar", "set-day"),
    **_acts(Need.RUN_TEAM, "add-post", "change-post", "plan-shifts", "change-shift", "remove-shift"),
    **_acts(Need.RUN_TEAM, "preview-pattern", "add-pattern", "preview-changed-pattern", "change-pattern"),
    **_acts(Need.RUN_TEAM, "end-pattern"),
    **_reads(Need.SEE_TEAM, "my-duty"),
    **_acts(Need.SWAP, "renew-feed"),
    **_acts(Need.SWAP, "ask-swap", "take-swap", "refuse-swap", "withdraw-swap"),
    **_acts(Need.SWAP, "add-absence", "remove-absence"),
    **_acts(Need.RUN_TEAM, "add-rule", "change-rule", "raise-rule", "remove-rule"),
    **_acts(Need.CAPTURE, "capture"),
    **_reads(Need.SEE, "views"),
    **_acts(Need.SEE, "keep-view"),
    **_acts(Open.OWN, "change-view", "remove-view"),
    **_acts(Need.JUDGE, "propose-many", "do-many"),
    **_acts(Need.JUDGE, "undo", "take", "release", "answer", "step-back", "toggle", "choose", "exit"),
    **_acts(Need.JUDGE, "only-watch", "new-information"),
    **_reads(Need.SEE_TEAM, "schemes", "scheme"),
    **_acts(Need.JUDGE, "refer", "close", "judge-again", "detach", "merge", "change-option"),
    **_acts(Need.JUDGE, "next", "wake", "press"),
    **_acts(Need.ASSIGN, "assign"),
    **_acts(Need.DANGER, "danger", "hand-over"),
    **_acts(Need.DECIDE, "decide"),
    **_reads(Need.PROMISE, "promises"),
    **_acts(Need.PROMISE, "promise", "keep-promise", "drop-promise", "move-promise"),
    **_reads(Need.SEE, "claims", "claim", "claim-spread", "case-claims"),
    **_reads(Need.JUDGE, "near-claim"),
    **_reads(Need.SEE, "public-messages", "public-message"),
    **_acts(Need.PUBLISH, "write-message", "change-message", "publish-message", "register-message"),
    **_acts(Need.PUBLISH, "take-back-message", "propose-answers", "answer-cases", "stop-message"),
    **_acts(Need.JUDGE, "open-claim", "add-fact", "link-cases", "link-claim", "unlink-claim"),
    **_acts(Need.CHECK_CLAIM, "reword-claim", "decide-claim", "merge-claim", "part-claim"),
    **_acts(Need.CHECK_CLAIM, "withdraw-fact", "vet-answer", "withdraw-answer"),
    **_acts(Need.DRAFT, "write-answer", "use-answer"),
    **_reads(Need.DRAFT, "templates"),
    **_acts(Need.WRITE_TEMPLATE, "write-template", "change-template"),
    **_acts(Need.DRAFT, "put-in"),
    **_acts(Need.DRAFT, "follow-up", "elsewhere", "save", "submit", "send", "take-back"),
    **_acts(Need.APPROVE, "approve", "give-back", "release-alone", "review"),
    **_reads(Need.APPROVE, "approvals", "reviews"),
    **_reads(Need.SEE_TEAM, "mandates"),
    **_acts(Need.GRANT_MANDATE, "grant-mandate"),
    **_acts(Need.DRAFT, "delegate-mandate"),
    **_acts(Need.SEE_TEAM, "end-mandate"),
    **_acts(Need.WATCH, "start-watch", "start-query-watch", "check", "worse", "pause", "end-watch"),
    **_acts(Need.WATCH, "resume-watch", "hand-watch", "set-floor"),
    **_reads(Need.SEE_WATCHING, "look-back"),
    **_acts(Need.LOOK_BACK, "say-of-alarm"),
    **_reads(Need.SEE_WATCHING, "profiles", "cues"),
    **_acts(Need.SET_WATCHING, "add-profile", "change-profile", "default-profile", "retire-profile"),
    **_acts(Need.SET_WATCHING, "restore-profile", "add-cue", "try-cue", "switch-cue"),
    **_acts(Need.WATCH, "choose-profile"),
    **_acts(Need.ACKNOWLEDGE, "acknowledge", "offer-alarm", "accept-alarm"),
    **_acts(Need.DECIDE, "finish-alarm", "declare-crisis"),
    **_reads(Need.SEE, "open-alarms"),
    **_reads(Need.SEE_WATCHING, "ladders"),
    **_acts(Need.SET_WATCHING, "change-ladder"),
    **_reads(Open.SIGNED_IN, "reach"),
    **_acts(Open.SIGNED_IN, "set-reach", "try-mail", "add-contact"),
    **_acts(Open.OWN, "change-contact", "remove-contact", "try-contact"),
    **_reads(Need.SEE_WATCHING, "messages"),
    **_reads(Need.SEE_SOURCES, "queries", "query", "sources", "source", "rejected"),
    **_acts(Need.LISTEN, "start-query", "preview-query", "change-query", "end-query"),
    **_acts(Need.APPROVE_QUERY, "approve-query", "refuse-query"),
    **_acts(Need.MEND_SOURCES, "poll-source", "test-source", "switch-source", "read-again", "drop-rejected"),
    **_reads(Need.IMPORT, "imports", "import"),
    **_acts(Need.IMPORT, "create-import"),
    **_reads(Open.SIGNED_IN, "exercise", "score"),
    **_acts(Open.SIGNED_IN, "settle-inject"),
    **_acts(Need.EXERCISE, "play-exercise", "pause-exercise", "set-exercise-speed", "end-exercise"),
    **_acts(Need.EXERCISE, "add-inject"),
    **_reads(Need.SEE, "situations", "situation", "topics", "timeline", "batch"),
    **_reads(Need.RUN_SITUATION, "open-groups"),
    **_acts(Need.RUN_SITUATION, "open-situation", "open-around-case", "open-proposal", "decline-proposal"),
    **_acts(Need.RUN_SITUATION, "change-situation", "say-key-message", "set-situation-target"),
    **_acts(Need.RUN_SITUATION, "add-inflow", "stop-inflow", "close-unread", "close-situation", "stop-batch"),
    **_acts(Need.ONE_VOICE, "set-situation-level", "lock-voice", "unlock-voice"),
    **_reads(Need.SEE, "scale"),
    **_acts(Need.ONE_VOICE, "add-level", "rename-level", "move-level", "retire-level", "restore-level"),
    **_acts(Need.JUDGE, "write-log-line", "take-over-situation", "join-cases", "leave-cases"),
    **_reads(Need.SEE_PICTURE, "pictures", "picture"),
    **_acts(Need.MAKE_PICTURE, "make-picture", "schedule-pictures", "add-reader", "remove-reader"),
    **_acts(Need.SIGN_PICTURE, "advise-picture", "sign-picture"),
}
"""The operations of the API, by the names of their addresses."""
