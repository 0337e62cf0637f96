"""The file of a case in words: why we did or did not reply, on one page with annexes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cases.reads.casefile import CaseFile, Judged
from cases.rules.names import HANDLE, LEFT_OUT
from cases.rules.scheme import SEPARATOR
from cases.web.events import told
from cases.web.flow import said
from cases.web.words import APPROACHES, CATEGORIES, MEDIUMS, OUTCOMES, PLATFORMS, REASONS, STATES, word

SHORT = 700
"""Characters of a text on the first page; the whole of a longer one is in an annex."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Line:
    """One fact with its name. `is_quote`: words of somebody else, shown apart from ours."""

    label: str
    text: str
    is_quote: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Paper:
    """The file as it is read: the parts of the first page, and the annexes."""

    lang: str
    title: str
    summary: str
    parts: list[Part]
    annexes: list[Part]
    foot: str


def paper(file: CaseFile, *, with_names: bool = False) -> Paper:
    """The file in the language of who asks. Without names, handles in texts of others are left out."""
    writer = _Writer(file, with_names=with_names)
    parts = [
        Part(_("What was said"), list(writer.post())),
        Part(_("How it was judged"), list(writer.judgement())),
        Part(_("What we answered"), list(writer.answers())),
        Part(_("Watch, alarms and decisions"), list(_watch_and_alarms(file))),
        Part(_("What can be proved"), list(_proof(file))),
    ]
    names = {"who": file.printed_by, "when": _when(file.printed_at)}
    foot = _("Made by %(who)s on %(when)s with Weerwoord. Names of others are left out.")
    if with_names:
        foot = _("Made by %(who)s on %(when)s with Weerwoord. It holds names of others: keep it safe.")
    return Paper(
        lang=get_language() or "en",
        title=_("Case %(n)d: why we did or did not reply") % {"n": file.case.pk},
        summary=writer.summary(),
        parts=_filled(parts),
        annexes=_filled(writer.annexes()),
        foot=foot % names,
    )


class _Writer:
    """Writes the lines of one file."""

    def __init__(self, file: CaseFile, *, with_names: bool) -> None:
        self.file, self.case, self.with_names = file, file.case, with_names
        self.longer: list[Part] = []

    def summary(self) -> str:
        case = self.case
        state = {"state": word(STATES, case.state), "when": _when(case.responded_at or case.closed_at)}
        if case.responded_at:
            return _("We replied on %(when)s. The case is now “%(state)s”.") % state
        outcome = {"outcome": word(OUTCOMES, case.outcome)} | state
        if case.closed_at and case.outcome:
            return _("We did not reply: %(outcome)s. The case was closed on %(when)s.") % outcome
        return _("We have not replied. The case is now “%(state)s”.") % state

    def post(self) -> Iterator[Line]:
        post, case = self.case.post, self.case
        author = f"{post.author.name or post.author.handle} (@{post.author.handle})" if post.author else ""
        yield Line(_("Post"), self.quoted(post.text, _("The whole post")), is_quote=True)
        yield Line(_("By"), ", ".join(part for part in (author, word(PLATFORMS, post.platform)) if part))
        yield Line(_("Address"), post.url)
        yield Line(_("Version"), post.version or _("the first"))
        if post.gone_at:
            yield Line(_("Removed"), _when(post.gone_at))
        clocks = {"posted": _when(case.posted_at), "opened": _when(case.opened_at), "due": _when(case.due_at)}
        yield Line(
            _("Clocks"),
            _("The public’s runs from %(posted)s, ours from %(opened)s. An answer was due by %(due)s.")
            % clocks,
        )

    def judgement(self) -> Iterator[Line]:
        version = self.case.scheme
        names = {"title": said(self.file.scheme.title), "version": version.version}
        yield Line(
            _("Scheme"),
            _("%(title)s, version %(version)s") % names + f", sha256 {version.checksum[:16]}…",
        )
        if self.case.category:
            yield Line(_("Category"), word(CATEGORIES, self.case.category))
        for judged in self.file.judged[-1:]:
            yield from self.one_judgement(judged)

    def one_judgement(self, judged: Judged) -> Iterator[Line]:
        given = judged.assessment
        for question in self.file.scheme.questions:
            if answer := given.answers.get(question.id):
                labels = [said(c.label) for c in question.choices if c.id in answer.split(SEPARATOR)]
                yield Line(said(question.text), ", ".join(labels) or answer)
        yield Line(_("Judged by"), _by(given.by, given.completed_at or given.started_at))
        if judged.advice:
            advice = judged.advice
            yield Line(_("Advice"), said(advice.title))
            yield Line(_("Duties"), " ".join(said(duty.text) for duty in advice.duties))
        if given.option:
            options = (*(judged.advice.options if judged.advice else ()), *self.file.scheme.deviations)
            label = next((said(each.label) for each in options if each.id == given.option), given.option)
            follows = _("as advised") if given.follows_advice else _("not as advised")
            yield Line(_("Choice"), f"{label} ({follows})")
        yield Line(_("Reason"), given.reason)
        yield Line(_("What we do with the suggestion"), given.what_we_do)

    def answers(self) -> Iterator[Line]:
        for response in self.file.responses:
            yield Line(_("Our reply"), self.quoted(response.text, _("The whole reply")), is_quote=True)
            made = [_("written by %(who)s") % {"who": response.author}]
            if response.submitted_by:
                made.append(_("submitted by %(who)s") % {"who": response.submitted_by})
            if response.approved_by:
                made.append(_("approved by %(who)s") % {"who": response.approved_by})
            yield Line(_("Made"), ", ".join(made))
            sent = f"{word(MEDIUMS, response.medium)}, {_when(response.sent_at)} {response.permalink}"
            yield Line(_("Sent"), sent.strip() if response.sent_at else _("not sent"))
            yield from self.grounds(response)

    def grounds(self, response: Any) -> Iterator[Line]:
        """By what right and on what facts a reply was given."""
        if response.mandate:
            yield Line(_("Mandate"), _mandate(response.mandate))
        yield Line(_("Released alone"), response.solo_reason)
        if response.reviewed_by:
            yield Line(_("Looked at afterwards"), f"{response.reviewed_by}. {response.review_note}")
        yield Line(_("What is not so"), response.claim)
        yield Line(_("Source of the facts"), response.fact_source)
        yield Line(_("What was found out"), response.inquiry)
        marks = [
            f"{said(each.label)}: {_('skipped') if response.elements.get(each.id) == 'skipped' else _('yes')}"
            for each in self.file.scheme.elements
            if each.id in response.elements
        ]
        yield Line(_("Core elements"), "; ".join(marks))
        for event in self.file.history:
            before = event.facts.get("text before")
            if before is not None and event.facts.get("response") == response.pk:
                yield Line(
                    _("Before %(who)s changed it") % {"who": event.actor_name}, self.shown(before), True
                )

    def annexes(self) -> Iterator[Part]:
        yield from self.longer
        for judged in self.file.judged[:-1]:
            title = _("Judged earlier, pass %(n)d") % {"n": judged.assessment.n}
            yield Part(title, list(self.one_judgement(judged)))
        texts = [
            Line(
                _("until %(when)s") % {"when": _when(each.replaced_at)}, self.shown(each.text), is_quote=True
            )
            for each in self.file.earlier_texts
        ]
        yield Part(_("Earlier texts of the post"), texts)
        lines = []
        for event in self.file.history:
            line = told(event, self.file.scheme)
            detail = f" ({self.shown(line.detail)})" if line.detail else ""
            lines.append(Line(_when(event.at), f"{line.sentence}{detail}"))
        yield Part(_("What happened, in order"), lines)

    def quoted(self, text: str, title: str) -> str:
        """A text as it fits on the first page; the whole of it goes into an annex."""
        whole = self.shown(text)
        if len(whole) <= SHORT:
            return whole
        self.longer.append(Part(title, [Line("", whole, is_quote=True)]))
        return f"{whole[:SHORT]}… [{_('the rest is in the annex')}]"

    def shown(self, text: str) -> str:
        """Words of others: without what no paper shows and, unless asked for, without others’ names."""
        plain = _CONTROLS.sub(" ", text).strip()
        author = self.case.post.author
        own = f"@{author.handle}".casefold() if author else ""
        if self.with_names:
            return plain
        return HANDLE.sub(lambda found: found[0] if found[0].casefold() == own else LEFT_OUT, plain)


