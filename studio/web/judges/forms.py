"""What judges are asked on their pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from judging.services.calibrations import MOST_DAMAGED


class CalibrateForm(forms.Form):
    """How many passing episodes are damaged."""

    damage = forms.IntegerField(
        label=_("Episodes to damage"),
        min_value=0,
        max_value=MOST_DAMAGED,
        initial=50,
        help_text=_("Each is damaged in up to nine ways and judged anew; a model judge is asked, and paid, for each copy. 0 damages none."),
    )


class ThresholdForm(forms.Form):
    """How often kept episodes shall be good."""

    precision = forms.FloatField(label=_("Wanted precision, in percent"), min_value=1, max_value=100, initial=95)
