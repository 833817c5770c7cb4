"""stream=True, the body in pieces of 7 bytes; a hook prints every answer, redirects as well."""
from __future__ import annotations

import json as json_module
import logging
from typing import Any

import requests

log = logging.getLogger("client")


def hook(response: requests.Response, *args: Any, **kwargs: Any) -> None:
    print(f"[{response.status_code}] {response.url}")


def read_all(response: requests.Response) -> str:
    pieces = []
    for piece in response.iter_content(7):
        pieces.append(piece)
    response._content = b"".join(pieces)
    return response.text


def send_get_request(url: str, params: dict[str, Any] | None = None, headers: dict[str, str] | None = None,
                     timeout: float = 10) -> requests.Response | None:
    try:
        with requests.get(url, params, headers=headers, timeout=(timeout, timeout), stream=True,
                          hooks={"response": hook}) as response:
            response.raise_for_status()
            text = read_all(response)
            for item in response.headers.items():
                print("%s: %s" % item)
            print(text[:200])
            return response
    except Exception as e:
        log.warning("failed: %s", e)
        return None


def send_post_request(url: str, data: dict[str, Any] | None = None, json: Any = None,
                      headers: dict[str, str] | None = None, timeout: float = 10) -> requests.Response | None:
    own = dict(headers or {})
    payload: Any = data
    if json is not None:
        payload = json_module.dumps(json, ensure_ascii=False).encode("utf-8")
        own["Content-Type"] = "application/json; charset=utf-8"
    try:
        with requests.post(url, payload, headers=own, timeout=timeout, stream=True, hooks={"response": [hook]}) as response:
            response.raise_for_status()
            print(read_all(response))
            return response
    except Exception as e:
        log.warning("failed: %s", e)
    return None
