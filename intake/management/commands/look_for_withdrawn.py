from django.core.management.base import BaseCommand

from intake.withdrawal import follow_switch, mark_open_forms


class Command(BaseCommand):
    help = "Has the worker look through the open forms for treatments that are withdrawn. Done again, it does no harm."

    def handle(self, **options):
        follow_switch()
        mark_open_forms.enqueue()
