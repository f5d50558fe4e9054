import json

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from bench.bare.models import Row


def insert(request):
    Row.objects.create(data=json.loads(request.body))
    return HttpResponse(status=201)


def page(request, length):
    return HttpResponse(b"x" * length)


def rows(request):
    return render(request, "rows.html", {"number": Row.objects.count(), "rows": Row.objects.order_by("pk")[:20]})


urlpatterns = [path("", insert), path("page/<int:length>/", page), path("rows/", rows)]
