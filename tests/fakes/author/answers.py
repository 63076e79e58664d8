"""What the fake author says, step by step. It knows only what it is asked: the step by the name of the answer's form, the domain by
its line.

Options of the model's name, joined by commas: ``breaks=all``, or one name of breaks.BREAKS, spoils packs; ``stubborn=yes`` mends nothing;
``clumsy=yes`` gives each part in a wrong form first; ``mute=<step>`` never answers that step properly.
"""

import copy
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from synthesis.engine.evolution.pack_work import text_of
from synthesis.engine.packs import yaml_write
from synthesis.engine.packs.yaml_text import load
from tests.fakes.author.breaks import BREAKS, Break
from tests.fakes.author.trades import BY_SLUG, TRADES, idea_of, outline_of, pack_of
from tests.fakes.model_server.question import ways_of

Body = dict[str, Any]
Value = dict[str, Any]
CATEGORIES = (
    ("outdoor_life", "Clubs and places outside where people share what is scarce."),
    ("shared_crafts", "Workshops, kilns and studios that are used by turns."),
    ("neighbourhood", "What neighbours own together and book."),
    ("night_work", "Places that are open when others sleep."),
)
_IDEA = re.compile(r"^(\w+): .+ \([\w/]+\), complexity \d of 5$", re.MULTILINE)
_SLUG = re.compile(r"^slug: (\w+)$", re.MULTILINE)
_NUMBER = re.compile(r"(?:Propose|Write|at least) (\d+) ")


