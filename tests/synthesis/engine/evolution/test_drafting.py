"""Steps of an author: what is asked, what is read, what is asked again, and packs that come out whole."""

import asyncio
from typing import Any, TypeVar

import pytest

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.adapters.starter_files import draft_template, pack_reference, prompt
from synthesis.engine.audit.audit import audit_pack
from synthesis.engine.chat.errors import NoQuota
from synthesis.engine.chat.model import ChatRequest
from synthesis.engine.chat.prices import Price
from synthesis.engine.evolution.asking import Author, Capped, NoAnswer, Wrong, filled
from synthesis.engine.evolution.drafting import part_of, write_next
from synthesis.engine.evolution.ideas import CatalogueView, CategoryIdea, DomainIdea, propose_categories, propose_domains
from synthesis.engine.evolution.pack_work import PackWork, pack_text
from synthesis.engine.evolution.people_drafts import propose_agents, propose_personas, propose_wordings
from synthesis.engine.evolution.repairing import changed, repair
from synthesis.engine.evolution.similarity import Likeness, ToolView, tools_of, twin_findings, twins_in
from synthesis.engine.packs.findings import Finding
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.packs.yaml_text import load
from tests.fakes.author.answers import author_says
from tests.fakes.author.voice import Voice

T = TypeVar("T")
NAMES = ("categories", "domains", "outline", "world", "tools", "policy", "intents", "repair", "personas", "agents", "wordings")
PROMPTS = {name: prompt(name) for name in ("author", *(f"author_{step}" for step in NAMES))}
CRAFTS = CategoryIdea("shared_crafts", "Workshops that are used by turns.")


def author(model: str = "fake") -> Author:
    return Author(Voice(model), PROMPTS)


def written(model: str = "fake") -> tuple[PackWork, list[ChatRequest]]:
    """The first trade, written stage by stage."""
    voice = Voice(model)
    idea = asyncio.run(propose_domains(author(), CatalogueView(), CRAFTS, 1)).value[0]
    work = PackWork(idea)
    while work.stage:
        work = asyncio.run(write_next(Author(voice, PROMPTS), work, CatalogueView(), pack_reference())).value
    return work, voice.asked


def test_a_pack_that_is_written_in_parts_passes_the_audit() -> None:
    work, asked = written()
    assert [request.answer.name for request in asked if request.answer] == [
        "author_outline", "author_world", "author_tools", "author_policy", "author_intents", "author_intents",
    ]  # fmt: skip
    pack = parse_pack(pack_text(work))
    assert (pack.slug, pack.category) == ("boat_moorings", "shared_crafts/boat_moorings")
    assert audit_pack(pack, StarlarkInterpreter(), worlds=5).passed
    tables = next(request for request in asked if request.answer and request.answer.name == "author_world")
    assert "## Tables" in tables.messages[1]["content"] and "## Intents" not in tables.messages[1]["content"]
    assert "{" + "reference}" not in str([request.messages for request in asked])


def test_proposals_leave_out_what_is_there_and_are_asked_again_for_it() -> None:
    view = CatalogueView({"outdoor_life": 3}, [DomainIdea("boat_moorings", "Boats", "x/y", "A harbour. More.")])
    names = asyncio.run(propose_categories(author(), view, 2)).value
    assert [idea.name for idea in names] == ["shared_crafts", "neighbourhood"]
    assert asyncio.run(propose_domains(author(), view, CRAFTS, 1)).value[0].slug == "garden_plots"
    taken = {"slug": "boat_moorings", "name": "B", "description": "A harbour with boats in it.", "complexity": 1, "jobs": []}
    answers = [[taken], [taken | {"slug": "Kayaks"}], [taken | {"slug": "kayaks"}]]

    def says(_body: dict[str, Any]) -> dict[str, Any]:
        import json

        return {"content": json.dumps({"domains": answers.pop(0)})}

    voice = Voice(says=says)
    answered = asyncio.run(propose_domains(Author(voice, PROMPTS), view, CRAFTS, 1))
    assert answered.value[0].slug == "kayaks" and answered.reasks == 2
    assert "There is a domain boat_moorings already" in voice.asked[1].messages[-1]["content"]
    assert "slug" in voice.asked[2].messages[-1]["content"], "what the schema forbids is shown too"
    assert answered.usage.completion_tokens > 0


