"""Who may sit where in a run, what that may cost, and where its episodes end."""

from collections.abc import Mapping, Sequence

import msgspec

from synthesis.engine.episode.ports import Limits
from synthesis.engine.participants.cast import model_of, profile_of
from synthesis.engine.participants.factory import begins
from synthesis.models import ModelEndpoint
from synthesis.selectors import catalog, endpoints
from synthesis.services.run_error import RunError

SCRIPTED = {"user": "scripted", "agent": "scripted", "tools": "scripted"}
PURPOSES = {"user": "user", "agent": "agent", "tools": "tool"}
"""The purpose that an endpoint needs for a seat."""
SCRIPTED_LIMITS = Limits(wall_seconds=0)
"""No wall time: how long a scripted step takes depends on the machine, and nothing exported may."""
MODEL_LIMITS = Limits(wall_seconds=1800.0, max_tokens=1_000_000)
"""Far beyond what a good episode takes, and an end to what a confused model may burn."""
SHARES = 10
"""No episode may spend more than this part of what its run may, in a run of so many or more."""
MOST_PLAYS = 64
"""Of one scenario by one agent."""
MOST_MONEY = 10**15
"""Millionths; a budget beyond that is a slip."""


def seats_of(asked: Mapping[str, str]) -> dict[str, str]:
    """Who plays each seat; what is not asked for is scripted. Raises RunError for an endpoint that may not play there."""
    unknown = sorted(set(asked) - set(SCRIPTED))
    if unknown:
        raise RunError("--seats", f"there is no seat {unknown[0]!r}", f"There are: {', '.join(SCRIPTED)}.")
    seats = {**SCRIPTED, **asked}
    for seat, who in seats.items():
        if who != "scripted":
            _check(seat, who)
    return seats


def _check(seat: str, who: str) -> None:
    if seat == "agent" and (slug := profile_of(who)):
        _check_profile(slug)
        return
    fit = [endpoint.slug for endpoint in endpoints.for_purpose(PURPOSES[seat])]
    slug = model_of(who)
    if slug in fit:
        return
    there = f"There are: {', '.join(fit)}." if fit else "Add one on the page Models, or give it this purpose there."
    if not slug:
        raise RunError(f"--{seat}", f"{who!r} is neither scripted nor a model", f"Say model:NAME with an endpoint. {there}")
    raise RunError(f"--{seat}", f"there is no endpoint {slug!r} in use for this seat", there)


def _check_profile(slug: str) -> None:
    there = [profile.slug for profile in catalog.agent_profiles() if begins(profile)]
    if slug not in there:
        raise RunError("--agent-seats", f"no active profile that may begin is called {slug!r}", f"There are: {', '.join(there)}.")


def agents_of(agent: str, rivals: Sequence[str]) -> tuple[str, list[str]]:
    """The agent and its rivals, each once, models first: the agent of a run in which any model plays is one. ``profile:`` and a slug is
    the scripted agent with that character.

    Raises RunError for an endpoint or a profile that may not play there.
    """
    asked = sorted(dict.fromkeys([agent, *rivals]), key=lambda who: not model_of(who))
    for who in asked:
        if who != "scripted":
            _check("agent", who)
    return asked[0], asked[1:]


def check_plays(episodes: int, plays: int, agents: int) -> None:
    """Whether so many ``episodes`` can be ``plays`` of whole scenarios by each of the ``agents``. Raises RunError."""
    if not 1 <= plays <= MOST_PLAYS:
        raise RunError("--plays", f"{plays} is not a number of plays", f"Give a whole number from 1 to {MOST_PLAYS}.")
    each = plays * agents
    if episodes % each:
        fitting = [str(number) for number in (episodes // each * each, (episodes // each + 1) * each) if number]
        problem = f"{episodes} is no multiple of {each}, the plays of one scenario ({plays} by each of {agents} agents)"
        raise RunError("--episodes", problem, f"Give {' or '.join(fitting)}.")


def models_of(seats: Mapping[str, str]) -> list[str]:
    """Slugs of the endpoints in these seats, sorted."""
    return sorted({slug for who in seats.values() if (slug := model_of(who))})


def limits_of(seats: Mapping[str, str], budget: int | None, episodes: int) -> Limits:
    """Where episodes with these seats end: those with models also by time, tokens and, within a budget, cost."""
    if not models_of(seats):
        return SCRIPTED_LIMITS
    return msgspec.structs.replace(MODEL_LIMITS, max_cost=budget // min(episodes, SHARES) if budget else 0)


def limits_going_on(limits: Limits, before: Mapping[str, str], seats: Mapping[str, str]) -> Limits:
    """Where a play that goes on ends, given the limits of the run it comes from: a model that takes the place of a program is bounded like
    any."""
    if models_of(before) or not models_of(seats):
        return limits
    return msgspec.structs.replace(MODEL_LIMITS, max_turns=limits.max_turns, max_calls=limits.max_calls)


def share_of(budget: int, episodes: int, among: int) -> int:
    """Of the budget of a run of so many episodes, what ``among`` of them may spend when they are played on: as much each as there."""
    return min(budget, budget // min(episodes, SHARES) * among)


def check_budget(budget: int | None, slugs: Sequence[str], slip_rate: float, agent: str) -> None:
    """Whether a run with these endpoints may have this budget (millionths; None: none) and these slips. Raises RunError."""
    if slip_rate and model_of(agent):
        raise RunError("--slips", "a model makes mistakes of its own and cannot be told to", "Give 0, or a scripted agent.")
    if budget is None:
        return
    if not 0 < budget <= MOST_MONEY:
        raise RunError("--budget", "it is no amount of money", "Give more than 0, or leave it out.")
    if not slugs:
        raise RunError("--budget", "nothing costs money where no model plays or judges", "Leave it out, or choose a model.")
    currencies = sorted({endpoint.currency for endpoint in by_slug(slugs)})
    if len(currencies) > 1:
        raise RunError("--budget", f"these endpoints bill in {' and '.join(currencies)}", "Choose endpoints of one currency.")


def by_slug(slugs: Sequence[str]) -> list[ModelEndpoint]:
    """These endpoints, as far as they are there."""
    return list(endpoints.by_slug(slugs).values())