def author_says(body: Body, ways: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The message that answers a request; ``ways`` are the options, those in the model's name when they are left out."""
    options = dict(ways_of(str(body.get("model", ""))) if ways is None else ways)
    step, asked = step_of(body), str(body["messages"][1]["content"])
    reasked = len(body["messages"]) > 2
    if options.get("mute") == step.removeprefix("author_"):
        return {"content": "I would rather not."}
    if options.get("clumsy") and not reasked:
        return {"content": json.dumps({"yaml": "tools: [\n"} if _is_yaml(body) else {"sorry": True})}
    return {"content": json.dumps(STEPS[step](asked, options), ensure_ascii=False)}


def step_of(body: Body) -> str:
    """The prompt that a request was made from, "" for none of an author's steps."""
    form = (body.get("response_format") or {}).get("json_schema") or {}
    if form.get("name") in STEPS:
        return str(form["name"])
    # Endpoints that take no form are told it in words; what is asked for tells the step.
    asked = str([message.get("content") for message in body.get("messages", [])[1:2]])
    return next((step for step, words in WORDS.items() if words in asked), "")


def _is_yaml(body: Body) -> bool:
    return step_of(body) in {"author_world", "author_tools", "author_policy", "author_intents"}


def categories(asked: str, _options: dict[str, str]) -> Value:
    """Categories that are not in the list yet."""
    there = set(re.findall(r"^- (\w+) \(\d+ domains\)", asked, re.MULTILINE))
    names = [*CATEGORIES, *((f"field_{number}", "Another field.") for number in range(1, 100))]
    fresh = [{"name": name, "description": said} for name, said in names if name not in there]
    return {"categories": fresh[: _number(asked)]}


def domains(asked: str, _options: dict[str, str]) -> Value:
    """Trades that are not in the list yet."""
    there = set(re.findall(r"^- (\w+) \(", asked, re.MULTILINE))
    fresh = [idea_of(trade) for trade in TRADES if trade.slug not in there]
    return {"domains": fresh[: _number(asked)]}


def outline(asked: str, options: dict[str, str]) -> Value:
    """The plan of the domain."""
    return outline_of(_pack(asked, options))


def world(asked: str, options: dict[str, str]) -> Value:
    """Its tables, seed, invariants and helpers."""
    return _yaml({name: _pack(asked, options)[name] for name in ("tables", "seed", "invariants", "helpers")})


def tools(asked: str, options: dict[str, str]) -> Value:
    """The tools that are wanted."""
    wanted = _wanted(asked)
    return _yaml({"tools": [tool for tool in _pack(asked, options)["tools"] if tool["name"] in wanted]})


def policy(asked: str, options: dict[str, str]) -> Value:
    """Its policy and checks."""
    return _yaml({name: _pack(asked, options)[name] for name in ("policy", "checks")})


def intents(asked: str, options: dict[str, str]) -> Value:
    """The intents that are wanted."""
    wanted = _wanted(asked)
    return _yaml({"intents": [intent for intent in _pack(asked, options)["intents"] if intent["id"] in wanted]})


def repair(asked: str, options: dict[str, str]) -> Value:
    """The parts that were spoilt as they should be, once a finding speaks of them; else something that helps nothing."""
    found = _SLUG.search(asked)
    slug = found[1] if found else ""
    broken = _break(slug, options)
    findings = asked.partition("What was found")[2].partition("The pack:")[0]
    if broken is None or options.get("stubborn") or not broken.mends or broken.says not in findings:
        return {
            "changes": [{"place": "agent", "yaml": json.dumps(f"You work at the desk of {slug.replace('_', ' ')}, and you mean well.")}]
        }
    pack = load(asked.partition("The pack:\n")[2].partition("\n\nAnswer with changes")[0]).data
    good = pack_of(slug)
    changes = []
    for section in ("tables", "seed", "invariants", "helpers", "checks", "policy", "tools", "intents"):
        if pack.get(section) != good[section]:
            value = good[section]
            changes.append({"place": section, "yaml": value if isinstance(value, str) else _text(value)})
    return {"changes": changes}


def personas(asked: str, _options: dict[str, str]) -> Value:
    """People that are not in the list yet."""
    korean = "They speak Korean" in asked
    people = KOREANS if korean else ENGLISH
    there = set(re.findall(r"^- (\w+):", asked, re.MULTILINE))
    fresh = [
        {
            "slug": f"{'ko_' if korean else ''}{slug}_{number}" if number else f"{'ko_' if korean else ''}{slug}",
            "name": name,
            "background": background,
            "formality": ("casual", "neutral", "formal")[(at + number) % 3],
            "brevity": ("terse", "normal", "chatty")[at % 3],
            "mood": ("friendly", "hurried", "anxious", "grumpy")[(at + number) % 4],
            "typos": 0.01 * (at % 4),
            "patience": 1 + at % 5,
            "expertise": 1 + (at + 2) % 5,
            "preferences": [like],
        }
        for number in range(20)
        for at, (slug, name, background, like) in enumerate(people)
    ]
    return {"personas": [person for person in fresh if person["slug"] not in there][: _number(asked)]}


def agents(asked: str, _options: dict[str, str]) -> Value:
    """Profiles that are not in the list yet."""
    there = set(re.findall(r"^- (\w+):", asked, re.MULTILINE))
    fresh = [
        {
            "slug": f"{manner}_{trade}",
            "role": f"a {manner} {trade.replace('_', ' ')}",
            "tone": tone,
            "asks": "together",
            "parallel": False,
            "thinks_aloud": False,
            "rules": [rule],
            "capabilities": ["keeping figures straight"],
        }
        for trade in ("harbour_clerk", "workshop_warden", "club_secretary", "night_porter")
        for manner, tone, rule in MANNERS
    ]
    return {"agents": [agent for agent in fresh if agent["slug"] not in there][: _number(asked)]}


def wordings(asked: str, _options: dict[str, str]) -> Value:
    """Lines that are there already, begun another way."""
    intent = load(asked.partition("The intent as it stands:\n")[2].partition("\n\nGive for each language")[0]).data
    number = _number(asked)
    said = {}
    for language, begins in (
        ("en", ("Good day! ", "One quick thing: ", "Hello again. ")),
        ("ko", ("실례합니다. ", "바쁘실 텐데, ", "여보세요, ")),
    ):
        phrases = intent["phrases"][language]
        lines = [begin + line for begin in begins for line in phrases["opening"]]
        places = {place: [begins[0] + phrases[place][0]] for place in ("adjust", "propose", "report") if phrases.get(place)}
        answers = [{"fact": fact, "line": begins[1] + given[0]} for fact, given in phrases.get("answers", {}).items()]
        said[language] = {"opening": lines[:number], **places, "answers": answers}
    return said


MANNERS = (
    ("watchful", "formal", "Name the rule when you refuse."),
    ("cheerful", "warm", "Use the caller's own words."),
    ("laconic", "brisk", "Keep it to two sentences."),
)
ENGLISH = (
    ("kite_maker", "Odette Farrow", "Makes kites and talks of the wind.", "plain words"),
    ("bell_ringer", "Hugh Pelham", "Rings bells on Sundays and hears a little badly.", "short sentences"),
    ("ferry_cook", "Nadia Osei", "Cooks on a ferry and has signal only in port.", "everything at once"),
    ("map_dealer", "Stellan Roth", "Deals in old maps and loves detail.", "exact names"),
    ("beekeeper", "Winnie Tarrant", "Keeps bees and is never in a hurry.", "a bit of conversation"),
)
KOREANS = (
    ("lighthouse", "문해솔", "등대에서 일하며 밤낮이 바뀐 사람.", "짧은 답변"),
    ("bookbinder", "서다온", "책 만드는 일을 하는 꼼꼼한 장인.", "정확한 설명"),
    ("baker_dawn", "윤새벽", "새벽마다 빵을 굽는 동네 빵집 주인.", "빠른 처리"),
    ("hiker", "강산해", "주말마다 산에 가는 활달한 사람.", "친절한 말투"),
)
STEPS: dict[str, Callable[[str, dict[str, str]], Value]] = {
    f"author_{step.__name__}": step
    for step in (categories, domains, outline, world, tools, policy, intents, repair, personas, agents, wordings)
}
WORDS = {
    "author_categories": "key categories for the catalogue",
    "author_domains": "application domains in the key category",
    "author_outline": "Plan this domain",
    "author_world": "Write the world",
    "author_tools": "Write these tools",
    "author_policy": "Write the policy",
    "author_intents": "Write these intents",
    "author_repair": "tested this pack and found faults",
    "author_personas": "personas: people who",
    "author_agents": "profiles of service agents",
    "author_wordings": "more wordings for one",
}


def broken_how(slug: str, options: dict[str, str]) -> str:
    """The name of the way in which a domain's pack is spoilt, "" for none."""
    wanted = options.get("breaks", "")
    names = list(BREAKS)
    if wanted == "all":
        return names[[trade.slug for trade in TRADES].index(slug) % len(names)]
    return wanted


def _break(slug: str, options: dict[str, str]) -> Break | None:
    return BREAKS.get(broken_how(slug, options)) if slug in BY_SLUG else None


def _pack(asked: str, options: dict[str, str]) -> dict[str, Any]:
    """The pack of the domain that a question is about, spoilt if that is wanted."""
    found = _IDEA.search(asked)
    assert found, "no domain in the question"
    how = broken_how(found[1], options)
    pack = copy.deepcopy(pack_of(found[1], alike=how == "duplicate_tool"))
    if how:
        BREAKS[how].spoil(pack)
    return pack


def _wanted(asked: str) -> set[str]:
    return set(re.findall(r"^- (\w+)[(:]", asked.partition("\n\n")[2].partition("\n\n")[0], re.MULTILINE))


def _number(asked: str) -> int:
    found = _NUMBER.search(asked)
    return int(found[1]) if found else 1


def _yaml(part: dict[str, Any]) -> Value:
    return {"yaml": text_of(part)}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return yaml_write.entry("all", value, 0).partition("\n")[2]
    return yaml_write.mapping(value, 0)
