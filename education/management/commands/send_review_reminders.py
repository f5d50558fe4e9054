from django.core.management.base import BaseCommand
from django.utils import timezone

from education.reminders import remind


class Command(BaseCommand):
    help = "Mails people about reviews that are due or overdue: about each once in its time, however often this runs."

    def handle(self, **options):
        mails = remind(timezone.localdate())
        if options["verbosity"]:
            self.stdout.write(f"Reminders: {mails} mails.")
