"""A worksheet as Markdown: what people wrote cannot pass for its structure."""

from judging.engine.worksheet import Case, Cited, Said, Worksheet, to_markdown

CASE = Case(
    item=7,
    episode=12,
    domain="clinic",
    answers=[Said("A", 5, "all | fine\n## no", [Cited(3, "agent: done")]), Said("B", None, "", [])],
    outcome="new",
    value=3,
    note="# half\ndone",
)
SHEET = Worksheet("Starter #1", "task_success", "Is it done?", True, {5: "yes", 0: "no"}, ["What is\n# done?"], [CASE])


def test_every_answer_stands_in_its_row_and_strangers_text_stays_text() -> None:
    lines = to_markdown(SHEET).splitlines()
    assert "| A | 5 | all \\| fine ## no | 3: agent: done |" in lines
    assert "| B | does not apply |  |  |" in lines
    assert "Outcome: another value was set: 3." in lines
    assert [line for line in lines if line.startswith("#")] == [
        "# Starter #1: task_success",
        "## Notes",
        "## Item 7 (episode 12, clinic)",
        "## New wording",
    ]
    assert "> # half" in lines and "> # done?" in lines


def test_a_question_that_nobody_disputes_has_room_for_another_wording() -> None:
    text = to_markdown(Worksheet("S", "c", "Q?", False, {5: "yes", 0: "no"}, [], []))
    assert "## Item" not in text and text.endswith("Anchors:\n")
