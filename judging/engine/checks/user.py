"""Checks of the simulated user: did it keep to its script? A break makes the episode unusable, and is not the agent's fault."""

from judging.engine.case import Case
from judging.engine.checks.asking import passed_over
from judging.engine.checks.check import Verdict, broken, held
from judging.engine.claims import Known, claims_of
from judging.engine.gold import template_names
from synthesis.engine.episode.trajectory import Message
from synthesis.engine.language.reading import asks, asks_to_confirm, asks_which
from synthesis.engine.scenarios.scenario import Fact, Wish

_SHORT = 3
"""A withheld value this short (a number of guests, say) may stand in a text by chance; it proves nothing."""


def reveals_when_asked(case: Case) -> Verdict | None:
    """Withheld facts were told only after the agent asked for them; facts left to a stored preference were never told."""
    withheld = [(w, f) for w in case.scenario.wishes for f in w.facts if f.key in {*w.withheld, *w.hides} and len(str(f.value)) > _SHORT]
    if not withheld:
        return None
    for wish, fact in withheld:
        place = next((m for m in case.user if case.told(m.text, fact)), None)
        if place is None or _told_otherwise(case, place, fact) or _opening_says(case, wish, fact):
            continue
        if fact.key in wish.hides:
            return broken(f"said {fact.key}, which it was to leave to the stored preference", [place.seq], tag="script_left")
        if not _asked(case, fact, place):
            return broken(f"said {fact.key} before it was asked", [place.seq], tag="revealed_early")
    return held()


def _asked(case: Case, fact: Fact, place: Message) -> bool:
    """Asked by its words, or by a choice between records; an agent that reported trouble may be answered with anything."""
    earlier = [m for m in case.agent if m.seq < place.seq]
    return any(fact.key in asks(m.text, [fact], case.language) or asks_which(m.text) for m in earlier)


def _opening_says(case: Case, wish: Wish, fact: Fact) -> bool:
    """Whether an opening line of the intent tells the fact of itself: then nothing can be held back."""
    intent = case.intent(wish)
    lines = intent.phrases[case.language].opening if intent and case.language in intent.phrases else []
    return any(fact.key in template_names(line) or case.told(line, fact) for line in lines)


def _told_otherwise(case: Case, place: Message, fact: Fact) -> bool:
    """Whether the value is (part of) another fact that was told, as a day is of a moment, or one that the agent had said first."""
    others = [f for f in case.facts if f is not fact and str(fact.value) in str(f.value) and case.told(place.text, f)]
    changed = [v for w in case.scenario.wishes if w.change for v in w.change.facts.values() if str(fact.value) in str(v)]
    return bool(others or changed) or any(m.seq < place.seq and case.told(m.text, fact) for m in case.agent)


def invents_nothing(case: Case) -> Verdict | None:
    """Ids and amounts that the user says are of its script, or were said to it."""
    if not case.user:
        return None
    known = Known()
    for wish in case.scenario.wishes:
        known.read([wish.bindings, [[fact.value, fact.said] for fact in wish.facts], wish.wrong.value if wish.wrong else None])
        known.read([wish.change.facts, wish.change.bindings] if wish.change else None)
        known.read([wish.choice.rows] if wish.choice else None)
    for message in case.trajectory.messages:
        if message.role == "agent":
            known.hear(message.text)
            continue
        known.read([[call.arguments, call.outcome.result] for call in message.calls if call.outcome])
        claims = claims_of(message.text)
        wrong = [claim for claim in known.lacks(claims) if claim.startswith(("id ", "amount "))]
        if wrong:
            return broken(f"said {wrong[0]}, which is not in its script", [message.seq], tag="invented")
    return held()


def does_as_asked(case: Case) -> Verdict | None:
    """What the task needs of the user's own side was done once the agent had asked for it, and no tool of the agent's was tried."""
    if not case.scenario.user_tools:
        return None
    strayed = [call for call in case.trajectory.user_calls if call.name not in case.user_tools]
    if strayed:
        return broken(f"called {strayed[0].name}, which is not on its side", [call.seq for call in strayed], tag="script_left")
    missing = [m for m in case.gold.missing if m.step.side == "user"]
    undone = [(m.step.tool, answer.seq) for m in missing if (answer := passed_over(case, m))]
    if undone:
        return broken(f"did not do what it was asked for: {undone[0][0]}", [seq for _, seq in undone])
    return held(evidence=[call.seq for call in case.trajectory.user_calls]) if any(m.step.side == "user" for m in case.gold.steps) else None


def stays_to_the_end(case: Case) -> Verdict | None:
    """The user did not leave while the agent was waiting for something that it could tell."""
    if case.trajectory.reason != "user_done" or not case.user:
        return None
    last = case.user[-1]
    question = next((m for m in reversed(case.agent) if m.seq < last.seq and not m.calls), None)
    if question is None:
        return broken("left before the agent said anything", [last.seq], tag="left_early")
    told = {f.key for f in case.facts if any(case.told(m.text, f) for m in case.user)}
    pending = asks(question.text, case.facts, case.language) - told
    if asks_to_confirm(question.text) or pending:
        return broken("left while the agent was waiting for an answer", [last.seq], tag="left_early")
    return held()
