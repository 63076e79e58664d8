"""A new domain: from the template, as a copy, or from a text of one's own."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from studio.access.doors import allow, found, person
from studio.pipelines.drafts import domain_begin
from synthesis.models import Domain
from synthesis.selectors import lists
from synthesis.selectors.drafts import domains_to_copy
from synthesis.services.drafts import LARGEST_PACK, DraftRefused, SlugRefused

BEGINNINGS = [
    ("template", _("A small complete domain that passes the audit, with remarks that explain it")),
    ("copy", _("A copy of another domain's draft")),
    ("text", _("A file or text of mine")),
]


class NewForm(forms.Form):
    """What the domain is called, and what it begins with."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput({"autocomplete": "off"}))
    slug = forms.RegexField(
        r"^[a-z][a-z0-9_]*$",
        label=_("Name for links and files"),
        max_length=64,
        help_text=_("Small letters, digits and underscores, beginning with a letter. It never changes."),
        error_messages={"invalid": _("Use small letters, digits and underscores, beginning with a letter, such as city_parking.")},
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    beginning = forms.ChoiceField(label=_("Begin with"), choices=BEGINNINGS, initial="template", widget=forms.RadioSelect)
    copy_of = forms.ChoiceField(label=_("Domain to copy"), required=False)
    file = forms.FileField(label=_("File"), required=False, help_text=_("YAML in UTF-8, 2 MB at most."))
    text = forms.CharField(
        label=_("Text"), required=False, strip=False, widget=forms.Textarea({"rows": 8, "class": "mono", "spellcheck": "false"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["copy_of"].choices = [("", "–"), *((slug, f"{name} ({slug})") for slug, name in domains_to_copy())]  # type: ignore[attr-defined]

    def clean_file(self) -> str:
        """The text of the file."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file is None:
            return ""
        if (file.size or 0) > LARGEST_PACK:
            raise forms.ValidationError(_("The file is larger than 2 MB. Split the domain in two."))
        try:
            return bytes(file.read()).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(
                _("Byte %(byte)d is not UTF-8. Save the file as UTF-8 and choose it again."), params={"byte": error.start}
            ) from None

    def clean(self) -> dict[str, Any]:
        """What was chosen is there."""
        data = super().clean() or {}
        if data.get("beginning") == "copy" and not data.get("copy_of"):
            self.add_error("copy_of", _("Choose the domain to copy."))
        if data.get("beginning") == "text" and "file" in data and not (data["file"] or data.get("text")):
            self.add_error("text", _("Choose a file or paste a text."))
        return data


@allow("catalogue.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``/catalogue/new/``; ``?copy_of=slug`` chooses what to copy."""
    copied = request.GET.get("copy_of", "")
    initial = {"copy_of": copied, "beginning": "copy"} if copied else {}
    form = NewForm(request.POST, request.FILES) if request.method == "POST" else NewForm(initial=initial)
    if form.is_bound and form.is_valid():
        domain = _begin(request, form)
        if domain is not None:
            return redirect("authoring:pack", domain.slug)
    crumbs = [(_("Catalogue"), reverse("catalogue:index"))]
    return render(request, "authoring/new.html", {"form": form, "crumbs": crumbs}, status=422 if form.is_bound else 200)


def _begin(request: HttpRequest, form: NewForm) -> Domain | None:
    """The domain, or None when the form says why not."""
    data = form.cleaned_data
    parent = found(lists.domain(data["copy_of"])) if data["beginning"] == "copy" else None
    texts = {"template": "", "copy": parent.pack_text if parent else "", "text": data["file"] or data["text"]}
    origin = Domain.Origin.IMPORTED if data["beginning"] == "text" else Domain.Origin.AUTHORED
    try:
        return domain_begin(
            actor=person(request), slug=data["slug"], name=data["name"], text=texts[data["beginning"]], parent=parent, origin=origin
        )
    except DraftRefused as refused:
        form.add_error("slug" if isinstance(refused, SlugRefused) else "text", str(refused))
        return None
