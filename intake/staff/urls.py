from django.urls import path

from intake.staff import views

app_name = "staff"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("withdrawn/", views.withdrawn, name="withdrawn"),
    path("tablet/", views.tablet, name="tablet"),
    path("intakes/<str:reference>/", views.detail, name="detail"),
    path("intakes/<str:reference>/claim/", views.claim, name="claim"),
    path("intakes/<str:reference>/move/", views.move, name="move"),
    path("intakes/<str:reference>/comment/", views.comment, name="comment"),
]
