"""The editor's desk in the CMS: what readers say and look for, what is due for review, and what is still open."""

from itertools import groupby

import django_filters
from django import forms
from django.db.models import Count, Q
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, StatusFlagColumn, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton
from wagtail.permissions import ModelPermissionPolicy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from education import go_live, reviews
from education.models import Feedback, SearchMiss, Synonym
from portal.models import User
from portal.roles import ADMIN, EDITOR, REVIEWER
from portal.templatetags.portal_tags import day


class DayColumn(Column):
    """A date as it is, where Wagtail's own would count the hours since its midnight."""

    def get_value(self, instance):
        return day(super().get_value(instance))


class OnlyPermissionPolicy(ModelPermissionPolicy):
    """Lets nobody do more than `actions`, not even an admin: what readers left is not written by us."""

    def __init__(self, model, *actions):
        super().__init__(model)
        self.actions = actions

    def user_has_permission(self, user, action):
        return action in self.actions and super().user_has_permission(user, action)


def _paths():
    return [(path, path) for path in Feedback.objects.order_by("path").values_list("path", flat=True).distinct()]


class FeedbackFilterSet(WagtailFilterSet):
    path = django_filters.ChoiceFilter(label=_("Page"), choices=_paths, widget=forms.RadioSelect, empty_label=_("All"))

    class Meta:
        model = Feedback
        fields = ["path", "clear", "seen"]


class FeedbackViewSet(SnippetViewSet):
    model = Feedback
    icon = "comment"
    menu_label = _("Feedback")
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = ["path", "clear", "text", "received"]
    list_display = [
        "path",
        Column("get_clear_display", label=_("Clear?")),
        Column(
            "text", label=_("What was not clear"), accessor=lambda row: Truncator(row.text).chars(120), width="40%"
        ),
        DayColumn("received", label=_("Received"), sort_key="received"),
        StatusFlagColumn("seen", label=_("Seen to"), true_label=_("Seen to"), false_label=_("New")),
    ]
    filterset_class = FeedbackFilterSet
    panels = [*(FieldPanel(name, read_only=True) for name in inspect_view_fields), FieldPanel("seen")]
    permission_policy = OnlyPermissionPolicy(Feedback, "view", "change", "delete")


class SynonymViewSet(SnippetViewSet):
    model = Synonym
    icon = "search"
    list_display = ["words"]
    search_fields = ["words"]
    add_to_reference_index = False


class SearchMissViewSet(SnippetViewSet):
    model = SearchMiss
    icon = "search"
    list_display = ["words", "count", DayColumn("last_day", label=_("Last searched on"), sort_key="last_day")]
    add_to_reference_index = False
    copy_view_enabled = False
    permission_policy = OnlyPermissionPolicy(SearchMiss, "view", "delete")


class ReadersViewSetGroup(SnippetViewSetGroup):
    items = (FeedbackViewSet, SynonymViewSet, SearchMissViewSet)
    menu_label = _("Readers")
    menu_icon = "group"
    menu_order = 220


register_snippet(ReadersViewSetGroup)


class ClearnessView(BaseListingView):
    """Which page leaves the most people with questions."""

    page_title = _("Clear or not")
    header_icon = "comment"
    index_url_name = "desk_clearness"
    paginate_by = 50
    columns = [
        TitleColumn("path", label=_("Page"), get_url=lambda row: f"{_feedback_list()}?path={row['path']}"),
        Column("no", label=_("No")),
        Column("partly", label=_("Partly")),
        Column("yes", label=_("Yes")),
        Column("total", label=_("Answers")),
    ]

    def get_queryset(self):
        counts = {clear.value: Count("pk", filter=Q(clear=clear)) for clear in Feedback.Clear}
        pages = Feedback.objects.order_by().values("path").annotate(total=Count("pk"), **counts)
        return list(pages.order_by("-no", "-partly", "path"))


def _feedback_list():
    return reverse(Feedback.snippet_viewset.get_url_name("list"))


