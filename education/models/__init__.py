"""What patients read: evidence records and pages."""

from education.models.evidence import Outcome, Source, Treatment, offer_now, published, records
from education.models.library import Feedback, ReviewReminder, SearchDocument, SearchMiss, Synonym
from education.models.pages import ArticleIndexPage, ArticlePage, HomePage, PlainPage, StarterItem
from education.models.reviewed import Reviewed
from education.models.workflow import ClinicalReviewTask

__all__ = [
    "ArticleIndexPage",
    "ArticlePage",
    "ClinicalReviewTask",
    "Feedback",
    "HomePage",
    "Outcome",
    "PlainPage",
    "ReviewReminder",
    "Reviewed",
    "SearchDocument",
    "SearchMiss",
    "Source",
    "StarterItem",
    "Synonym",
    "Treatment",
    "offer_now",
    "published",
    "records",
]
