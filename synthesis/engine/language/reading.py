"""How scripted seats and checks read a text of any author: by the lexicon, English and Korean.

Every function takes a whole message and looks at its sentences. They are deliberately plain: what they cannot tell, they deny, and
whoever asked goes by what the records say.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from synthesis.engine.language import lexicon
from synthesis.engine.language.recognise import plain
from synthesis.engine.scenarios.scenario import Fact

_HANGUL = re.compile(r"[가-힣]")
_SENTENCE = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\n+")
_NOT_AN_END = re.compile(r"\b(?:mr|mrs|ms|dr|st|no|jr|inc|ltd|[ap]\.m|e\.g|i\.e)\.$")


@lru_cache(maxsize=2048)
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of ``text``, in plain lower case."""
    parts: list[str] = []
    for part in _SENTENCE.split(plain(text)):
        if parts and _NOT_AN_END.search(parts[-1]):
            parts[-1] += " " + part
        elif part.strip():
            parts.append(part.strip())
    return tuple(parts)


def language_of(text: str) -> str:
    """``ko`` when the text holds Hangul, else ``en``."""
    return "ko" if _HANGUL.search(text) else "en"


def _any(pattern: re.Pattern[str], text: str) -> bool:
    return any(pattern.search(sentence) for sentence in sentences(text))


def is_question(sentence: str) -> bool:
    """Whether one plain sentence asks for something, with or without a question mark."""
    if sentence.endswith("?"):
        return True
    if _HANGUL.search(sentence):
        return bool(lexicon.QUESTION_KO.search(sentence)) and not lexicon.INSTRUCTION_KO.search(sentence)
    return bool(lexicon.REQUEST.search(sentence))


def has_question(text: str) -> bool:
    """Whether any sentence of ``text`` asks for something."""
    return any(is_question(sentence) for sentence in sentences(text))


def asks(text: str, facts: Iterable[Fact], language: str) -> set[str]:
    """The keys of the facts that ``text`` asks for: question sentences that hold a fact's label or one of its ``asked_as`` words.

    Words that a label accounts for do not count for another fact. English words match whole, Korean ones anywhere.
    """
    wanted = list(facts)
    asked: set[str] = set()
    for sentence in sentences(text):
        if is_question(sentence) and not lexicon.MORE.search(sentence) and not lexicon.CONFIRM.search(sentence):
            asked |= _asked_in(sentence, wanted, language)
    return asked


def _asked_in(sentence: str, facts: list[Fact], language: str) -> set[str]:
    asked: set[str] = set()
    rest = sentence
    for fact in sorted(facts, key=lambda f: -len(f.label.get(language, ""))):
        label = plain(fact.label.get(language, ""))
        if label and label in rest:
            asked.add(fact.key)
            rest = rest.replace(label, " ")
        elif label and any(plain(other.label.get(language, "")) == label for other in facts if other.key in asked):
            asked.add(fact.key)
    for fact in facts:
        if fact.key not in asked and any(_holds(rest, word, language) for word in fact.asked_as.get(language, [])):
            asked.add(fact.key)
    return asked


@lru_cache(maxsize=4096)
def _whole_word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9]){re.escape(plain(word))}(?![a-z0-9])")


def _holds(sentence: str, word: str, language: str) -> bool:
    return plain(word) in sentence if language == "ko" else bool(_whole_word(word).search(sentence))


def asks_to_confirm(text: str) -> bool:
    """Whether the text asks for a yes before something is done ("Shall I go ahead?")."""
    return any(
        lexicon.CONFIRM.search(s) and not lexicon.MORE.search(s) and (is_question(s) or "confirm" in s or "yes" in s)
        for s in sentences(text)
    )


def asks_which(text: str) -> bool:
    """Whether the text asks to choose between records."""
    return any(lexicon.WHICH.search(s) and is_question(s) for s in sentences(text))


def asks_to_do(text: str, words: Iterable[str], language: str) -> bool:
    """Whether the text asks its reader to do something that these ``words`` (of ``language``) name, in one sentence."""
    wanted = list(words)
    return any(
        lexicon.DO.search(s) and not lexicon.MORE.search(s) and not asks_to_confirm(s) and any(_holds(s, word, language) for word in wanted)
        for s in sentences(text)
    )


def mentions_any(text: str, words: Iterable[str], language: str) -> bool:
    """Whether the text names one of ``words`` other than in a question."""
    wanted = list(words)
    return any(not is_question(s) and any(_holds(s, word, language) for word in wanted) for s in sentences(text))


def refuses(text: str) -> bool:
    """Whether the text says that something asked for cannot or may not be done. Not finding a record is no refusal."""
    return any(lexicon.CANNOT.search(s) and not (lexicon.NOT_FOUND.search(s) and not _cannot_besides(s)) for s in sentences(text))


def _cannot_besides(sentence: str) -> bool:
    return bool(lexicon.CANNOT.search(lexicon.NOT_FOUND.sub(" ", sentence)))


def reports_problem(text: str) -> bool:
    """Whether the text says that something was not found, not valid or failed."""
    return _any(lexicon.NOT_FOUND, text)


def reports_done(text: str) -> bool:
    """Whether the text says that something has been carried out."""
    return any(lexicon.DONE.search(s) and not s.endswith("?") for s in sentences(text))


def offers_more(text: str) -> bool:
    """Whether the text asks if there is anything else."""
    return any(lexicon.MORE.search(s) and is_question(s) for s in sentences(text))


def says_goodbye(text: str) -> bool:
    """Whether the text closes the conversation."""
    return _any(lexicon.BYE, text)


def asks_to_wait(text: str) -> bool:
    """Whether the text only says that the author is looking something up."""
    return _any(lexicon.WAIT, text) and not has_question(text)


def affirms(text: str) -> bool:
    """Whether a user's message says yes to what was proposed."""
    first = sentences(text)[:2]
    return any(lexicon.YES.search(s) for s in first) and not declines(text)


def declines(text: str) -> bool:
    """Whether a user's message says no, or not like that, to what was proposed."""
    parts = sentences(text)
    if not parts:
        return False
    negative = lexicon.NO.search(parts[0])
    positive = lexicon.YES.search(parts[0])
    return bool(negative and (not positive or negative.start() <= positive.start()))


def thanks(text: str) -> bool:
    """Whether the text thanks somebody."""
    return _any(lexicon.THANKS, text)


def wants_no_more(text: str) -> bool:
    """Whether a user's message says that there is nothing else."""
    return _any(lexicon.NO_MORE, text)
