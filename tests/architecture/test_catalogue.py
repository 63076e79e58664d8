"""A newcomer waits for no audit: the catalogue remembers the passed audit of every pack as it stands."""

from synthesis.adapters.starter_files import pack_files, read_audited
from synthesis.engine.packs.parse import parse_pack


def test_every_starter_pack_has_its_audit_remembered() -> None:
    remembered = read_audited()
    packs = [parse_pack(path.read_text(encoding="utf-8")) for path in pack_files()]
    assert len(packs) >= 12
    forgotten = [pack.slug for pack in packs if pack.digest not in remembered]
    assert forgotten == [], "run `./bin/studio manage audit_packs --write`"
    assert set(remembered) == {pack.digest for pack in packs}


def test_packs_are_of_different_categories() -> None:
    categories = [parse_pack(path.read_text(encoding="utf-8")).category.split("/")[0] for path in pack_files()]
    assert sorted(category for category in set(categories) if categories.count(category) > 1) == []
