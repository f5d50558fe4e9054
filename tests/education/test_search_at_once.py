"""Searches while others write."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from education.models import SearchMiss

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_locked_database_delays_no_search_by_more_than_a_moment(client):
    held, done = threading.Event(), threading.Event()

    def hold():
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            else:
                cursor.execute("BEGIN")
                cursor.execute("LOCK TABLE education_searchmiss IN ACCESS EXCLUSIVE MODE")
            held.set()
            done.wait(20)
            cursor.execute("ROLLBACK")
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(20)
        started = timezone.now()
        assert client.get("/search/?q=zebra").status_code == 200
        assert timezone.now() - started < timedelta(seconds=5)
    finally:
        done.set()
        holder.join()
    client.get("/search/?q=zebra")
    assert SearchMiss.objects.get().count == 1


def test_misses_at_the_same_moment_are_one_row():
    def look():
        try:
            for _number in range(3):
                Client().get("/search/?q=zebra")
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 <= SearchMiss.objects.get().count <= 12
