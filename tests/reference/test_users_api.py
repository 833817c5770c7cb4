"""The users API's reference: property-based by its own OpenAPI document, in a real browser, and killed fifty times."""

from __future__ import annotations

import html
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.reference.serving import ROOT, dom, needs_chromium, script

sys.path.insert(0, str(ROOT / "reference" / "exercises"))
from users_api import DOCS_PAGE, OPENAPI, create_app

sys.path.pop(0)

schema = schemathesis.openapi.from_wsgi("/openapi.json", create_app())
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@schema.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_schemathesis_finds_nothing(case: Any) -> None:
    case.call_and_validate(checks=CHECKS)


def test_the_document_names_every_route() -> None:
    rules = {re.sub(r"<[^>]*>", "{id}", rule.rule): rule.methods for rule in create_app().url_map.iter_rules()}
    for path, item in OPENAPI["paths"].items():
        assert {method.upper() for method in item if method != "parameters"} <= rules[path] | _others(path)


def _others(path: str) -> set[str]:
    """Routes of one path are several rules."""
    rules = [rule for rule in create_app().url_map.iter_rules() if re.sub(r"<[^>]*>", "{id}", rule.rule) == path]
    return set().union(*(rule.methods or set() for rule in rules))


def call(method: str, url: str, body: Any = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_the_docs_page_needs_nobody_else() -> None:
    assert not re.search(r"https?://|//[a-z]", html.unescape(DOCS_PAGE))


@needs_chromium
def test_the_docs_page_works_in_a_browser(tmp_path: Path) -> None:
    with script("exercises/users_api.py") as (_, port):
        url = f"http://127.0.0.1:{port}"
        call("POST", f"{url}/users", {"name": "<b>小明</b>", "email": "ming@example.com"})
        page = dom(f"{url}/docs", tmp_path)
    for path, item in OPENAPI["paths"].items():
        for method in item.keys() - {"parameters"}:
            assert f"{method.upper()} {path}" in page


def test_fifty_kills_lose_nothing(tmp_path: Path) -> None:
    """Writers at work, SIGKILL at any moment: what was answered is there, and no id comes twice."""
    storage = tmp_path / "users.db"
    numbers = random.Random(21)
    kept: dict[int, str] = {}  # what was answered, by id
    doubtful: set[str] = set()  # what was sent and not answered
    given: set[int] = set()
    for round_ in range(50):
        app = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(storage), str(round_)], stdout=subprocess.PIPE, cwd=ROOT
        )
        assert app.stdout is not None
        lines: list[bytes] = []
        reader = threading.Thread(target=lambda out=app.stdout, to=lines: to.extend(iter(out.readline, b"")))
        reader.start()
        enough = numbers.randint(1, 40)
        while len(lines) < enough:
            time.sleep(0.0005)
        os.kill(app.pid, signal.SIGKILL)
        app.wait()
        reader.join()
        for line in lines[1:]:
            if line.endswith(b"\n"):
                what, user, email = json.loads(line)
                if what == "sent":
                    doubtful.add(email)
                else:
                    assert user not in given, "an id was given twice"
                    given.add(user)
                    kept[user] = email
        client = create_app(storage).test_client()
        there = {user["id"]: user["email"] for user in client.get("/users").get_json()}
        assert kept.items() <= there.items()
        assert set(there.values()) - set(kept.values()) <= doubtful
        given |= there.keys()
        kept |= there
    assert len(kept) > 50


WRITER = """
import json, sys, threading
sys.path.insert(0, "reference/exercises")
from users_api import create_app
client = create_app(sys.argv[1])
print("ready", flush=True)
lock = threading.Lock()
def say(*words):
    with lock:
        sys.stdout.write(json.dumps(words) + chr(10))
        sys.stdout.flush()
def write(number):
    for count in range(10**6):
        email = f"{sys.argv[2]}.{number}.{count}@x"
        say("sent", None, email)
        answer = client.test_client().post("/users", json={"name": "x" * 50, "email": email})
        say("answered", answer.get_json()["id"], email)
for number in range(3):
    threading.Thread(target=write, args=(number,)).start()
"""
