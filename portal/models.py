from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.formats import time_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.models import Orderable

from portal.roles import ROLES
from portal.stamp import CLINIC, kept

EXAMPLE_NAME = "Example Clinic"


class User(AbstractUser):
    """Somebody who works here. Patients have no account."""

    @property
    def role(self):
        """The first of the five roles that this person has, or an empty text."""
        groups = {group.name for group in self.groups.all()}
        return next((role for role in ROLES if role in groups), "")

    def __str__(self):
        return self.get_full_name() or self.username


@register_setting(icon="home")
class ClinicSettings(BaseGenericSetting, ClusterableModel):
    """What a clinic says about itself. Empty numbers print "your local emergency number" and the like."""

    name = models.CharField(_("name of the clinic"), max_length=120, default=EXAMPLE_NAME)
    phone = models.CharField(_("phone"), max_length=40, blank=True, help_text=_("On every page that patients see."))
    address = models.TextField(_("address"), blank=True)
    emergency_number = models.CharField(_("emergency number"), max_length=40, blank=True)
    urgent_number = models.CharField(_("urgent care line"), max_length=40, blank=True)
    crisis_name = models.CharField(_("crisis line, name"), max_length=120, blank=True)
    crisis_phone = models.CharField(_("crisis line, number"), max_length=40, blank=True)
    single_handed = models.BooleanField(
        _("one person may write and approve"),
        default=False,
        help_text=_("For a clinic with one clinician only. Otherwise somebody else approves what one person wrote."),
    )

    panels = [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("phone"), FieldPanel("address")], _("The clinic")),
        MultiFieldPanel(
            [
                FieldPanel("emergency_number"),
                FieldPanel("urgent_number"),
                FieldPanel("crisis_name"),
                FieldPanel("crisis_phone"),
            ],
            _("Numbers for urgent help"),
        ),
        FieldPanel("single_handed"),
        InlinePanel("openings", heading=_("Opening hours"), label=_("Opening")),
        InlinePanel("holidays", heading=_("Days when the clinic is shut"), label=_("Day")),
    ]

    class Meta:
        verbose_name = _("clinic")

    def __str__(self):
        return self.name

    def fill_in(self, text):
        """A text with the clinic's numbers in it, in words where the clinic has not entered one."""
        text = text.replace("{urgent_line}", self.urgent_number or gettext("your local urgent care line"))
        return text.replace("{emergency_number}", self.emergency_number or gettext("your local emergency number"))

    def hours(self):
        """Opening hours and holidays in the form that due times are computed from."""
        return (
            tuple((opening.weekday, opening.opens, opening.closes) for opening in self.openings.all()),
            frozenset(holiday.day for holiday in self.holidays.all()),
        )

    def hours_in_words(self):
        """(days, times) as patients read them, days in a row with the same times together. One query."""
        by_day = {}
        for row in sorted(self.openings.all(), key=lambda row: (row.weekday, row.opens)):
            times = f"{time_format(row.opens, 'H:i')}–{time_format(row.closes, 'H:i')}"
            by_day.setdefault(row.weekday, []).append(times)
        runs = []
        for weekday, times in by_day.items():
            if runs and runs[-1][1] == weekday - 1 and runs[-1][2] == times:
                runs[-1][1] = weekday
            else:
                runs.append([weekday, weekday, times])
        return [(_days(first, last), ", ".join(times)) for first, last, times in runs]

    def missing(self):
        """What an admin still has to fill in before patients come, as labels."""
        needed = ["phone", "address", "emergency_number", "urgent_number", "crisis_name", "crisis_phone"]
        labels = [str(self._meta.get_field(name).verbose_name) for name in needed if not getattr(self, name)]
        if self.name == EXAMPLE_NAME:
            labels.insert(0, str(self._meta.get_field("name").verbose_name))
        if not self.openings.exists():
            labels.append(str(_("opening hours")))
        return labels


@kept(name=CLINIC)
def the_clinic():
    """The clinic with its hours, as pages print it. Not for changing: that is what `ClinicSettings.load()` is for."""
    return ClinicSettings.objects.prefetch_related("openings", "holidays").get()


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


def _days(first, last):
    first, last = Weekday(first).label, Weekday(last).label
    return first if first == last else gettext("%(first)s to %(last)s") % {"first": first, "last": last}


class ClinicOpening(Orderable):
    clinic = ParentalKey(ClinicSettings, on_delete=models.CASCADE, related_name="openings")
    weekday = models.IntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    def clean(self):
        if self.opens and self.closes and self.opens >= self.closes:
            raise ValidationError({"closes": _("Choose a time after the opening.")})


class ClinicHoliday(Orderable):
    clinic = ParentalKey(ClinicSettings, on_delete=models.CASCADE, related_name="holidays")
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=120, blank=True)
