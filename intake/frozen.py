"""What a Submission keeps of the moment it was sent: answers, route, notes and gaps, each with its why."""

from datetime import date

from django.utils import timezone

from education.citations import known_sources
from education.models import records as evidence_records
from intake.answers import deciding_rows, in_words
from intake.conditions import values
from intake.facts import facts
from intake.forms import OFFER_QUESTION
from intake.gaps import LEVELS, GapRecord, gap
from intake.models import Note, Route, Submission, SubmissionNote, Urgency, new_reference
from intake.notes import applied, for_patient
from intake.path import prune
from intake.routing import Hours, Opening, due, route
from intake.signs import urgent_signs
from portal.models import the_clinic


def freeze(draft, now):
    """The Submission of a Draft and its notes, not saved yet. `now` is aware."""
    questionnaire = draft.questionnaire
    answers = prune(questionnaire, draft.answers)
    records = _records(answers)
    known = answers | facts(questionnaire, answers, timezone.localdate(now), _gap_records(records))
    clinic = the_clinic()
    way = route(Route.objects.in_force(), known)
    appointment = date.fromisoformat(answers["appointment-date"]) if "appointment-date" in answers else None
    submission = Submission(
        reference=_free_reference(),
        draft_key=draft.key,
        version_id=draft.version_id,
        answers=answers,
        full_name=answers["full-name"],
        birth_date=answers["birth-date"],
        email=answers.get("email"),
        phone=answers.get("phone"),
        appointment_date=appointment,
        submitted_at=now,
        team=way.team,
        urgency=way.urgency,
        urgency_rank=Urgency.values.index(way.urgency),
        due_at=due(way.urgency, timezone.localtime(now), clinic_hours(clinic), appointment),
        route_why={
            "rule": way.rule.number,
            "version": way.rule.version,
            "reason": way.rule.reason,
            "awaiting_review": way.rule.awaiting_review,
            "answers": deciding_rows(questionnaire, answers, way.because),
        },
        gaps=_gaps(questionnaire, answers, records),
    )
    return submission, list(_notes(questionnaire, answers, known, clinic, timezone.localdate(now)))


def _notes(questionnaire, answers, known, clinic, today):
    found = applied(Note.objects.in_force(today), known)
    shown = {entry.note.code for entry in for_patient(found, known, urgent=bool(urgent_signs(known)))}
    citations = {code: source.citation for code, source in known_sources().items()}
    for entry in found:
        note = entry.note
        content = {
            "code": note.code,
            "version": note.version,
            "rank": note.rank,
            "title": note.title,
            "staff_text": note.staff,
            "patient_title": note.patient_title,
            "patient_text": clinic.fill_in(note.patient),
            "sources": [{"code": code, "citation": citations.get(code, "")} for code in note.sources],
            "why": deciding_rows(questionnaire, answers, entry.because),
        }
        yield SubmissionNote(content=content, for_patient=note.code in shown, awaiting_review=note.awaiting_review)


def _records(answers):
    """The published evidence records of the treatments that a patient hopes something of, by slug."""
    slugs = [slug for slug in values(answers, OFFER_QUESTION) if f"hope-{slug}-change" in answers]
    return {record.slug: record for record in evidence_records().values() if record.live and record.slug in slugs}


def _gap_records(records):
    return {
        slug: GapRecord(record.usual_change or None, record.longest_lasting or None, record.usual_bruising or None)
        for slug, record in records.items()
    }


def _gaps(questionnaire, answers, records):
    """Hope beside record for each treatment that was asked about, in the order in which they were chosen."""
    usual = _gap_records(records)
    offered = questionnaire.question(OFFER_QUESTION)
    found = []
    for slug in values(answers, OFFER_QUESTION):
        rows = list(_gap_rows(slug, answers, usual.get(slug, GapRecord())))
        if rows:
            record = records.get(slug)
            found.append(
                {
                    "treatment": slug,
                    "name": in_words(offered, slug),
                    "certainty": record.certainty if record else "",
                    "awaiting_review": record.awaiting_review if record else True,
                    "rows": rows,
                }
            )
    return found


def _gap_rows(slug, answers, record):
    for dimension in LEVELS:
        hope = answers.get(f"hope-{slug}-{dimension}")
        if hope:
            level = gap(dimension, hope, record)
            yield {"dimension": dimension, "hope": hope, "usual": getattr(record, dimension), "level": level}


def clinic_hours(clinic):
    """The clinic's opening hours as the core reads them."""
    openings, holidays = clinic.hours()
    return Hours(tuple(Opening(*opening) for opening in openings), holidays)


def _free_reference():
    """A reference that nobody has. With a million rows one in a thousand is taken, so ask before the insert."""
    while True:
        reference = new_reference()
        if not Submission.objects.filter(reference=reference).exists():
            return reference
