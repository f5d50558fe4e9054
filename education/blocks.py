"""What an article is made of: blocks that say what they mean, so that each looks and reads the same everywhere."""

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
]
# Pixels at a width of 440, so that the page does not jump when a drawing arrives.
HEIGHTS = {"skin-layers": 290, "needle-reach": 290, "body-areas": 366}


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
    treatment_fact = SnippetChooserBlock(
        "education.Treatment", label=_("Treatment fact"), template="education/blocks/treatment_fact.html"
    )
    questions = QuestionsBlock()


class TitledTextBlock(blocks.StructBlock):
    title = blocks.CharBlock()
    text = LineBlock()
