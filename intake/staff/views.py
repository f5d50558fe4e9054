from django.http import HttpResponse


def queue(request):
    return HttpResponse("")


detail = claim = move = comment = queue
