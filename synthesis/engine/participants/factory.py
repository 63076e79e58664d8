"""Who plays: casts drawn for episodes, agents varied from the profiles of the catalogue, and the system prompt of an agent.

Everything is a function of its arguments and a seed, so a run can be cast again.
"""

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from synthesis.engine.language.wording import TONES
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.cast import SLIPS, AgentProfile, Cast, Persona
from synthesis.engine.randomness import rng_for

LANGUAGE_NAMES = {"en": "English", "ko": "Korean"}
MOST_RULES = 5
VARIED = re.compile(r"-[0-9a-f]{8}$")
"""How the slug of an agent ends that was varied from a profile."""
TONE_RULES = {
    "warm": "Be friendly and personal.",
    "neutral": "Be polite and matter-of-fact.",
    "formal": "Be formal and courteous.",
    "brisk": "Keep your messages short.",
}
"""What a tone asks of an agent, for the system prompt."""


_SPEAKS_OF_HABITS: tuple[tuple[re.Pattern[str], Callable[[AgentProfile], bool]], ...] = (
    (re.compile(r"one thing at a time"), lambda agent: agent.asks == "one_by_one"),
    (re.compile(r"everything you need at once"), lambda agent: agent.asks == "together"),
    (re.compile(r"look-ups together"), lambda agent: agent.parallel),
    (re.compile(r"what you are looking at"), lambda agent: agent.thinks_aloud),
)
"""Rules that only fit agents with the habit they speak of."""


class AgentFactory:
    """Makes distinct agents from the parts of ``profiles``: role and rules of one, tone, habits and a rule or two of others."""

    def __init__(self, profiles: Sequence[AgentProfile]) -> None:
        if not profiles:
            raise ValueError("an agent factory needs at least one profile")
        self.profiles = list(profiles)
        self.tones = [tone for tone in TONES if any(profile.tone == tone for profile in profiles)]

    def sample(self, rng: random.Random) -> AgentProfile:
        """One agent. Its slug is its base profile's with a short digest of its parts, so equal agents have equal slugs."""
        base = rng.choice(self.profiles)
        tone = base.tone if rng.random() < 0.7 else rng.choice(self.tones)
        profile = AgentProfile(
            slug=base.slug,
            role=base.role,
            tone=tone,
            asks=base.asks if rng.random() < 0.75 else rng.choice(("together", "one_by_one")),
            parallel=base.parallel if rng.random() < 0.75 else rng.random() < 0.5,
            thinks_aloud=base.thinks_aloud if rng.random() < 0.75 else rng.random() < 0.5,
            confirms=base.confirms,
            capabilities=base.capabilities,
            toolset=base.toolset,
            colleagues=base.colleagues,
        )
        profile = msgspec.structs.replace(profile, rules=self._rules(base, profile, rng))
        return msgspec.structs.replace(profile, slug=f"{base.slug}-{_digest(profile)}")

    def _rules(self, base: AgentProfile, agent: AgentProfile, rng: random.Random) -> list[str]:
        """The base's rules and some of others with the same or a neutral tone, as far as they fit the agent's habits."""
        own = [rule for rule in base.rules if _fits(rule, agent)]
        pool = [rule for other in self.profiles if other.tone in {agent.tone, "neutral"} for rule in other.rules]
        extra = sorted({rule for rule in pool if rule not in own and _fits(rule, agent)})
        return [*own, *rng.sample(extra, min(len(extra), rng.randrange(max(1, MOST_RULES - len(own)))))]


def _digest(profile: AgentProfile) -> str:
    """Eight hexadecimal digits that name what an agent is made of."""
    parts = msgspec.to_builtins(profile)
    for later in ("capabilities", "toolset", "colleagues"):
        if not parts[later]:
            del parts[later]  # Agents had none once; those that have none keep their names.
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:8]


def _fits(rule: str, agent: AgentProfile) -> bool:
    return not misfits(rule, agent)


def misfits(rule: str, agent: AgentProfile) -> bool:
    """Whether ``rule`` speaks of a habit that the agent does not have."""
    return any(pattern.search(rule) and not has_habit(agent) for pattern, has_habit in _SPEAKS_OF_HABITS)


def base_slug(agent: AgentProfile) -> str:
    """Slug of the profile that an agent of a cast was varied from; its own when it was not."""
    return VARIED.sub("", agent.slug)


def plays_alone(profile: AgentProfile) -> bool:
    """Whether an agent is cast without a team: it leads none, and is made for none."""
    return not profile.colleagues and not profile.toolset


def begins(profile: AgentProfile) -> bool:
    """Whether an agent may have the conversation first: it plays alone, or leads a team."""
    return plays_alone(profile) or bool(profile.colleagues)


