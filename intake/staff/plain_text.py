"""The face sheet as plain text, to paste into any record system. Only our own words begin a line without a sign."""

import re

from django.utils.translation import gettext as _

from intake.staff.as_asked import TYPED
from portal.templatetags.portal_tags import day, moment

# Control characters, and those that turn the direction of the words around them.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain_text(sheet):
    parts = (_head, _patient, _route, _withdrawn, _goal, _flags, _notes, _hopes, _questions, _answers)
    written = ("\n".join(part(sheet)) for part in parts)
    return "\n\n".join(filter(None, written)) + "\n"


def quoted(text):
    """A text that somebody else wrote: a sign before each of its lines, so that none can pass for one of ours."""
    return [f"> {_clean(line)}".rstrip() for line in text.splitlines()]


def one_line(text):
    return " ".join(_clean(str(text)).split())


def _clean(line):
    return UNSEEN.sub(" ", line)


def _heading(words):
    return str(words).upper()


def _pair(label, words):
    return _("%(label)s: %(words)s") % {"label": label, "words": one_line(words)}


def _head(sheet):
    submission = sheet["submission"]
    return [
        _heading(_("Face sheet, before the visit")),
        _pair(_("Reference"), submission.reference),
        _pair(_("Sent"), moment(submission.submitted_at)),
        _pair(_("Form version"), submission.questionnaire.version),
        _("Answers given by the patient, not checked. A line that begins with “>” is in the patient's own words."),
    ]


def _patient(sheet):
    submission = sheet["submission"]
    lines = [
        _heading(_("Patient")),
        _pair(_("Name"), submission.full_name),
        _pair(_("Born"), day(sheet["born"])),
        _pair(_("Contact by"), sheet["contact"]),
    ]
    found = ((_("E-mail"), submission.email), (_("Phone"), submission.phone))
    lines += [_pair(label, words) for label, words in found if words]
    visit = submission.appointment_date
    lines.append(_pair(_("Visit"), day(visit) if visit else _("No date given")))
    if sheet["visit_help"]:
        lines += [_("Help at the visit:"), *quoted(sheet["visit_help"])]
    return lines


def _route(sheet):
    submission = sheet["submission"]
    why = submission.route_why
    lines = [
        _heading(_("Why it is here")),
        _pair(_("Team"), submission.get_team_display()),
        _pair(_("Urgency"), submission.get_urgency_display()),
        _pair(_("Reason"), why["reason"]),
        _pair(_("Rule"), _rule(why["rule"], why.get("version"))),
        *_deciding(submission, why["answers"]),
    ]
    return lines + ([_("Awaiting clinical review")] if sheet["route_awaits_review"] else [])


def _rule(name, version):
    return _("%(rule)s, version %(version)s") % {"rule": name, "version": version} if version else str(name)


def _deciding(submission, rows):
    return [_pair(_("Answer"), f"{row['text']} {_given(submission, row)}") for row in rows]


def _given(submission, row):
    question = submission.questionnaire.question(row["question"])
    return f"“{row['answer']}”" if question and question.kind in TYPED else row["answer"]


def _withdrawn(sheet):
    lines = [f"- {one_line(_since(named))}. {one_line(named.gone.why)}".strip() for named in sheet["withdrawn"]]
    return [_heading(_("Named here, no longer available")), *lines] if lines else []


def _since(named):
    words = {"treatment": named.gone.label, "day": day(named.since)}
    return _("%(treatment)s, withdrawn since %(day)s") % words if named.since else named.gone.label


def _goal(sheet):
    words = sheet["own_words"]
    return [
        _heading(_("Goal, in the patient’s words")),
        *(quoted(words) if words else [_("No words given.")]),
        *(_pair(label, answer) for label, answer in sheet["in_short"] if answer),
    ]


def _flags(sheet):
    flags = [f"- {one_line(flag.text)}. {flag.told}".strip() for flag in sheet["flags"]]
    return [_heading(_("Flags")), *(flags or [_("No urgent sign ticked.")])]


def _notes(sheet):
    lines = [_heading(_("Talk about first"))]
    for number, note in sheet["top_notes"] + sheet["more_notes"]:
        lines += [f"{number}. {one_line(note.title)} ({_rule(note.code, note.version)})", *_note(sheet, note)]
    return lines if len(lines) > 1 else [*lines, _("No note applies to these answers.")]


def _note(sheet, note):
    lines = [one_line(note.staff_text)]
    if note.for_patient:
        lines.append(_pair(_("Patient reads"), f"{note.patient_title}. {note.patient_text}"))
    else:
        lines.append(_("Not shown to the patient"))
    lines += _deciding(sheet["submission"], note.why)
    if note.sources:
        lines.append(_pair(_("Sources"), ", ".join(source["code"] for source in note.sources)))
    if note.awaiting_review:
        lines.append(_("Awaiting clinical review"))
    return [f"   {line}" for line in lines]


def _hopes(sheet):
    lines = [_heading(_("Hopes beside studies"))]
    if not sheet["hopes"]:
        return [*lines, _("No hopes for a treatment were asked, so there is nothing to compare.")]
    lines.append(_("A talking point, not a verdict. Levels are our own reading of the records."))
    lines.append(_("Hoping for fewer days of bruises than is usual counts as more."))
    for hoped in sheet["hopes"]:
        review = _("awaiting clinical review") if hoped.awaiting_review else _("reviewed")
        words = {"treatment": one_line(hoped.name), "sure": hoped.how_sure, "review": review}
        lines.append(_("%(treatment)s (how sure the record is: %(sure)s; %(review)s)") % words)
        lines += [f"- {_pair(gap.dimension, gap.sentence)}." for gap in hoped.gaps]
    return lines


def _questions(sheet):
    lines = [f"- {one_line(label)}" for label in sheet["questions"]]
    lines += quoted(sheet["own_question"] or "")
    return [_heading(_("Patient’s questions")), *(lines or [_("None chosen, none written.")])]


def _answers(sheet):
    lines = [_heading(_("All answers, as asked"))]
    for title, answers in sheet["answers"].steps:
        lines += ["", one_line(title)]
        for answer in answers:
            lines += [f"- {one_line(answer.question.text)}", *_answer(answer)]
    return lines


def _answer(answer):
    if not answer.text:
        return [f"  {_('Not given')}"]
    if answer.question.kind in TYPED:
        return [f"  {line}" for line in quoted(answer.text)]
    return [f"  {one_line(answer.text)}"]
