"""Fix from here: one message of an episode is corrected, and the play goes on from there."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.pipelines import fixing
from synthesis.engine.participants.fixing import Correction
from synthesis.engine.participants.forking import CannotFork
from synthesis.models import Event
from synthesis.selectors import endpoints, episodes
from synthesis.services.fixes import Proposal

SPARE = 1
"""Empty places for further calls."""
MOST_CALLS = 20
LONGEST = 20_000
SEATS = ("agent", "user")


class FixForm(forms.Form):
    """What is said and called instead, and who goes on."""

    text = forms.CharField(
        label=gettext_lazy("What is said"), required=False, max_length=LONGEST, strip=True, widget=forms.Textarea(attrs={"rows": 4})
    )
    agent = forms.ChoiceField(label=gettext_lazy("Who goes on as the agent"), required=False)
    user = forms.ChoiceField(label=gettext_lazy("Who goes on as the user"), required=False)

    def __init__(self, proposal: Proposal, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposal = proposal
        self.places = min(len(proposal.correction.calls) + SPARE, MOST_CALLS) if proposal.tools else 0
        for place in range(self.places):
            self.fields[f"tool_{place}"] = forms.ChoiceField(
                label=gettext_lazy("Tool"), required=False, choices=[("", gettext_lazy("No call")), *((t, t) for t in proposal.tools)]
            )
            self.fields[f"arguments_{place}"] = forms.CharField(
                label=gettext_lazy("Arguments, as JSON"),
                required=False,
                max_length=LONGEST,
                widget=forms.Textarea(attrs={"rows": 5, "class": "mono", "spellcheck": "false"}),
            )
        for seat in SEATS:
            field = self.fields[seat]
            assert isinstance(field, forms.ChoiceField)
            field.choices = _players(seat)

    @staticmethod
    def filled(proposal: Proposal) -> dict[str, Any]:
        """The proposal as the form's first values."""
        values: dict[str, Any] = {"text": proposal.correction.text}
        for place, call in enumerate(proposal.correction.calls[:MOST_CALLS]):
            values[f"tool_{place}"] = call["name"]
            values[f"arguments_{place}"] = json.dumps(call["arguments"], ensure_ascii=False, indent=2)
        return values

    def clean(self) -> dict[str, Any]:
        """Arguments are JSON objects."""
        cleaned = super().clean() or {}
        for place in range(self.places):
            text = cleaned.get(f"arguments_{place}", "")
            if not cleaned.get(f"tool_{place}"):
                continue
            try:
                value = json.loads(text or "{}")
            except (ValueError, RecursionError) as error:
                self.add_error(f"arguments_{place}", _("This is not JSON: %(error)s") % {"error": error})
                continue
            if not isinstance(value, dict):
                self.add_error(f"arguments_{place}", _("Arguments are a JSON object: names and values in braces."))
            cleaned[f"arguments_{place}"] = value
        return cleaned

    def correction(self) -> Correction:
        """What was entered. Calls that are left as proposed keep their ids, so that whoever goes on knows them."""
        cleaned, calls = self.cleaned_data, []
        for place in range(self.places):
            if not cleaned[f"tool_{place}"]:
                continue
            call = {"name": cleaned[f"tool_{place}"], "arguments": cleaned[f"arguments_{place}"]}
            known = next((one for one in self.proposal.correction.calls if {**one, "id": ""} == {**call, "id": ""}), None)
            calls.append(known or call)
        return Correction(cleaned["text"], calls, done=self.proposal.correction.done)

    def seats(self) -> Mapping[str, str]:
        """Who goes on, where somebody was chosen."""
        return {seat: self.cleaned_data[seat] for seat in SEATS if self.cleaned_data[seat]}

    def calls(self) -> Sequence[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of each call."""
        return [(self[f"tool_{place}"], self[f"arguments_{place}"]) for place in range(self.places)]


def _players(seat: str) -> list[tuple[str, str]]:
    models = [(f"model:{one.slug}", _("Model: %(name)s") % {"name": one.slug}) for one in endpoints.for_purpose(seat)]
    return [("", _("As it was")), ("scripted", _("Scripted")), *models, ("person", _("I do, by hand"))]


@allow("runs.start")
@require_http_methods(["GET", "POST"])
def fix(request: HttpRequest, episode_id: int) -> HttpResponse:
    """``/repairs/episodes/<id>/?step=<seq>``: a correction is proposed; POST starts the repaired episode and goes there.

    Without a step the page begins where the judge saw the first mistake, for people who may know that.
    """
    origin = found(episodes.episode_get(episode_id))
    crumbs = [
        (_("Runs"), reverse("runs:index")),
        (f"{_('Run')} {origin.run_id}", reverse("runs:run", args=[origin.run_id])),
        (f"{_('Episode')} {origin.index}", reverse("runs:episode", args=[origin.pk])),
    ]
    told = can(person(request), "judgements.view", episode_id)
    try:
        proposal = fixing.propose_to(actor=person(request), episode_id=episode_id, step=_step(request))
    except CannotFork as error:
        return render(request, "repairs/fix.html", {"episode": origin, "crumbs": crumbs, "problem": str(error)})
    form = FixForm(proposal, request.POST or None, initial=FixForm.filled(proposal))
    if request.method == "POST" and form.is_valid():
        try:
            made = fixing.fix(
                actor=person(request), episode_id=episode_id, seq=proposal.mistake.seq, correction=form.correction(), seats=form.seats()
            )
            return redirect("runs:episode", made.pk)
        except CannotFork as error:
            form.add_error(None, str(error))
    context = {
        "episode": origin,
        "form": form,
        "mistake": proposal.mistake,
        "better": proposal.better,
        "before": found(episodes.event_get(episode_id, proposal.mistake.seq)),
        "calls": _calls(episodes.event_get(episode_id, proposal.mistake.seq)),
        "reason": fixing.reason_of(episode_id) if told else "",
        "crumbs": crumbs,
    }
    return render(request, "repairs/fix.html", context, status=422 if request.method == "POST" else 200)


def _step(request: HttpRequest) -> int | None:
    asked = request.GET.get("step", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None


def _calls(event: Event | None) -> list[tuple[str, str]]:
    """The calls of a message: the tool and its arguments as readable JSON."""
    made = event.payload.get("tool_calls", []) if event else []
    return [(call["name"], json.dumps(call["arguments"], ensure_ascii=False, indent=2)) for call in made]
