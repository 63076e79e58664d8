"""Casts for tests: few persons and agents that differ in every way that matters."""

from synthesis.engine.participants.cast import AgentProfile, Cast, Persona

PERSONAS = [
    Persona("plain_en", "Ann Marsh", "A person.", "en", "neutral", "normal", "neutral", 0.0, 3, 3),
    Persona("terse_en", "Bo Reed", "In a rush.", "en", "casual", "terse", "hurried", 0.08, 1, 4),
    Persona("chatty_en", "Cleo Ward", "Likes to talk.", "en", "formal", "chatty", "anxious", 0.02, 5, 1),
    Persona("plain_ko", "김하나", "평범한 사람.", "ko", "neutral", "normal", "friendly", 0.0, 3, 3),
    Persona("terse_ko", "이두리", "바쁜 사람.", "ko", "casual", "terse", "grumpy", 0.05, 1, 4),
    Persona("chatty_ko", "박세라", "말이 많은 사람.", "ko", "formal", "chatty", "neutral", 0.0, 5, 2),
]
PROFILES = [
    AgentProfile("calm", "clerk", "neutral"),
    AgentProfile("quick", "operator", "brisk", parallel=True, rules=["Be quick."]),
    AgentProfile("kind", "host", "warm", asks="one_by_one", thinks_aloud=True, rules=["Be kind."]),
    AgentProfile("stiff", "advisor", "formal", asks="one_by_one", rules=["Be exact.", "Name the rule."]),
]


def cast(index: int) -> Cast:
    """The ``index``-th combination of a persona and a profile."""
    return Cast(persona=PERSONAS[index % len(PERSONAS)], agent=PROFILES[(index // 2) % len(PROFILES)], seed=index)
