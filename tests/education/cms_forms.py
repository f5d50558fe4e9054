"""What a browser sends from the forms of the CMS."""

from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from education.models import Source, Treatment

PUBLISH = {"action-publish": "1"}
SUBMIT = {"action-submit": "1"}


def article_form(**changes):
    """Every kind of block once."""
    treatment = Treatment.objects.get(slug="creams")
    body = [
        ("heading", "A heading"),
        ("text", rich_text("<p>A text with <b>weight</b>.[R1][R59] A guess. [MEM]</p>")),
        ("do_dont", {"do": streamfield_list("Do this.[R1]"), "dont": streamfield_list("Not that.")}),
        ("caution", {"title": "Take care", "text": rich_text("<p>With this.</p>")}),
        ("urgent", {"signs": streamfield_list("something is wrong")}),
        ("drawing", {"drawing": "body-areas", "alt": "Areas of a body.", "caption": "Not to scale."}),
        ("treatment_fact", str(treatment.pk)),
        ("questions", {"questions": streamfield_list("What happens next?")}),
    ]
    fields = {
        "title": "A new title",
        "slug": "what-is-micro-needling",
        "summary": "A new summary.",
        "topic": "Micro-needling",
        "key_points": streamfield([("point", f"Point {number}.") for number in range(3)]),
        "body": streamfield(body),
        "treatments": [str(treatment.pk)],
        "related": streamfield([]),
        "author": "",
        "approved_by": "",
        "last_reviewed": "",
        "next_review": "",
        "seo_title": "",
        "search_description": "",
        "comments": inline_formset([]),
    }
    return nested_form_data(fields | changes)


def streamfield_list(*lines):
    return inline_list([{"value": line} for line in lines])


def inline_list(items):
    return {
        "count": str(len(items)),
        **{str(n): {"deleted": "", "order": str(n), "id": "", **item} for n, item in enumerate(items)},
    }


def treatment_form(treatment, outcomes=(), **changes):
    names = [*Treatment.FACTS, "name", "slug", "also_called", "summary", "state", "withdrawn_notice", "certainty"]
    names += ["usual_change", "longest_lasting", "usual_bruising", "author", "approved_by"]
    fields = {name: getattr(treatment, name) for name in names}
    return nested_form_data(
        fields | {"last_reviewed": "", "next_review": ""} | {"outcomes": inline_formset(outcomes)} | changes
    )


def outcome_form(**changes):
    source = Source.objects.get(code="R1")
    fields = {"name": "Dents", "result": "Fewer dents.", "certainty": "low", "source": str(source.pk)}
    numbers = ("n", "per_100_low", "per_100_high", "per_100_compare_low", "per_100_compare_high")
    return fields | dict.fromkeys(("measured", "population", "follow_up", *numbers), "") | changes


def edit(client, page, **changes):
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), article_form(**changes))


def save(client, treatment, *args, **kwargs):
    address = reverse(Treatment.snippet_viewset.get_url_name("edit"), args=[treatment.pk])
    return client.post(address, treatment_form(treatment, *args, **kwargs))


def decide(client, item, action="approve", **form):
    """What a reviewer decides in the list of what awaits review."""
    state = item.current_workflow_task_state
    views = item.snippet_viewset.get_url_name if hasattr(item, "snippet_viewset") else "wagtailadmin_pages:{}".format
    return client.post(reverse(views("workflow_action"), args=[item.pk, action, state.pk]), form, follow=True)
