"""Publishing: packs become releases, once."""

import msgspec
import pytest

from synthesis.engine.packs.model import Pack
from synthesis.models import Domain, DomainRelation, Release, Tool
from synthesis.selectors import catalog
from synthesis.services.catalog import Audited, pack_publish, relations_install
from tests.builders_runs import install, pack_text, starter_pack

pytestmark = pytest.mark.django_db
AUDITED = Audited("vet_clinic", seeds=[1, 2], variations={"plain": 10, "forbidden": 0}, tried=10)


def publish(pack: Pack, text: str = "text") -> Release:
    """Publish as audited."""
    return pack_publish(pack=pack, text=text, audited=AUDITED)


def test_a_pack_becomes_a_domain_a_release_and_registry_rows() -> None:
    pack = starter_pack("vet_clinic")
    release = publish(pack, pack_text("vet_clinic"))
    domain = Domain.objects.get(slug="vet_clinic")
    assert (domain.name, domain.category, domain.status, domain.origin) == (pack.name, pack.category, "active", "starter")
    assert (release.number, release.digest, release.seeds, release.variations) == (1, pack.digest, [1, 2], {"plain": 10})
    assert {tool.name: tool.effect for tool in Tool.objects.filter(release=release)} == {t.name: t.effect for t in pack.tools.values()}
    assert catalog.packs([pack.digest])[pack.digest] == pack
    assert catalog.packs_by_slug([pack.digest])["vet_clinic"].digest == pack.digest


def test_publishing_again_changes_nothing_and_a_change_makes_the_next_release() -> None:
    pack = starter_pack("vet_clinic")
    first = publish(pack)
    assert publish(pack).pk == first.pk and Release.objects.count() == 1
    changed = msgspec.structs.replace(pack, description="Another one.")
    second = publish(changed, "new text")
    assert (second.number, second.lineage["parent"]) == (2, first.digest)
    domain = Domain.objects.get()
    assert (domain.description, domain.pack_text, domain.version) == ("Another one.", "new text", 2)
    assert catalog.active_releases()["vet_clinic"].digest == changed.digest


def test_a_draft_that_somebody_edited_is_left_alone() -> None:
    pack = starter_pack("vet_clinic")
    publish(pack)
    Domain.objects.update(pack_text="my own", name="Mine")
    publish(msgspec.structs.replace(pack, description="Another one."))
    assert Domain.objects.values_list("pack_text", "name").get() == ("my own", "Mine")
    assert Release.objects.count() == 2


def test_relations_are_tied_between_domains_that_are_there() -> None:
    install("vet_clinic", "retail_orders")
    packs = [
        msgspec.json.decode(
            msgspec.json.encode(
                {
                    **msgspec.to_builtins(starter_pack("vet_clinic")),
                    "related": [
                        {"domain": "retail_orders", "kind": "sibling"},
                        {"domain": "nowhere", "kind": "sibling"},
                    ],
                }
            ),
            type=Pack,
        )
    ]
    assert relations_install(packs=packs) == 1
    assert relations_install(packs=packs) == 0
    assert DomainRelation.objects.values_list("domain__slug", "other__slug", "kind").get() == ("vet_clinic", "retail_orders", "sibling")
