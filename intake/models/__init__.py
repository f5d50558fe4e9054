"""What patients answer, what staff do with it, and the rules that choose notes and routes."""

from intake.models.rules import Note, Route, Rule
from intake.models.submissions import (
    DRAFT_DAYS,
    SHARED_LIFE,
    AccessLog,
    Comment,
    Draft,
    QuestionnaireVersion,
    Status,
    StatusChange,
    Submission,
    SubmissionNote,
    Team,
    Urgency,
    Withdrawal,
    compiled,
    draft_expiry,
    new_reference,
)

__all__ = [
    "DRAFT_DAYS",
    "SHARED_LIFE",
    "AccessLog",
    "Comment",
    "Draft",
    "Note",
    "QuestionnaireVersion",
    "Route",
    "Rule",
    "Status",
    "StatusChange",
    "Submission",
    "SubmissionNote",
    "Team",
    "Urgency",
    "Withdrawal",
    "compiled",
    "draft_expiry",
    "new_reference",
]
