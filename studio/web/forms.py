"""How forms are drawn: with our templates, so that every field has its label, help and errors in the same place."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Django's form renderer with our templates: ``{{ form }}`` and ``{{ field.as_field_group }}``."""

    form_template_name = "parts/form.html"
    field_template_name = "parts/field.html"
