"""What a Submission keeps of the moment it was sent: answers, route, notes and gaps, each with its why."""

from datetime import date

from django.utils import timezone

from education.models import Source, Treatment
from intake.answers import deciding_rows
from intake.conditions import values
from intake.facts import facts
from intake.forms import OFFER_QUESTION
from intake.gaps import LEVELS, GapRecord, gap
from intake.models import Note, Route, Submission, SubmissionNote, Urgency, new_reference
from intake.notes import applied, for_patient
from intake.path import prune
from intake.routing import Hours, Opening, due, route
from intake.signs import urgent_signs
from portal.models import ClinicSettings


def freeze(draft, now):
    """Writes the Submission of a Draft, with its notes. `now` is aware."""
    questionnaire = draft.questionnaire
    answers = prune(questionnaire, draft.answers)
    today = timezone.localdate(now)
    records = _records(answers)
    known = {**answers, **facts(questionnaire, answers, today, _gap_records(records))}
    clinic = ClinicSettings.load()
    way = route([rule.as_rule() for rule in Route.objects.filter(live=True)], known)
    appointment = date.fromisoformat(answers["appointment-date"]) if "appointment-date" in answers else None
    submission = Submission.objects.create(
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
        gaps=_frozen_gaps(questionnaire, answers, records),
    )
    _freeze_notes(submission, questionnaire, answers, known, clinic)
    return submission


def _records(answers):
    """The published evidence records of the treatments that a patient thinks about, by slug."""
    chosen = values(answers, OFFER_QUESTION)
    return {record.slug: record for record in Treatment.objects.filter(slug__in=chosen, live=True)}


def _gap_records(records):
    return {
        slug: GapRecord(record.usual_change or None, record.longest_lasting or None, record.usual_bruising or None)
        for slug, record in records.items()
    }


def _frozen_gaps(questionnaire, answers, records):
    """Hope beside record for each treatment that was asked about, in the order in which they were chosen."""
    usual = _gap_records(records)
    labels = {option.code: option.label for option in questionnaire.question(OFFER_QUESTION).options}
    found = []
    for slug in values(answers, OFFER_QUESTION):
        hopes = {dimension: answers.get(f"hope-{slug}-{dimension}") for dimension in LEVELS}
        rows = [
            {
                "dimension": dimension,
                "hope": hope,
                "usual": getattr(usual.get(slug), dimension, None),
                "level": gap(dimension, hope, usual.get(slug, GapRecord())),
            }
            for dimension, hope in hopes.items()
            if hope
        ]
        if rows:
            record = records.get(slug)
            found.append(
                {
                    "treatment": slug,
                    "name": labels[slug],
                    "certainty": record.certainty if record else "",
                    "awaiting_review": record.awaiting_review if record else True,
                    "rows": rows,
                }
            )
    return found


def clinic_hours(clinic):
    """The clinic's opening hours as the core reads them."""
    openings, holidays = clinic.hours()
    return Hours(tuple(Opening(*opening) for opening in openings), holidays)


def _freeze_notes(submission, questionnaire, answers, known, clinic):
    notes = [note.as_rule() for note in Note.objects.in_force(timezone.localdate(submission.submitted_at))]
    found = applied(notes, known)
    shown = {entry.note.code for entry in for_patient(found, known, urgent=bool(urgent_signs(known)))}
    citations = _citations(code for entry in found for code in entry.note.sources)
    SubmissionNote.objects.bulk_create(
        SubmissionNote(
            submission=submission,
            code=entry.note.code,
            version=entry.note.version,
            rank=entry.note.rank,
            title=entry.note.title,
            staff_text=entry.note.staff,
            patient_title=entry.note.patient_title,
            patient_text=clinic.fill_in(entry.note.patient),
            for_patient=entry.note.code in shown,
            awaiting_review=entry.note.awaiting_review,
            sources=[{"code": code, "citation": citations.get(code, "")} for code in entry.note.sources],
            why=deciding_rows(questionnaire, answers, entry.because),
        )
        for entry in found
    )


def _citations(codes):
    return dict(Source.objects.filter(code__in=set(codes)).values_list("code", "citation"))


def _free_reference():
    """A reference that nobody has. With a million rows one in a thousand is taken, so ask before the insert."""
    while True:
        reference = new_reference()
        if not Submission.objects.filter(reference=reference).exists():
            return reference
