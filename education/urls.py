from django.urls import path

from education import views

app_name = "education"
urlpatterns = [
    path("", views.compare, name="compare"),
    path("<slug:slug>/", views.treatment, name="treatment"),
]
