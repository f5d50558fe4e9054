from django.urls import path

from education.review_views import approve_page

# Stands before Wagtail's own of this address.
urlpatterns = [path("workflow/action/<int:page_id>/<slug:action_name>/<int:task_state_id>/", approve_page)]
