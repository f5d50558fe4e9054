"""What patients read: evidence records and pages."""

from education.models.evidence import Outcome, Reviewed, Source, Treatment, load_outcomes
from education.models.pages import ArticleIndexPage, ArticlePage, HomePage, PlainPage, StarterItem

__all__ = [
    "ArticleIndexPage",
    "ArticlePage",
    "HomePage",
    "Outcome",
    "PlainPage",
    "Reviewed",
    "Source",
    "StarterItem",
    "Treatment",
    "load_outcomes",
]
