"""The audit trail: who did what, newest first."""

from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from studio.access.audit import actions, actors, entries
from studio.access.doors import allow
from studio.web.areas import tabs
from studio.web.paging import page_of, read_cursor
from studio.web.settings.tabs import TABS

SIZE = 50
PERIODS = [("", _("All time")), ("1", _("Last day")), ("7", _("Last 7 days")), ("30", _("Last 30 days"))]


class FilterForm(forms.Form):
    """By person, by what was done, by when, by object. Choices that nobody offers count as not made."""

    actor = forms.TypedChoiceField(label=_("Who"), coerce=int, empty_value=None, required=False)
    action = forms.ChoiceField(label=_("What"), required=False)
    days = forms.TypedChoiceField(label=_("When"), coerce=int, empty_value=None, required=False, choices=PERIODS)
    object = forms.CharField(
        label=_("Object"), max_length=80, required=False, widget=forms.TextInput({"autocomplete": "off", "placeholder": _("Name or id")})
    )


@allow("audit.view")
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """``/settings/audit/``: filters in the query string, pages by key."""
    form = FilterForm(request.GET, auto_id="filter_%s")
    form.fields["actor"].choices = [("", _("Everybody")), *((str(user.pk), user.get_username()) for user in actors())]  # type: ignore[attr-defined]
    form.fields["action"].choices = [("", _("Everything")), *((name, name) for name in actions())]  # type: ignore[attr-defined]
    form.is_valid()
    wanted = form.cleaned_data
    cursor = read_cursor(request, int)
    before = int(cursor[0]) if cursor else None
    days = wanted.get("days")
    rows = entries(
        actor_id=wanted.get("actor"),
        action=wanted.get("action", ""),
        thing=wanted.get("object", ""),
        since=timezone.now() - timedelta(days=days) if days else None,
        before_id=before,
        limit=SIZE + 1,
    )
    page = page_of(rows, SIZE, lambda row: (row.pk,), first=before is None)
    filtered = any(value for value in wanted.values())
    return render(request, "settings/audit.html", {"tabs": tabs(request, TABS), "form": form, "page": page, "filtered": filtered})