NOBODY = "nobody"  # sees to it


def _owners():
    people = User.objects.filter(is_active=True, groups__name__in=(ADMIN, EDITOR, REVIEWER)).distinct()
    return [(NOBODY, _("Nobody")), *((str(person.pk), str(person)) for person in people)]


class ReviewFilterSet(WagtailFilterSet):
    """Filters rows that come from several tables, so that no query could."""

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=reviews.Due.choices, widget=forms.RadioSelect, empty_label=_("All")
    )
    owner = django_filters.ChoiceFilter(
        label=_("Who sees to it"), choices=_owners, widget=forms.RadioSelect, empty_label=_("All")
    )

    class Meta:
        model = User
        fields = []

    def filter_queryset(self, rows):
        chosen = self.form.cleaned_data
        return [row for row in rows if self._fits(row, chosen["state"], chosen["owner"])]

    def _fits(self, row, state, owner):
        return state in ("", row.state) and owner in ("", str(row.item.review_owner_id or NOBODY))


class ReviewCalendarView(BaseListingView):
    page_title = _("Review calendar")
    header_icon = "calendar"
    index_url_name = "desk_reviews"
    index_results_url_name = "desk_reviews_results"
    paginate_by = 50
    filterset_class = ReviewFilterSet
    columns = [
        TitleColumn("item", label=_("Title"), get_url=lambda row: row.address),
        Column("kind", label=_("Kind")),
        Column("item.review_owner", label=_("Who sees to it")),
        DayColumn("item.last_reviewed", label=_("Last reviewed")),
        DayColumn("item.next_review", label=_("Next review")),
        Column("state.label", label=_("State")),
    ]

    def get_queryset(self):
        return self.filter_queryset(reviews.calendar(timezone.localdate()))


class GoLiveView(WagtailAdminTemplateMixin, TemplateView):
    template_name = "education/cms/go_live.html"
    page_title = _("Before you go live")
    header_icon = "tasks"

    def get_header_buttons(self):
        return [HeaderButton(_("Print"), url=reverse("desk_go_live_print"), icon_name="doc-full")]

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        points = go_live.awaiting()
        kinds = [(kind, list(rows)) for kind, rows in groupby(points, key=lambda point: point.kind)]
        marks = sum(point.marks for point in points)
        return super().get_context_data(kinds=kinds, total=len(points), marks=marks, **kwargs)


class GoLivePrintView(GoLiveView):
    template_name = "education/cms/go_live_print.html"


@hooks.register("register_admin_urls")
def desk_urls():
    return [
        path("reports/clear/", ClearnessView.as_view(), name="desk_clearness"),
        path("reports/reviews/", ReviewCalendarView.as_view(), name="desk_reviews"),
        path("reports/reviews/results/", ReviewCalendarView.as_view(results_only=True), name="desk_reviews_results"),
        path("reports/go-live/", GoLiveView.as_view(), name="desk_go_live"),
        path("reports/go-live/print/", GoLivePrintView.as_view(), name="desk_go_live_print"),
    ]


@hooks.register("register_reports_menu_item")
def go_live_menu_item():
    return _menu_item(GoLiveView, "desk_go_live", 100)


@hooks.register("register_reports_menu_item")
def reviews_menu_item():
    return _menu_item(ReviewCalendarView, "desk_reviews", 110)


@hooks.register("register_reports_menu_item")
def clearness_menu_item():
    return _menu_item(ClearnessView, "desk_clearness", 120)


def _menu_item(view, url_name, order):
    return MenuItem(view.page_title, reverse(url_name), icon_name=view.header_icon, order=order)


class DeskPanel(Component):
    """How much is overdue, and how much is open before the first patient comes."""

    order = 60
    template_name = "education/cms/desk_panel.html"

    def get_context_data(self, parent_context):
        return {"overdue": reviews.overdue_count(), "open": len(go_live.awaiting())}


@hooks.register("construct_homepage_panels")
def add_desk_panel(request, panels):
    panels.append(DeskPanel())
