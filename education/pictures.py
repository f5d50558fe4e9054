"""Uploads of pictures: what is none, or unfolds to too large a one, is refused in words."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm


class PictureField(WagtailImageField):
    """Opens the whole picture: Wagtail looks at its first bytes only, and fails later at what follows."""

    def check_image_pixel_size(self, f):
        try:
            super().check_image_pixel_size(f)
            f.image.f.seek(0)
            with Image.open(f.image.f) as picture:
                picture.load()
            f.image.f.seek(0)
        except ValidationError:
            raise
        except Exception as error:  # damaged files make Pillow raise almost anything
            millions = self.max_image_pixels // 1_000_000
            message = _("This file can't be opened as a picture of at most %(millions)s million pixels.")
            raise ValidationError(message % {"millions": millions}) from error


class PictureForm(BaseImageForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if file := self.fields.get("file"):
            self.fields["file"] = PictureField(label=file.label, widget=file.widget, required=file.required)
