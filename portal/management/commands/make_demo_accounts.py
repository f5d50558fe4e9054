import os
import secrets

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

from portal.models import User
from portal.roles import ADMIN, ROLES


class Command(BaseCommand):
    help = "Makes one account for each role, with random passwords, and lists them in DATA_DIR/demo-accounts.txt."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("Demo accounts exist only with DEMO=1.")
        path = settings.DATA_DIR / "demo-accounts.txt"
        if path.exists() and User.objects.filter(username__in=ROLES).count() == len(ROLES):
            return
        lines = [self._make(role) for role in ROLES]
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write("".join(lines))
        self.stdout.write("Demo accounts: one for each role.")

    def _make(self, role):
        password = secrets.token_urlsafe(12)
        user, _created = User.objects.get_or_create(username=role)
        user.set_password(password)
        user.first_name, user.last_name, user.email = "Demo", role.title(), f"{role}@clinic.example"
        user.is_superuser = role == ADMIN
        user.save()
        user.groups.set([Group.objects.get(name=role)])
        return f"{role} {password} {role}\n"
