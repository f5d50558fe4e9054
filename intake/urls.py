from django.urls import path

from intake import views

app_name = "intake"
urlpatterns = [
    path("", views.start, name="start"),
    path("urgent/advice/", views.urgent_advice, name="urgent_advice"),
    path("check/", views.check, name="check"),
    path("done/", views.done, name="done"),
    path("stop/", views.stop, name="stop"),
    path("delete/", views.delete, name="delete"),
    path("clear/", views.clear, name="clear"),
    path("cleared/", views.cleared, name="cleared"),
    path("here/", views.here, name="here"),
    path("<slug:name>/", views.step, name="step"),
    path("<slug:name>/later/", views.later, name="later"),
]
