"""Which forms, notes and routes name a treatment."""

from django.utils.translation import gettext as _

from education.reviews import cms_address
from education.uses import Use
from intake.conditions import Test, parse
from intake.models import Note, QuestionnaireVersion, Route, compiled


def uses_of_treatment(slug):
    """Every version of the form counts: forms that patients sent still show the words of theirs."""
    return [*_forms(slug), *_rules(slug)]


def _forms(slug):
    for version in QuestionnaireVersion.objects.defer("resource").order_by("pk"):
        kind = _("question of the form, version %(version)s") % {"version": version.version}
        for step in compiled(version.pk).steps:
            for question in step.questions:
                if any(option.code == slug for option in question.options):
                    yield Use(question.text, kind)


def _rules(slug):
    for model in (Note, Route):
        for rule in model.objects.exclude(condition=None):
            conditions = [rule.parsed] + ([parse(rule.unless)] if getattr(rule, "unless", None) else [])
            if any(_names(condition, slug) for condition in conditions):
                yield Use(str(rule), str(rule._meta.verbose_name), cms_address(rule))


def _names(condition, slug):
    """Whether it asks for the treatment, for a hope of it, or for the gap between hope and record."""
    if isinstance(condition, Test):
        return condition.answer == slug or condition.question.startswith((f"hope-{slug}-", f"gap-{slug}-"))
    return any(_names(part, slug) for part in condition.conditions)
