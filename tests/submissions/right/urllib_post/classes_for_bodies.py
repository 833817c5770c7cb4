"""Class with slots, properties and an abstract base; per-call opener without proxies; keeps the response open."""
from __future__ import annotations

import abc
import http.client
import json as jsonlib
import string
import sys
from http.client import HTTPResponse
from typing import Any, Mapping, Optional
from urllib import error, parse, request


class Body(abc.ABC):
    @property
    @abc.abstractmethod
    def content_type(self) -> Optional[str]: ...

    @abc.abstractmethod
    def encode(self) -> Optional[bytes]: ...


class NoBody(Body):
    content_type = None

    def encode(self) -> Optional[bytes]:
        return b""


class JsonBody(Body):
    content_type = "application/json"

    def __init__(self, value: Any) -> None:
        self.value = value

    def encode(self) -> bytes:
        return jsonlib.dumps(self.value, ensure_ascii=False, separators=(",", ":"), sort_keys=False).encode()


class FormBody(Body):
    content_type = "application/x-www-form-urlencoded"

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields

    def encode(self) -> bytes:
        return "&".join(
            f"{parse.quote(str(k), safe='')}={parse.quote(str(v), safe='')}" for k, v in self.fields.items()
        ).encode("ascii")


class Client:
    __slots__ = ("timeout", "_opener")

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self._opener = request.build_opener(request.ProxyHandler({}))

    def fetch(self, method: str, url: str, body: Body, headers: Mapping[str, str] | None) -> Optional[HTTPResponse]:
        url = parse.quote(url, safe=string.punctuation)
        req = request.Request(url, method=method)
        if method == "POST":
            req.data = body.encode()
        for name, value in (headers or {}).items():
            req.add_header(name, value)
        if body.content_type is not None:
            req.add_header("content-type", body.content_type)
        response = self._opener.open(req, None, self.timeout)
        content = response.read()
        self.show(response, content)
        return response

    def show(self, response: HTTPResponse, content: bytes) -> None:
        print("Status:", response.getcode(), response.reason)
        print("Headers:", dict(response.headers.items()))
        print(self.text(response, content))

    @staticmethod
    def text(response: HTTPResponse, content: bytes) -> str:
        declared = response.info().get_content_charset()
        for charset in filter(None, (declared, "utf-8")):
            try:
                return content.decode(charset)
            except (UnicodeError, LookupError):
                continue
        return content.decode("latin-1")


def guarded(function):
    import functools

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except error.HTTPError as problem:
            print("the server refused:", problem.code, file=sys.stderr)
            problem.close()
        except (OSError, ValueError, http.client.HTTPException) as problem:
            print("no answer:", type(problem).__name__, file=sys.stderr)
        except Exception as problem:
            print("unexpected:", type(problem).__name__, file=sys.stderr)
        return None

    return wrapper


@guarded
def send_get_request(url: str, headers: Mapping[str, str] | None = None, timeout: float = 10) -> Optional[HTTPResponse]:
    return Client(timeout).fetch("GET", url, NoBody(), headers)


@guarded
def send_post_request(url: str, data: Mapping[str, Any] | None = None, json: Any = None,
                      headers: Mapping[str, str] | None = None, timeout: float = 10) -> Optional[HTTPResponse]:
    body: Body = JsonBody(json) if json is not None else FormBody(data) if data is not None else NoBody()
    return Client(timeout).fetch("POST", url, body, headers)
