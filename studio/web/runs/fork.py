"""Forking an episode: who goes on from which step, and with which faults."""

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
from studio.pipelines.forking import fork as fork_episode
from synthesis.engine.faults.plan import READ_FAULTS
from synthesis.engine.participants.forking import CannotFork, FaultChoice
from synthesis.models import Episode
from synthesis.selectors import catalog, endpoints, episodes

HOWS = (
    ("keep", gettext_lazy("As planned")),
    ("none", gettext_lazy("None from here on")),
    ("one", gettext_lazy("One, at the next call of a tool")),
)

SEATS = ("agent", "user")
HANDS = (("user", gettext_lazy("I play the user")), ("agent", gettext_lazy("I play the agent")))


class ForkForm(forms.Form):
    """From where, and what changes there."""

    step = forms.IntegerField(label=gettext_lazy("Go on after step"), min_value=0)
    agent = forms.ChoiceField(label=gettext_lazy("Agent"), required=False)
    persona = forms.ChoiceField(
        label=gettext_lazy("Persona"), required=False, help_text=gettext_lazy("Those who speak the language of this conversation.")
    )
    agent_player = forms.ChoiceField(label=gettext_lazy("Who plays the agent"), required=False)
    user_player = forms.ChoiceField(label=gettext_lazy("Who plays the user"), required=False)
    by_hand = forms.MultipleChoiceField(
        label=gettext_lazy("Play by hand"),
        required=False,
        choices=HANDS,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("The episode waits for you whenever it is your turn."),
    )
    how = forms.ChoiceField(label=gettext_lazy("Faults"), choices=HOWS, widget=forms.RadioSelect, initial="keep")
    tool = forms.ChoiceField(label=gettext_lazy("Tool that the fault strikes"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of fault"), required=False, choices=[("", "—"), *((kind, kind.replace("_", " ")) for kind in READ_FAULTS)]
    )

    def __init__(self, origin: Episode, tools: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = origin.cast["persona"]["language"]
        people = [(one.slug, f"{one.name}: {one.background}"[:120]) for one in catalog.personas() if one.language == language]
        agents = [(one.slug, f"{one.slug}: {one.role}, {one.tone}") for one in catalog.agent_profiles()]
        players = [(f"{seat}_player", _players(seat)) for seat in SEATS]
        for name, choices in (("agent", agents), ("persona", people), ("tool", [(tool, tool) for tool in tools]), *players):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "—" if name == "tool" else _("As it was")), *choices]

    def players(self) -> Mapping[str, str]:
        """Who goes on, where somebody was chosen."""
        return {seat: self.cleaned_data[f"{seat}_player"] for seat in SEATS if self.cleaned_data[f"{seat}_player"]}

    def choice(self) -> FaultChoice:
        """The faults that were chosen."""
        return FaultChoice(self.cleaned_data["how"], self.cleaned_data["tool"], self.cleaned_data["kind"])


def _players(seat: str) -> list[tuple[str, str]]:
    """Who may go on in a seat, beside a person and whoever it was."""
    models = [(f"model:{one.slug}", _("Model: %(name)s") % {"name": one.slug}) for one in endpoints.for_purpose(seat)]
    return [("scripted", _("Scripted")), *models]


@allow("runs.start")
@require_http_methods(["GET", "POST"])
def fork(request: HttpRequest, episode_id: int) -> HttpResponse:
    """``/runs/episodes/<id>/fork/?step=<seq>``: POST starts the new episode and goes there."""
    origin = found(episodes.episode_get(episode_id))
    last = episodes.last_forkable(episode_id)
    asked = request.GET.get("step", "")
    step = min(int(asked), last) if asked.isascii() and asked.isdigit() and len(asked) < 10 else last
    form = ForkForm(origin, list(episodes.tools_offered(episode_id).agent or []), request.POST or None, initial={"step": step})
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            made = fork_episode(
                actor=person(request),
                episode_id=episode_id,
                seq=wanted["step"],
                persona=wanted["persona"],
                agent=wanted["agent"],
                faults=form.choice(),
                by_hand=wanted["by_hand"],
                players=form.players(),
            )
            return redirect("runs:episode", made.pk)
        except CannotFork as error:
            form.add_error(None, str(error))
    crumbs = [
        (_("Runs"), reverse("runs:index")),
        (f"{_('Run')} {origin.run_id}", reverse("runs:run", args=[origin.run_id])),
        (f"{_('Episode')} {origin.index}", reverse("runs:episode", args=[origin.pk])),
    ]
    wrong = request.method == "POST"
    return render(
        request, "episodes/fork.html", {"form": form, "episode": origin, "last": last, "crumbs": crumbs}, status=422 if wrong else 200
    )
