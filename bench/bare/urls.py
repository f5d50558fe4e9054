import json

from django.http import HttpResponse
from django.urls import path

from bench.bare.models import Row


def insert(request):
    Row.objects.create(data=json.loads(request.body))
    return HttpResponse(status=201)


urlpatterns = [path("", insert)]
