"""OpenAPI 3 documents: valid ones, and answers as they describe them. No I/O.

openapi-spec-validator and jsonschema are imported when they are needed: they take their time, and no other unit does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from graders.core.models.finding import Mismatch, Side
from graders.core.models.http_headers import media_type
from graders.core.models.http_message import Response
from graders.core.models.json_text import json_value
from graders.core.models.web_answer import all_of, json_that, status
from graders.core.text import Text
from graders.core.traffic.web_requests import Ask

#: The operations of the users API; a document may name the parameter otherwise.
OPERATIONS = (
    ("/users", "get"), ("/users", "post"), ("/users/{}", "get"), ("/users/{}", "put"), ("/users/{}", "delete"),
)  # fmt: skip

Json = Any

#: Bytes of a document; an honest one has a few thousand.
LARGEST = 2**18


def describes_the_api(answer: Response) -> Mismatch | None:
    """A valid OpenAPI 3 document that has every operation of the users API."""
    return all_of(status(200, suspect="openapi.missing"), json_that(_judge_document))(answer)


def _judge_document(document: Json) -> Mismatch | None:
    wanted = Side(Text("有效的 OpenAPI 3 文档", "a valid OpenAPI 3 document"))
    version = document.get("openapi") if isinstance(document, dict) else None
    if not isinstance(version, str) or not version.startswith("3."):
        return Mismatch(
            wanted, Side(value=document), "openapi.invalid", python="json.loads(body)['openapi'][:2] == '3.'"
        )
    if (problem := _problem(document)) is not None:
        note = Text(f"openapi-spec-validator：{problem}", f"openapi-spec-validator: {problem}")
        return Mismatch(wanted, Side(value=document), "openapi.invalid", note=note, python="False")
    for path, method in OPERATIONS:
        if _operation(document, path, method) is None:
            words = Text(f"有 {method.upper()} {path}", f"{method.upper()} {path} is in it")
            return Mismatch(Side(words), Side(value=document), "openapi.operation_missing", python="False")
    return None


def _problem(document: Json) -> str | None:
    """The first thing that is wrong with it; references may only lead to itself."""
    return _problem_of(json.dumps(document))


@lru_cache(maxsize=4)  # a program gives the same one again and again
def _problem_of(text: str) -> str | None:
    from openapi_spec_validator import validate
    from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

    if len(text) > LARGEST:
        return f"over {LARGEST} bytes"
    document = json.loads(text)
    if outside := [reference for reference in _references(document) if not reference.startswith("#")]:
        return f"$ref {outside[0]}"
    try:
        validate(_without_patterns(document))
    except OpenAPIValidationError as error:
        return f"{'/'.join(map(str, error.absolute_path))}: {error.message}"[:500]
    except Exception as error:  # a document that makes the validator stumble is not valid either
        return f"{type(error).__name__}: {error}"[:500]
    return None


def _without_patterns(value: Json) -> Json:
    """The document without its regular expressions: a program may write one that takes for ever."""
    if isinstance(value, list):
        return [_without_patterns(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: item for key, item in value.items() if not (key == "pattern" and isinstance(item, str))}
    return {key: _without_patterns(item) for key, item in kept.items() if key != "patternProperties"}


def _references(value: Json) -> list[str]:
    if isinstance(value, list):
        return [reference for item in value for reference in _references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [reference for item in value.values() for reference in _references(item)]


def _resolved(document: Json, value: Json) -> Json:
    """Where its references lead to, as far as they do."""
    for _ in range(20):
        if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
            return value
        found = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        value = found
    return value


def _operation(document: Json, path: str, method: str) -> Json:
    for name, item in (document.get("paths") or {}).items():
        if re.sub(r"\{[^}]*\}", "{}", name) == path and isinstance(item, dict):
            return _resolved(document, _resolved(document, item).get(method))
    return None


def keeps_document(document: Json, sent: Ask, answer: Response) -> Mismatch | None:
    """The answer's status is one that the document gives for its operation, and its JSON fits the schema."""
    path = re.sub(r"/users/\d+$", "/users/{}", sent.target)
    operation = _operation(document, path, sent.method.lower())
    if operation is None:
        return None
    responses: Mapping[str, Json] = operation.get("responses") or {}
    ranged = f"{answer.status // 100}XX"
    declared = next((responses[key] for key in (str(answer.status), ranged, "default") if key in responses), None)
    where = f"{sent.method} {path}"
    other = f"json.loads(answers[0].body) != {document!r}"  # the first answer is the document
    if declared is None:
        words = Text(f"{where} 的文档里有 {answer.status}", f"{answer.status} is documented for {where}")
        return Mismatch(Side(words), Side(value=sorted(responses)), "openapi.status_missing", python=other)
    content = _resolved(document, declared).get("content") or {}
    sent_type = media_type(answer.headers.get("Content-Type"))
    schemas = [_resolved(document, content[name]).get("schema") for name in content if media_type(name) == sent_type]
    schema = schemas[0] if schemas else None
    if schema is None or not answer.body:
        return None  # it promises nothing
    if (problem := _misfit(document, schema, json_value(answer.body))) is not None:
        words = Text(f"{where} 的回答符合文档的 schema", f"the answer to {where} fits the document's schema")
        note = Text(f"jsonschema：{problem}", f"jsonschema: {problem}")
        return Mismatch(Side(words), Side(data=answer.body), "openapi.schema_differs", note=note, python=other)
    return None


def _misfit(document: Json, schema: Json, value: Json) -> str | None:
    import jsonschema  # type: ignore[import-untyped]
    from openapi_schema_validator import OAS30Validator

    validator = OAS30Validator if document["openapi"].startswith("3.0") else jsonschema.Draft202012Validator
    # References lead from the document's root: so the schema is looked at from there.
    root = _without_patterns({**document, "allOf": [schema]})
    try:
        error = next(iter(validator(root).iter_errors(value)), None)
    except Exception as error:  # nobody can tell what it says
        return f"{type(error).__name__}: {error}"[:500]
    return None if error is None else error.message[:500]
