"""The agent factory to look at: whom a run would cast, and keeping one of them."""

import msgspec
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from studio.access.doors import allow, person
from studio.pipelines.casting import agent_save, kept_slug
from studio.pipelines.casting import sample as cast_of
from studio.web.cast.words import LANGUAGES, TONES
from synthesis.models import Origin
from synthesis.selectors import lists
from synthesis.services.people import PeopleError

MOST = 100


class SampleForm(forms.Form):
    """How many, from which seed."""

    seed = forms.IntegerField(label=gettext_lazy("Seed"), initial=0, min_value=-(2**63), max_value=2**63 - 1)
    number = forms.IntegerField(label=gettext_lazy("How many"), initial=12, min_value=1, max_value=MOST)


class KeepForm(SampleForm):
    """Which one, and who it was when it was looked at."""

    index = forms.IntegerField(min_value=0, max_value=MOST - 1)
    agent = forms.CharField(max_length=90)


@allow("catalogue.view")
@require_safe
def sample(request: HttpRequest) -> HttpResponse:
    """``/catalogue/agents/sample/?seed=7&number=12``: the same seed, the same catalogue: the same people."""
    form = SampleForm(request.GET if "seed" in request.GET else {"seed": 0, "number": 12})
    asked = form.cleaned_data if form.is_valid() else {"seed": 0, "number": 0}
    casts = cast_of(asked["seed"], asked["number"])
    kept = {agent.slug for agent in lists.agents(limit=1000)} if casts else set()
    context = {
        "form": form,
        "seed": asked["seed"],
        "number": asked["number"],
        "lines": [(cast, TONES[cast.agent.tone], LANGUAGES[cast.persona.language], kept_slug(cast.agent) in kept) for cast in casts],
        "distinct": len({cast.agent.slug for cast in casts}),
        "crumbs": [(_("Catalogue"), reverse("catalogue:index")), (_("Agents"), reverse("cast:agents"))],
    }
    return render(request, "cast/sample.html", context, status=422 if form.errors else 200)


@allow("catalogue.edit")
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep one of a sample as a profile of its own. It is drawn again here, so nothing that a browser sends is believed."""
    form = KeepForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was kept. Draw a sample and choose one of it."))
        return redirect("cast:sample")
    asked = form.cleaned_data
    back = f"{reverse('cast:sample')}?seed={asked['seed']}&number={asked['number']}"
    casts = cast_of(asked["seed"], asked["index"] + 1)
    agent = casts[-1].agent if casts else None
    if agent is None or agent.slug != asked["agent"]:
        messages.error(request, _("The catalogue has changed since this sample was drawn. Here is what it gives now."))
        return redirect(back)
    kept = msgspec.structs.replace(agent, slug=kept_slug(agent))
    try:
        agent_save(actor=person(request), agent=kept, new=True, origin=Origin.SAMPLED)
    except PeopleError as error:
        messages.error(request, " ".join(f"{finding.problem} {finding.remedy}" for finding in error.findings))
        return redirect(back)
    messages.success(request, _("%(name)s is kept.") % {"name": kept.slug})
    return redirect("cast:agent", kept.slug)
