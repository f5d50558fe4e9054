from uuid import uuid4

from django.core.mail.backends.filebased import EmailBackend


class OneFileEach(EmailBackend):
    """Django names files by second and object, so that two mails of one second may share a file."""

    def _get_filename(self):
        return f"{self.file_path}/{uuid4()}.eml"
