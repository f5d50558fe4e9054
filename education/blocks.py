"""What an article is made of: blocks that say what they mean, so that each looks and reads the same everywhere."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from education.citations import CitesSources

TEXT_FEATURES = ["bold", "ol", "ul", "link"]

DRAWINGS = [
    ("skin-layers", _("Skin layers and bands")),
    ("needle-reach", _("What a needle reaches")),
    ("body-areas", _("Body areas")),
    ("tool-reach", _("What each tool reaches")),
    ("self-rating", _("Rating your own skin")),
    ("dents-and-waves", _("Dents and waves")),
    ("lipoedema-legs", _("Usual legs and lipoedema")),
    ("band-cut", _("A band, and the same band cut")),
]
# Pixels at a width of 440, so that the page does not jump when a drawing arrives.
HEIGHTS = {
    "skin-layers": 290,
    "needle-reach": 290,
    "body-areas": 366,
    "tool-reach": 394,
    "self-rating": 148,
    "dents-and-waves": 256,
    "lipoedema-legs": 336,
    "band-cut": 256,
}


class LineBlock(CitesSources, blocks.CharBlock):
    pass


class TextBlock(CitesSources, blocks.RichTextBlock):
    def __init__(self, **kwargs):
        super().__init__(features=TEXT_FEATURES, **kwargs)

    class Meta:
        icon = "pilcrow"
        template = "education/blocks/text.html"


class HeadingBlock(LineBlock):
    """Starts a new part of the page, which prints it."""

    class Meta:
        icon = "title"


class DoDontBlock(blocks.StructBlock):
    do = blocks.ListBlock(LineBlock(label=_("Do")), max_num=5)
    dont = blocks.ListBlock(LineBlock(label=_("Don't")), max_num=5, label=_("Don't"))

    class Meta:
        icon = "list-ul"
        label = _("Do and don't")
        template = "education/blocks/do_dont.html"


class CautionBlock(blocks.StructBlock):
    title = LineBlock()
    text = TextBlock()

    class Meta:
        icon = "warning"
        template = "education/blocks/caution.html"


class UrgentBlock(blocks.StructBlock):
    signs = blocks.ListBlock(LineBlock(label=_("Get help today if")))

    class Meta:
        icon = "warning"
        label = _("Urgent help")
        template = "education/blocks/urgent.html"


class PictureBlock(blocks.StructBlock):
    image = ImageChooserBlock()
    alt = blocks.CharBlock(label=_("What there is to learn from the picture"))
    caption = LineBlock(required=False)

    class Meta:
        icon = "image"
        template = "education/blocks/picture.html"


class Drawing(blocks.StructValue):
    @property
    def path(self):
        return f"img/{self['drawing']}.svg"

    @property
    def height(self):
        return HEIGHTS[self["drawing"]]


class DrawingBlock(blocks.StructBlock):
    drawing = blocks.ChoiceBlock(choices=DRAWINGS)
    alt = blocks.CharBlock(label=_("What there is to learn from the drawing"))
    caption = LineBlock(required=False)

    class Meta:
        icon = "image"
        template = "education/blocks/drawing.html"
        value_class = Drawing


class AnswerBlock(blocks.StructBlock):
    text = LineBlock(label=_("Answer"))
    reply = LineBlock(label=_("What it explains"), help_text=_("Shown as soon as this answer is chosen."))
    fits = blocks.BooleanBlock(label=_("This is the closest answer"), required=False)


class CheckBlock(blocks.StructBlock):
    """One question to check one's own understanding: each answer explains itself, nothing is scored or kept."""

    question = LineBlock()
    answers = blocks.ListBlock(AnswerBlock(), min_num=2, max_num=4)

    class Meta:
        icon = "circle-check"
        label = _("Check yourself")
        template = "education/blocks/check.html"

    def clean(self, value):
        value = super().clean(value)
        if sum(answer["fits"] for answer in value["answers"]) != 1:
            raise blocks.StructBlockValidationError(
                {"answers": ValidationError(_("Mark one answer, and only one, as the closest."))}
            )
        return value


class TreatmentBlock(SnippetChooserBlock):
    """An evidence record, drawn from those that are kept in memory."""

    def bulk_to_python(self, values):
        from education.models import records

        known = records()
        return [known.get(value) for value in values]


class QuestionsBlock(blocks.StructBlock):
    questions = blocks.ListBlock(LineBlock(label=_("Question")))

    class Meta:
        icon = "help"
        label = _("Questions to ask")
        template = "education/blocks/questions.html"


class BodyBlock(blocks.StreamBlock):
    heading = HeadingBlock()
    text = TextBlock()
    do_dont = DoDontBlock()
    caution = CautionBlock()
    urgent = UrgentBlock()
    picture = PictureBlock()
    drawing = DrawingBlock()
    treatment_fact = TreatmentBlock(
        "education.Treatment", label=_("Treatment fact"), template="education/blocks/treatment_fact.html"
    )
    timeline = TreatmentBlock(
        "education.Treatment", label=_("Timeline of a treatment"), template="education/blocks/timeline.html"
    )
    check = CheckBlock()
    questions = QuestionsBlock()


class TitledTextBlock(blocks.StructBlock):
    title = blocks.CharBlock()
    text = LineBlock()
