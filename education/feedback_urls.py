from django.urls import re_path

from education import feedback

# As Wagtail's own addresses: nothing else can be the path of a page.
PATH = r"^(?P<path>(?:[\w\-]+/)+?)"

urlpatterns = [
    re_path(rf"{PATH}thanks/$", feedback.thanks, name="feedback_thanks"),
    re_path(rf"{PATH}$", feedback.feedback, name="feedback"),
]
