"""Korean particles after any value: ``(을/를)``, ``(이/가)``, ``(은/는)``, ``(와/과)``, ``(으로/로)``, ``(이에요/예요)``, ``(이라/라)``.

The form follows the sound that the value ends in. For digits, letters and amounts it is the sound with which a Korean reads them aloud.
"""

import re

PARTICLE = re.compile(
    r"\((을/를|를/을|이/가|가/이|은/는|는/은|와/과|과/와|아/야|이([가-힣]+)/(?:\2|여\2|예요|였[가-힣]*)|으로([가-힣]*)/로\3)\)"
)
_SKIPPED = " \"'”’)]」』》.,!?*"
_DIGIT_SOUNDS = dict(zip("0123456789", ("ㅇ", "ㄹ", "", "ㅁ", "", "", "ㄱ", "ㄹ", "ㄹ", ""), strict=True))
_LETTER_SOUNDS = {"L": "ㄹ", "M": "ㅁ", "N": "ㄴ", "R": "ㄹ"}
_WORD_END = re.compile(r"[A-Za-z]+$")
_AMOUNT_END = re.compile(r"\$\s?[\d,]+(\.\d+)?$")
_CLOCK_END = re.compile(r"\d{1,2}:(\d{2})$")


def apply_particles(text: str) -> str:
    """Resolve every particle choice in ``text``."""
    if "(" not in text:
        return text
    return PARTICLE.sub(lambda match: choose(text[: match.start()], match[1]), text)


def choose(before: str, pair: str) -> str:
    """The form of ``pair`` (``"을/를"``) that follows the words ``before``."""
    first, second = pair.split("/")
    final = final_sound(before)
    if first.startswith("으로"):
        return first if final not in {"", "ㄹ"} else second
    if first in {"를", "가", "는", "와"}:
        first, second = second, first
    return first if final else second


def final_sound(before: str) -> str:
    """The final consonant with which ``before`` ends when read aloud: "" for a vowel, ``ㄹ``, or any other (as a jamo or ``ㅇ``)."""
    text = re.sub(r"\([^()]*\)$", "", before.rstrip(_SKIPPED)) if not before.endswith(")") else re.sub(r"\([^()]*\)$", "", before)
    text = text.rstrip(_SKIPPED)
    if not text:
        return ""
    if _AMOUNT_END.search(text):
        return ""
    clock = _CLOCK_END.search(text)
    if clock:
        return "" if clock[1] == "00" else "ㄴ"
    last = text[-1]
    if "가" <= last <= "힣":
        code = (ord(last) - 0xAC00) % 28
        return "" if code == 0 else "ㄹ" if code == 8 else "ㅇ"
    if last.isdigit() and last.isascii():
        return _DIGIT_SOUNDS[last]
    word = _WORD_END.search(text)
    return _latin_sound(word[0]) if word else ""


def _latin_sound(word: str) -> str:
    """How a Korean ending of a Latin-letter ``word`` sounds; capitals alone are spelled out."""
    if word.isupper() or len(word) == 1:
        return _LETTER_SOUNDS.get(word[-1].upper(), "")
    low = word.lower()
    if low.endswith(("le", "ll", "l", "al", "el")):
        return "ㄹ"
    if low.endswith(("m", "me")):
        return "ㅁ"
    if low.endswith(("ng", "n", "ine", "one", "ane", "une")):
        return "ㄴ"
    if low.endswith(("p", "b", "ck", "ok", "ic", "ek", "ook", "at", "et", "it", "ot", "ut")) and not low.endswith(("eat", "oat")):
        return "ㅂ"
    return ""
