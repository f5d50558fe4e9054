from django.urls import path, re_path
from wagtail.urls import serve_pattern

from education import print_pack, views

urlpatterns = [
    path("print/", print_pack.print_pack, name="print_pack"),
    re_path(serve_pattern, views.page),
]