def team_of(agent: AgentProfile, everybody: Iterable[AgentProfile]) -> list[AgentProfile]:
    """The colleagues that ``agent`` names, as far as they are among ``everybody``."""
    by_slug = {profile.slug: profile for profile in everybody}
    return [by_slug[colleague.slug] for colleague in agent.colleagues if colleague.slug in by_slug]


def _pool(seed: int, index: int, profiles: Sequence[AgentProfile], teams: float) -> list[AgentProfile]:
    """Among whom the agent of an episode is drawn: those who lead teams, or those who work alone. What is drawn for teams has a
    randomness of its own, so that a run without them is cast as it ever was.
    """
    alone = [profile for profile in profiles if plays_alone(profile)]
    leads = [profile for profile in profiles if profile.colleagues]
    together = bool(leads) and (not alone or rng_for(seed, "team", index).random() < teams)
    return leads if together else alone or list(profiles)


def sample_cast(
    seed: int,
    index: int,
    personas: Sequence[Persona],
    profiles: Sequence[AgentProfile],
    slip_rate: float,
    *,
    varied: bool = True,
    teams: float = 0.0,
    everybody: Sequence[AgentProfile] = (),
    second: bool = False,
) -> tuple[Cast, str | None]:
    """The cast of episode ``index`` of a run with ``seed``, and the kind of slip its agent makes, or None.

    ``slip_rate`` is the share of slipped episodes, ``teams`` that of episodes that a team serves, 0-1; where all ``profiles`` lead teams,
    it is every one. Colleagues are looked up among ``everybody`` (by default ``profiles``). ``second``: two agents serve, each in a domain
    of its own, in place of any other team. Agents are ``varied`` from the profiles, or play as they stand. Raises ValueError when there are
    no personas or no profiles.
    """
    if not personas:
        raise ValueError("a cast needs at least one persona")
    rng = rng_for(seed, "cast", index)
    persona = rng.choice(list(personas))
    factory = AgentFactory(_pool(seed, index, profiles, teams))
    agent = factory.sample(rng) if varied else rng.choice(factory.profiles)
    slip = rng.choice(SLIPS) if rng.random() < slip_rate else None
    number = rng.getrandbits(63)
    if second:
        return Cast(persona=persona, agent=agent, seed=number, team=[_beside(seed, index, profiles, varied)]), slip
    return Cast(persona=persona, agent=agent, seed=number, team=team_of(agent, everybody or profiles)), slip


def _beside(seed: int, index: int, profiles: Sequence[AgentProfile], varied: bool) -> AgentProfile:
    """Who serves in the second domain."""
    rng = rng_for(seed, "second", "cast", index)
    factory = AgentFactory([profile for profile in profiles if plays_alone(profile)] or profiles)
    return factory.sample(rng) if varied else rng.choice(factory.profiles)


def policy_of(pack: Pack) -> str:
    """The policy of a domain as a numbered list, with its heading."""
    rules = "\n".join(f"{i}. {rule.rule}" for i, rule in enumerate(pack.policy, 1))
    return f"Policy, to be kept in every case:\n{rules}"


def user_side(pack: Pack) -> str:
    """What the agent is told of the user's own side: what can be done there, never the tools' schemas. "" where there is nothing."""
    can = "\n".join(f"- {tool.description}" for tool in pack.user_tools.values())
    if not can:
        return ""
    return (
        "On their own side the user can do these things, and you cannot. Ask for one at a time in plain words, and go by what the user "
        f"tells you of it:\n{can}\n\n"
    )


def system_prompt(profile: AgentProfile, pack: Pack, language: str, now: str) -> str:
    """The agent's system prompt: who it is, what time it is, the domain's policy as a numbered list, how it behaves, and its language.

    ``now`` is ``YYYY-MM-DDTHH:MM`` in the scenario's world: deadlines of the policy hang on it.
    """
    moment = datetime.fromisoformat(now)
    habits = [TONE_RULES[profile.tone], *profile.rules]
    if profile.parallel:
        habits.append("Make independent tool calls together, in one turn.")
    behaviour = "\n".join(f"- {rule}" for rule in dict.fromkeys(habits))
    article = "an" if profile.role[:1].lower() in "aeiou" else "a"
    role = profile.role if profile.role.startswith(("a ", "an ", "the ", "somebody")) else f"{article} {profile.role}"
    strong = f" You are good at {', '.join(profile.capabilities)}." if profile.capabilities else ""
    return (
        f"{pack.agent.strip()} You are {role}.{strong}\n\n"
        f"It is {moment:%A}, {now[:10]}, {now[11:]}.\n\n"
        f"{policy_of(pack)}\n\n"
        f"{user_side(pack)}"
        f"How you work:\n{behaviour}\n\n"
        f"Use the tools for everything that concerns records; never invent a result. "
        f"Answer in {LANGUAGE_NAMES[language]}, the user's language."
    )
