"""Forms of personas and agent profiles. What may stand in them is the engine's to say: ``blame`` puts its findings at the fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from studio.web.cast.words import ASKS, BREVITIES, FORMALITIES, LANGUAGES, MOODS, TONES, Word
from synthesis.engine.packs.findings import Finding
from synthesis.engine.participants.cast import AgentProfile, Colleague, Persona
from synthesis.engine.participants.people import LONGEST, MOST_TYPOS

MOST_TEXT = 4000
SLUG_HELP = _("Small letters, digits, - and _. Episodes and files name it so; it stays as it is.")
PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class Lines(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea({"rows": 4})

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=MOST_TEXT, **options)

    def prepare_value(self, value: Any) -> Any:
        """As text."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """As a list without empty lines."""
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class Colleagues(Lines):
    """Colleagues, one a line: ``short_name: when to transfer to it``."""

    def prepare_value(self, value: Any) -> Any:
        """As text."""
        if not isinstance(value, list):
            return value
        return "\n".join(one if isinstance(one, str) else f"{one['slug']}: {one['when']}" for one in value)

    def clean(self, value: Any) -> Any:
        """As colleagues."""
        pairs = [line.partition(":") for line in super().clean(value)]
        return [Colleague(slug.strip(), when.strip()) for slug, _colon, when in pairs]


class Choices(forms.ChoiceField):
    """One of the engine's terms, under its name."""

    def __init__(self, words: Mapping[str, Word], **options: Any) -> None:
        super().__init__(choices=list(words.items()), **options)


class PeopleForm(forms.Form):
    """What both forms share. A form for somebody who is there already (``slug`` given) does not ask for the slug."""

    slug = forms.CharField(label=_("Short name"), max_length=80, help_text=SLUG_HELP, widget=forms.TextInput(PLAIN))

    def __init__(self, *args: Any, slug: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.given = slug
        if slug:
            del self.fields["slug"]

    def short_name(self) -> str:
        """The slug, given or written."""
        return self.given or str(self.cleaned_data["slug"])

    def blame(self, findings: Sequence[Finding]) -> None:
        """Say at each field what is wrong with it."""
        for finding in findings:
            place = finding.place if finding.place in self.fields else None
            self.add_error(place, f"{finding.problem} {finding.remedy}")


class PersonaForm(PeopleForm):
    """A persona."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST["name"], widget=forms.TextInput(PLAIN))
    background = forms.CharField(
        label=_("Background"),
        max_length=LONGEST["background"],
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Who this is, in a sentence or two."),
    )
    language = Choices(LANGUAGES, label=_("Language"))
    formality = Choices(FORMALITIES, label=_("Formality"), initial="neutral")
    brevity = Choices(BREVITIES, label=_("Brevity"), initial="normal")
    mood = Choices(MOODS, label=_("Mood"), initial="neutral")
    patience = forms.IntegerField(
        label=_("Patience"), min_value=1, max_value=5, initial=3, help_text=_("1: leaves soon. 5: answers everything.")
    )
    expertise = forms.IntegerField(
        label=_("Expertise"), min_value=1, max_value=5, initial=3, help_text=_("1: new to all this. 5: knows the terms.")
    )
    typos = forms.FloatField(
        label=_("Typing slips"),
        min_value=0,
        max_value=MOST_TYPOS,
        initial=0,
        widget=forms.NumberInput({"step": "0.01"}),
        help_text=_("Chance of a slip per word, 0 to 0.1. Facts are never mistyped."),
    )
    preferences = Lines(label=_("Preferences"), help_text=_("One a line: what pleases this person."))

    def value(self) -> Persona:
        """The persona that the form describes."""
        return Persona(**{**self.cleaned_data, "slug": self.short_name()})


class AgentForm(PeopleForm):
    """An agent profile."""

    role = forms.CharField(
        label=_("Role"), max_length=LONGEST["role"], widget=forms.TextInput(PLAIN), help_text=_("As in: “You are a patient guide.”")
    )
    tone = Choices(TONES, label=_("Tone"), initial="neutral")
    asks = Choices(ASKS, label=_("Asks for"), initial="together")
    parallel = forms.BooleanField(label=_("Makes independent calls in one turn"), required=False)
    thinks_aloud = forms.BooleanField(label=_("Thinks aloud: a short text beside its calls"), required=False)
    confirms = forms.BooleanField(
        label=_("Asks for a yes before changes"),
        required=False,
        initial=True,
        help_text=_("Without it the agent breaks the policy of most domains: for runs that are meant to fail."),
    )
    capabilities = Lines(label=_("Capabilities"), help_text=_("One a line: what it is good at."))
    toolset = Lines(
        label=_("Its tools in a team"),
        help_text=_("One a line: lookups, changes, or names such as cancel_*. Empty: every tool. With a line here it plays in teams only."),
    )
    colleagues = Colleagues(
        label=_("Colleagues"),
        help_text=_("One a line: back_office: any change to a record. Whoever has some leads a team and hands over as said here."),
    )
    rules = Lines(label=_("Rules of behaviour"), help_text=_("One sentence a line, at most five; they stand in its system prompt."))

    def value(self) -> AgentProfile:
        """The profile that the form describes."""
        return AgentProfile(**{**self.cleaned_data, "slug": self.short_name()})
