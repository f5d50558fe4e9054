from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.ui.tables import Column
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import IndexView, SnippetViewSetGroup

from education.models import Treatment
from education.review_views import ReviewedViewSet
from intake.models import Note, QuestionnaireVersion, Route, compiled
from intake.uses import uses_of_treatment

SENTENCE = [Column("sentence", gettext_lazy("Applies when"), width="45%")]
STATE = ["version", Column("status", gettext_lazy("State"))]


class RuleIndexView(IndexView):
    def paginate_queryset(self, queryset, page_size):
        """All rules of a page are told in the words of one form, asked for once."""
        paginator, page, rules, more = super().paginate_queryset(queryset, page_size)
        form = compiled(QuestionnaireVersion.current_id())
        for rule in rules:
            rule.form = form
        return paginator, page, rules, more


class RuleViewSet(ReviewedViewSet):
    index_view_class = RuleIndexView


class NoteViewSet(RuleViewSet):
    model = Note
    icon = "comment"
    list_display = ["__str__", "rank", *SENTENCE, Column("seen_by", gettext_lazy("Who sees it")), *STATE]
    list_per_page = 50
    search_fields = ["code", "title", "staff_text", "patient_text"]


class RouteViewSet(RuleViewSet):
    model = Route
    icon = "redirect"
    list_display = ["__str__", *SENTENCE, "reason", *STATE]


class RulesViewSetGroup(SnippetViewSetGroup):
    items = (NoteViewSet, RouteViewSet)
    menu_label = gettext_lazy("Rules")
    menu_icon = "redirect"
    menu_order = 210


register_snippet(RulesViewSetGroup)


@hooks.register("what_uses")
def forms_and_rules(item):
    return uses_of_treatment(item.slug) if isinstance(item, Treatment) else []