def test_a_wrong_form_is_asked_for_again_and_silence_is_a_recorded_failure() -> None:
    voice = Voice("fake:clumsy=yes")
    work = PackWork(asyncio.run(propose_domains(author(), CatalogueView(), CRAFTS, 1)).value[0])
    for _ in range(2):
        work = asyncio.run(write_next(Author(voice, PROMPTS), work, CatalogueView(), pack_reference())).value
    assert "cannot be read" in voice.asked[-1].messages[-1]["content"]
    with pytest.raises(NoAnswer, match="in 3 tries") as failed:
        asyncio.run(propose_categories(author("fake:mute=categories"), CatalogueView(), 1))
    assert failed.value.usage.prompt_tokens > 0


def test_parts_are_read_as_strictly_as_a_file() -> None:
    for text, said in (
        ("tables: 3", "does not fit the format"),
        ("slug: other", "only tables, seed were asked for"),
        ("- a", "must be a mapping"),
        ("tables: {a: &x {}}", "anchor"),
    ):
        with pytest.raises(Wrong, match=said):
            part_of(text, ("tables", "seed"))
    assert part_of("```yaml\nseed: |\n  def seed(): pass\n```", ("seed",)) == {"seed": "def seed(): pass\n"}


def test_what_is_filled_in_may_hold_braces() -> None:
    assert filled("{pack} {findings} {other}", {"pack": "{findings}", "findings": "{pack}"}) == "{findings} {pack} {other}"


def test_repairs_change_places_and_nothing_else() -> None:
    text = draft_template()
    before = load(text).data
    made = load(
        changed(
            text,
            [
                ("tools.find_member.program", "def run(args):\n    return {}"),
                ("intents.2.bind", "|\n  def bind(given):\n      return None"),
                ("checks.not_today", "{never: cancel_booking}"),
                ("tables.notes", "key: note_id\ncolumns: {note_id: {type: string}}"),
                ("tools.list_bookings", ""),
                ("tools.hello", "name: hello\ndescription: Says hello."),
                ("policy.4", "{rule: Be short., check: null}"),
                ("tables.bookings.columns.hours.minimum", "2"),
            ],
        )
    ).data
    assert made["tools"][0]["program"] == "def run(args):\n    return {}\n"
    assert made["intents"][2]["bind"] == "def bind(given):\n    return None\n"
    assert made["checks"]["not_today"] == {"never": "cancel_booking"}
    assert [tool["name"] for tool in made["tools"]] == ["find_member", "extend_booking", "cancel_booking", "hello"]
    assert made["policy"][4]["rule"] == "Be short." and made["tables"]["notes"]["key"] == "note_id"
    assert made["tables"]["bookings"]["columns"]["hours"]["minimum"] == 2
    assert made["intents"][0] == before["intents"][0]


@pytest.mark.parametrize(
    ("place", "yaml", "said"),
    [
        ("slug", "other", "settled"),
        ("tools.nothing.program", "x", "There is nothing at"),
        ("tools", "three", "another kind"),
        ("seed", "a: [", "cannot be read"),
        ("nowhere.at.all", "1", "There is nothing at"),
    ],
)
def test_repairs_that_lead_nowhere_are_told_why(place: str, yaml: str, said: str) -> None:
    with pytest.raises(Wrong, match=said):
        changed(draft_template(), [(place, yaml)])
    with pytest.raises(Wrong, match="no changes"):
        changed(draft_template(), [])


def test_an_author_mends_what_the_findings_tell_of() -> None:
    work, _ = written("fake:breaks=misfit_result")
    told = [Finding("tools.1.returns", "the result does not fit: x.", "Mend returns or the program.")]
    mended = asyncio.run(repair(author("fake:breaks=misfit_result"), pack_text(work), told, pack_reference())).value
    assert parse_pack(mended).tools["stays_ahead"].returns["items"]["required"] != ["weather"]
    useless = asyncio.run(repair(author("fake:breaks=misfit_result,stubborn=yes"), pack_text(work), told, pack_reference())).value
    assert parse_pack(useless).tools["stays_ahead"].returns["items"]["required"] == ["weather"]


