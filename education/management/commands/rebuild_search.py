from django.core.management.base import BaseCommand

from education.search import index


class Command(BaseCommand):
    help = "Makes the search index anew from what is published. Readers search the old one until it is there."

    def handle(self, **options):
        self.stdout.write(f"Search: {index.rebuild()} documents.")
