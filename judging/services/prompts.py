"""Prompts of judges, from the catalogue."""

from functools import cache
from pathlib import Path

from judging.engine.judges.model import JudgePrompt

FOLDER = Path(__file__).resolve().parent.parent / "catalog" / "prompts"


@cache
def starter_judge_prompt() -> JudgePrompt:
    """The model judge's prompt as it ships."""
    before, after = ((FOLDER / name).read_text(encoding="utf-8") for name in ("judge.md", "judge_rules.md"))
    return JudgePrompt(before, after)
