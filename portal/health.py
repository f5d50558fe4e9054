from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django_tasks_db.models import DBTaskResult


def healthz(request):
    """The process is up."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request):
    """What a request needs is reachable: 200, or 503 with the name of what is not."""
    checks = {"database": _database, "cache": _cache, "queue": DBTaskResult.objects.exists}
    failed = [name for name, check in checks.items() if not _works(check)]
    return JsonResponse({"failed": failed}, status=503 if failed else 200)


def _works(check):
    try:
        check()
    except Exception:  # whatever the reason, the answer is the same: not ready
        return False
    return True


def _database():
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache():
    cache.set("readyz", "1", 5)
    if cache.get("readyz") != "1":
        raise ConnectionError("the cache forgets")
