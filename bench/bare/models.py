from django.db import models


class Row(models.Model):
    data = models.JSONField()

    def __str__(self):
        return f"Row {self.pk}"
