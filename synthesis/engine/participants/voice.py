"""How somebody sounds: a few lines that a persona or an agent really says, from the same words and the same code as in episodes."""

from synthesis.engine.language.grounding import WishWords
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.cast import AgentProfile, Persona
from synthesis.engine.participants.speech import Speaker
from synthesis.engine.participants.user_phrasing import UserPhrasing
from synthesis.engine.participants.wording import Wording
from synthesis.engine.randomness import rng_for
from synthesis.engine.scenarios.scenario import Scenario

USER_LINES = ("greeting", "aside", "affirm", "correct", "press", "accept_refusal")
AGENT_LINES = ("acknowledge", "checking", "propose_question", "doing", "no_tool", "more", "closing")

Line = tuple[str, str]
"""What is done with it (an act of the wording, or ``opening``), and the words."""


def persona_lines(persona: Persona, wording: Wording, seed: int, task: tuple[Scenario, Pack] | None = None) -> list[Line]:
    """Lines of a persona, the same for the same ``seed``. With a ``task`` (a scenario, its domain's pack) the first is how it opens it."""
    phrasing = UserPhrasing(persona, wording[persona.language], rng_for(seed, "voice", "style"))
    rng = rng_for(seed, "voice", persona.slug)
    said: list[Line] = []
    if task is not None:
        scenario, pack = task
        wish = scenario.wishes[0]
        words = WishWords(wish, pack.intents[wish.intent], persona.language)
        opening = phrasing.opening(words, rng, first=True, avoid=[], preference=False)
        said.append(("opening", phrasing.join([phrasing.greeted(opening, rng), phrasing.aside(rng)])))
    said += [(act, phrasing.join([phrasing.say(act, rng)])) for act in USER_LINES]
    said.append(("closing", phrasing.join([phrasing.closing(rng, asked=True)])))
    return said


def agent_lines(agent: AgentProfile, wording: Wording, language: str, seed: int) -> list[Line]:
    """Lines of an agent in ``language``, the same for the same ``seed``."""
    speaker = Speaker(wording[language], "agent", agent.tone, rng_for(seed, "voice", "style"))
    rng = rng_for(seed, "voice", agent.slug)
    return [(act, speaker.act(act, rng)) for act in AGENT_LINES]
