"""Previews of authors: each step's own question, about a domain of the catalogue."""

import pytest

from studio.pipelines.evolving import PROMPTS
from studio.pipelines.previewing_authors import author_preview
from synthesis.engine.evolution.pack_work import STAGES
from synthesis.engine.evolution.rewriting import work_before
from synthesis.engine.packs.parse import parse_pack
from synthesis.selectors import prompts
from tests.builders_evolution import a_refused_draft, an_evolution
from tests.builders_runs import install
from tests.builders_runs import pack_text as text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("stage", STAGES)
def test_a_pack_that_is_there_is_on_its_way_again(stage: str) -> None:
    text = text_of("vet_clinic")
    work = work_before(text, stage)
    assert work.stage == stage
    if work.outline is not None:
        pack = parse_pack(text)
        assert [tool.name for tool in work.outline.tools] == list(pack.tools)
        assert work.outline.intents[0].calls == [call.call for call in next(iter(pack.intents.values())).gold]


def test_every_step_shows_its_question_with_all_holes_filled() -> None:
    install("vet_clinic", "retail_orders")
    a_refused_draft(an_evolution())
    for name in PROMPTS:
        shown = author_preview(name, "vet_clinic")
        assert shown is not None, name
        system, asked = (message["content"] for message in shown.messages)
        assert system == prompts.default("author").text.strip()
        step = "author_outline" if name == "author" else name
        assert asked.startswith(prompts.default(step).text.strip().splitlines()[0].split("{")[0])
        assert not [hole for hole in ("{domain}", "{reference}", "{number}", "{findings}", "{existing}") if hole in asked]
        assert shown.schema.startswith("{")


def test_what_is_there_already_and_what_was_found_stand_in_it() -> None:
    install("vet_clinic", "retail_orders")
    outline, tools = author_preview("author_outline", "vet_clinic"), author_preview("author_tools", "vet_clinic")
    assert outline is not None and tools is not None
    assert "retail_orders" in outline.messages[1]["content"]
    assert "- vet_clinic.find_owner" not in outline.messages[1]["content"], "it is being written"
    assert "find_owner" in tools.messages[1]["content"]
    assert author_preview("author_repair", "vet_clinic") is None, "nothing was refused"
    a_refused_draft(an_evolution())
    repair = author_preview("author_repair", "vet_clinic")
    assert repair is not None and "binds in 0 of 25 worlds" in repair.messages[1]["content"]
    mine = author_preview("author_tools", "vet_clinic", "Write {wanted}")
    assert mine is not None and mine.messages[1]["content"].startswith("Write - ")
    assert author_preview("author_tools", "nowhere") is None and author_preview("user", "vet_clinic") is None