def _watch_and_alarms(file: CaseFile) -> Iterator[Line]:
    for watch in file.watches:
        until = {"who": watch.watcher, "until": _when(watch.ended_at or watch.ends_at)}
        checks = ngettext("%(n)d check", "%(n)d checks", len(watch.checks.all()))
        line = _("%(who)s, until %(until)s") % until
        yield Line(_("Watch"), f"{line}; {watch.rule}; {checks % {'n': len(watch.checks.all())}}")
    for alarm in file.escalations:
        names = {"why": word(REASONS, alarm.cause), "when": _when(alarm.raised_at), "level": alarm.level}
        raised = _("level %(level)d on %(when)s: %(why)s") % names
        taken = _by(alarm.acknowledged_by, alarm.acknowledged_at) if alarm.acknowledged_at else ""
        yield Line(_("Alarm"), f"{raised}; {_('taken by')} {taken}" if taken else raised)
    for decision in file.decisions:
        yield Line(
            _("Decision"),
            f"{word(APPROACHES, decision.approach)}: {decision.reason} ({_by(decision.by, decision.at)})",
        )
    for task in file.tasks:
        done = _("kept on %(when)s") % {"when": _when(task.done_at)} if task.done_at else _("open")
        done = _("dropped: %(why)s") % {"why": task.note} if task.is_dropped else done
        yield Line(_("Promise"), f"{task.what}, {_when(task.due_at)} ({done})")


def _proof(file: CaseFile) -> Iterator[Line]:
    if file.head:
        sealed = {"n": file.n_events, "hash": file.head.hash}
        yield Line(_("Seal"), _("%(n)d events, the last one with hash %(hash)s") % sealed)
    yield Line(
        _("Verified"),
        _("The chain of this case holds: nothing in it was changed or removed.")
        if not file.findings
        else _("The chain of this case does NOT hold: %(what)s")
        % {"what": "; ".join(f"{each.seq} {each.what}" for each in file.findings[:5])},
    )


def _mandate(mandate: Any) -> str:
    everything = _("everything")
    about = ", ".join(everything if each == "*" else word(CATEGORIES, each) for each in mandate.categories)
    names = {"who": mandate.holder, "about": about, "until": _when(mandate.valid_until), "n": mandate.pk}
    if mandate.granted_by:
        names["by"] = mandate.granted_by
        return _("number %(n)d of %(who)s, for %(about)s, until %(until)s, granted by %(by)s") % names
    return _("number %(n)d of %(who)s, for %(about)s, until %(until)s") % names


def _by(person: Any, at: datetime | None) -> str:
    return ", ".join(part for part in (str(person or _("The system")), _when(at)) if part)


def _when(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "j F Y H:i") if at else ""


def _filled(parts: Iterable[Part]) -> list[Part]:
    """Only the lines that say something, and the parts that have any."""
    told_of = [Part(part.title, [line for line in part.lines if line.text]) for part in parts]
    return [part for part in told_of if part.lines]
