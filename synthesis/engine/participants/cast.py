"""Who plays: personas, agent profiles and the cast of one episode. All JSON through msgspec."""

import msgspec


class Persona(msgspec.Struct, frozen=True):
    """A simulated user's character.

    ``language`` is ``en`` or ``ko``; ``formality`` casual | neutral | formal; ``brevity`` terse | normal | chatty; ``mood`` friendly |
    neutral | hurried | grumpy | anxious; ``typos`` is the chance per word outside facts (0-0.1); ``patience`` and ``expertise`` 1-5.
    """

    slug: str
    name: str
    background: str
    language: str
    formality: str
    brevity: str
    mood: str
    typos: float
    patience: int
    expertise: int
    preferences: list[str] = []


class Colleague(msgspec.Struct, frozen=True):
    """Somebody to whom an agent may hand a conversation over: the ``slug`` of a profile, and ``when``: the end of the sentence
    "Transfer when ...".
    """

    slug: str
    when: str


class AgentProfile(msgspec.Struct, frozen=True):
    """An agent's character.

    ``tone`` warm | neutral | formal | brisk; ``asks`` one_by_one | together (missing facts in one question); ``parallel``: independent
    calls in one turn; ``thinks_aloud``: a short text beside calls; ``confirms``: asks before confirm-writes (a slip may leave it out; a
    profile without it is a failing agent by design and not in the starter set). ``rules`` are sentences for the system prompt,
    ``capabilities`` short phrases for what the agent is good at. In a team ``toolset`` says which tools are the agent's: ``lookups``
    (those that read), ``changes`` (those that write), or patterns of names (``cancel_*``); an empty one means every tool. Whoever names
    ``colleagues`` leads a team; its colleagues' own colleagues are not part of it.
    """

    slug: str
    role: str
    tone: str
    asks: str = "together"
    parallel: bool = False
    thinks_aloud: bool = False
    confirms: bool = True
    rules: list[str] = []
    capabilities: list[str] = []
    toolset: list[str] = []
    colleagues: list[Colleague] = []


class Cast(msgspec.Struct, frozen=True):
    """Who sits where in one episode.

    ``seats`` maps ``user``, ``agent`` and ``tools`` to ``scripted``, ``person`` (forks) or ``model:<slug of an endpoint>``.
    ``team`` are the colleagues of ``agent`` who take part; without any the agent has every tool.
    The slip that a scripted agent is to make is drawn when the episode is planned and belongs to the truth kept aside.
    """

    persona: Persona
    agent: AgentProfile
    seats: dict[str, str] = msgspec.field(default_factory=lambda: {"user": "scripted", "agent": "scripted", "tools": "scripted"})
    seed: int = 0
    team: list[AgentProfile] = []


MODEL = "model:"
"""How a seat begins that a model plays; the slug of its endpoint follows."""


PROFILE = "profile:"
"""How an agent's seat in a comparison begins that the scripted agent plays as one profile; the slug of the profile follows."""


def model_of(seat: str | None) -> str:
    """The slug of the endpoint that plays a seat; "" where none does."""
    return seat.removeprefix(MODEL) if seat and seat.startswith(MODEL) else ""


def profile_of(seat: str | None) -> str:
    """The slug of the profile as which a scripted agent plays a seat; "" where any does, or a model."""
    return seat.removeprefix(PROFILE) if seat and seat.startswith(PROFILE) else ""


SLIPS: tuple[str, ...] = (
    "wrong_argument",
    "wrong_record",
    "skipped_step",
    "unconfirmed_write",
    "premature_end",
    "invented_result",
    "ignored_error",
    "policy_broken",
    "needless_call",
)
"""Ways in which a scripted agent fails on purpose (design page participants.md)."""
