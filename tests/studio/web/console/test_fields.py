"""The form of arguments: what it can express it gives back, and what it cannot it says."""

from typing import Any

import pytest
from django.http import QueryDict

from studio.web.console.fields import BadText, fields_of, read_arguments, read_form, show

SCHEMA: dict[str, Any] = {
    "required": ["text"],
    "properties": {
        "text": {"type": "string", "ref": "pets", "description": "A key."},
        "whole": {"type": "integer"},
        "share": {"type": ["number", "null"]},
        "yes": {"type": "boolean"},
        "state": {"enum": ["open", 3, None]},
        "many": {"type": "array"},
        "anything": True,
    },
}


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"text": "A-1", "whole": -4, "share": 0.5, "yes": False, "state": 3, "many": [1, {"a": None}]},
        {"text": "12", "state": None, "anything": {"b": [True]}},
        {"text": 'quotes " and \u202e', "whole": 10**17},
    ],
)
def test_what_the_form_can_express_comes_back_whole(args: dict[str, Any]) -> None:
    fields = fields_of(SCHEMA)
    assert show(fields, args)
    sent = QueryDict(mutable=True)
    sent.update({field.input: field.value for field in fields})
    assert read_form(fields_of(SCHEMA), sent) == args


@pytest.mark.parametrize("args", [{"text": ""}, {"text": 7}, {"whole": "7"}, {"unknown": 1}, {"share": None}], ids=str)
def test_what_it_cannot_express_it_says(args: dict[str, Any]) -> None:
    assert not show(fields_of(SCHEMA), args)


def test_what_does_not_fit_is_sent_as_it_was_typed_and_broken_json_is_named() -> None:
    fields = fields_of(SCHEMA)
    assert read_form(fields, QueryDict("arg.whole=many&arg.text=%20")) == {"whole": "many", "text": " "}
    assert read_form(fields, QueryDict("arg.many=[1")) is None
    assert [field.name for field in fields if field.error] == ["many"]
    for text in ("[1]", "{", '"a"'):
        with pytest.raises(BadText):
            read_arguments(text)
    assert read_arguments("") == {}
