from wagtail.admin.panels import Panel


class ShownPanel(Panel):
    """Shows what an object says of itself. Wagtail's own read-only panel knows nothing but fields of the database."""

    def __init__(self, attribute, **kwargs):
        super().__init__(**kwargs)
        self.attribute = attribute

    def clone_kwargs(self):
        return super().clone_kwargs() | {"attribute": self.attribute}

    class BoundPanel(Panel.BoundPanel):
        template_name = "intake/cms/shown_panel.html"

        def get_context_data(self, parent_context=None):
            text = getattr(self.instance, self.panel.attribute)
            return super().get_context_data(parent_context) | {"text": text() if callable(text) else text}