def test_near_duplicates_are_told_with_their_twin() -> None:
    mine = ToolView("a", "find_member", "Find a member by the six digits of the card.", {"card": ""})
    near = ToolView("b", "find_members", "Finds members by the six digits of a card", {"card": ""})
    far = ToolView("b", "cancel_order", "Cancel an order and pay it back.", {"order_id": "The order"})
    twins = twins_in([near, far], [mine])
    assert [(twin.tool.name, twin.other.domain) for twin in twins] == [("find_members", "a")]
    finding = twin_findings(twins)[0]
    assert finding.place == "tools.find_members" and "find_member of a" in finding.problem
    assert [twin.tool.name for twin in twins_in([mine, far, ToolView("a", "find_a_member", mine.description, mine.parameters)], [])] == [
        "find_a_member"
    ]
    assert Likeness([mine, far]).alike(mine, mine) == pytest.approx(1)
    said = "Look somebody up."
    one, other = ToolView("a", "look_up", said, {}, (1.0, 0.0)), ToolView("b", "search", "Search for a person.", {}, (0.9, 0.1))
    assert Likeness([one, other]).alike(one, other) > 0.6 > Likeness([]).alike(one, ToolView("b", "search", "Search for a person."))


def test_tools_of_the_starter_catalogue_are_no_twins() -> None:
    from synthesis.adapters.starter_files import pack_files

    tools = [tool for path in pack_files() for tool in tools_of(parse_pack(path.read_text("utf-8")))]
    assert len(tools) > 100 and twins_in(tools, []) == []


def test_people_are_examined_like_hand_made_ones() -> None:
    people = asyncio.run(propose_personas(author(), 3, "ko", [])).value
    assert {person.language for person in people} == {"ko"} and len({person.slug for person in people}) == 3
    more = asyncio.run(propose_personas(author(), 2, "en", people)).value
    assert {person.language for person in more} == {"en"}
    agents = asyncio.run(propose_agents(author(), 2, [])).value
    assert len({agent.slug for agent in agents}) == 2

    def says(_body: dict[str, Any]) -> dict[str, Any]:
        value = author_says({**_body, "model": "fake"})
        return {"content": value["content"].replace('"role": "a', '"role": "' + "very " * 60 + "a")}

    with pytest.raises(NoAnswer, match="Shorten it to 200"):
        asyncio.run(propose_agents(Author(Voice(says=says), PROMPTS), 1, []))


def test_wordings_come_behind_those_that_are_there() -> None:
    text = draft_template()
    made = asyncio.run(propose_wordings(author(), text, "make_longer", 4)).value
    before, after = parse_pack(text).intents["make_longer"].phrases, parse_pack(made).intents["make_longer"].phrases
    for language in ("en", "ko"):
        assert after[language].opening[: len(before[language].opening)] == before[language].opening
        assert len(after[language].opening) == len(before[language].opening) + 4
        assert len(after[language].answers["day"]) == len(before[language].answers["day"]) + 1
    assert "# A small complete domain" in made, "remarks of the author stay"


class Purse:
    def __init__(self, left: int) -> None:
        self.left, self.held = left, 0

    async def set_aside(self, most: int) -> None:
        if most > self.left:
            raise NoQuota("spent")
        self.left, self.held = self.left - most, self.held + most

    async def settle(self, most: int, spent: int) -> None:
        self.left, self.held = self.left + most - spent, self.held - most


def test_a_call_that_could_pass_the_cap_is_not_made() -> None:
    voice, price = Voice(), Price(1_000_000, 2_000_000)
    with pytest.raises(NoQuota):
        asyncio.run(propose_categories(Author(Capped(voice, price, Purse(10_000)), PROMPTS), CatalogueView(), 1))
    assert not voice.asked
    purse = Purse(100_000)
    asyncio.run(propose_categories(Author(Capped(voice, price, purse), PROMPTS), CatalogueView(), 1))
    assert purse.held == 0 and purse.left == 100_000, "the fake has no price of its own"
