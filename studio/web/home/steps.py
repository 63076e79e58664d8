"""A first day in the studio, as a path of steps that fits whoever walks it."""

from typing import NamedTuple

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from studio.access.permissions import can
from studio.pipelines.first_steps import steps_done
from synthesis.models import Run
from synthesis.selectors.catalog import tool_to_try
from synthesis.selectors.runs import episode_to_watch


class Step(NamedTuple):
    """One step: its name, what it is in a sentence, where it is taken, whether it was, and whether it is the one to take now."""

    label: str | Promise
    text: str | Promise
    url: str
    done: bool
    next: bool


def first_day(user: User, newest: Run | None) -> list[Step]:
    """The steps that ``user`` may take, in their order. Watching leaves no trace: it is never ticked, and comes first until anything is."""
    done = steps_done(user)
    steps = [*_looking(user, newest), *_making(user)]
    if not can(user, "runs.start"):
        # To a reviewer the queue is the day.
        steps.sort(key=lambda step: step[0] != "review")
    undone = [name for name, _label, _text, _url in steps if name not in done and not (done and name == "watch")]
    return [Step(label, text, url, name in done, bool(undone) and name == undone[0]) for name, label, text, url in steps]


Found = tuple[str, str | Promise, str | Promise, str]


def _looking(user: User, newest: Run | None) -> list[Found]:
    steps: list[Found] = []
    if found := _watching(user, newest):
        steps.append(("watch", _("Watch an episode"), *found))
    tool = tool_to_try()
    if tool is not None and can(user, "catalogue.try"):
        text = _("Call it by hand in a little world and see what changes.")
        steps.append(("try", _("Try a tool"), text, reverse("console:tool", args=tool)))
    if tool is not None and can(user, "catalogue.publish"):
        text = _("Change its tools or rules, and publish a release.")
        steps.append(("publish", _("Edit a domain"), text, reverse("authoring:pack", args=[tool[0]])))
    return steps


def _watching(user: User, newest: Run | None) -> tuple[str | Promise, str] | None:
    """What there is to watch and where: an episode, or in the first seconds the run whose episodes are about to begin."""
    if not can(user, "episodes.view"):
        return None
    episode, live = episode_to_watch(), newest is not None and newest.status == "running"
    if episode is not None:
        text = _("A user and an agent are at it right now.") if live else _("Read how a user, an agent and its tools got on.")
        return text, reverse("runs:episode", args=[episode])
    if newest is not None and live:
        return _("The first ones begin in a moment."), reverse("runs:run", args=[newest.pk])
    return None


def _making(user: User) -> list[Found]:
    steps: list[Found] = []
    if can(user, "runs.start"):
        steps.append(("run", _("Start a run"), _("Choose domains and how many episodes to make."), reverse("runs:new")))
    if can(user, "review.score"):
        steps.append(("review", _("Review an episode"), _("Score one blind, then see what the judge found."), reverse("review:index")))
    if can(user, "datasets.export"):
        steps.append(("dataset", _("Download a dataset"), _("Choose what is worth keeping and take the file."), reverse("datasets:index")))
    return steps
