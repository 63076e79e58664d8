"""Small grammar of English and lists: articles, capitals at the start of a sentence, "A, B and C", tidy punctuation."""

import re
from collections.abc import Sequence

ARTICLE = re.compile(r"\b([Aa])\(n\)(\s+)([\"'(]*)(\S+)")
_DOUBLED_STOP = re.compile(r"(?<!\.)\.\.(?!\.)")
_SOUNDS_LIKE_CONSONANT = re.compile(r"(?:uni(?!n|m)|use|usu|uti|eu|one(?!r)|once|ubiq|ure|ura)", re.IGNORECASE)
_SILENT_H = re.compile(r"(?:hour|honest|honou?r|heir)", re.IGNORECASE)
_VOWEL_LETTERS = set("AEFHILMNORSX")


def apply_articles(text: str) -> str:
    """Resolve ``a(n)`` before the word that follows."""
    if "(n)" not in text:
        return text
    return ARTICLE.sub(lambda m: f"{m[1]}{'n' if _begins_with_vowel(m[4]) else ''}{m[2]}{m[3]}{m[4]}", text)


def _begins_with_vowel(word: str) -> bool:
    if word[0].isdigit():
        number = re.match(r"\d+", word)
        assert number
        return word[0] == "8" or number[0] in {"11", "18"}
    letters = re.match(r"[A-Za-z]+", word)
    if letters and letters[0].isupper() and (len(letters[0]) > 1 or len(word) > 1):
        return word[0] in _VOWEL_LETTERS
    if _SILENT_H.match(word):
        return True
    return word[0].lower() in "aeiou" and not _SOUNDS_LIKE_CONSONANT.match(word)


def begins_sentence(before: str) -> bool:
    """Whether what follows ``before`` begins a sentence."""
    stripped = before.rstrip(" \"'(“‘")
    return not stripped or (stripped[-1] in ".!?\n" and stripped != before)


def capitalised(text: str) -> str:
    """``text`` with its first character upper case."""
    return text[:1].upper() + text[1:]


def tidy(text: str) -> str:
    """``text`` without doubled full stops or spaces, such as a value that ends in one leaves."""
    return re.sub(r"[ \t]{2,}", " ", _DOUBLED_STOP.sub(".", text)).strip()


def join_list(parts: Sequence[str], language: str, word: str | None = None) -> str:
    """``A, B and C`` (``word`` instead of and); Korean with commas and particles: ``A와 B``, ``A, B, C``."""
    if len(parts) < 2:
        return "".join(parts)
    if language == "ko":
        if word:
            return ", ".join(parts[:-1]) + f", {word} " + parts[-1]
        nominal = len(parts) == 2 and not parts[0].endswith(("지", "까"))
        return f"{parts[0]}(와/과) {parts[1]}" if nominal else ", ".join(parts)
    return ", ".join(parts[:-1]) + f" {word or 'and'} " + parts[-1]
