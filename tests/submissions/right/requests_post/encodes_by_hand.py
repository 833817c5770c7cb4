"""Encodes form and JSON itself (raw UTF-8 in JSON, %20 in forms), prepares the request and streams the answer."""

import json as js
from urllib.parse import quote

import requests
import urllib3

FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, ValueError, OSError)


def encode(data, json):
    if json is not None:
        return js.dumps(json, ensure_ascii=False).encode(), {"content-type": "application/json; charset=utf-8"}
    if data is not None:
        text = "&".join(f"{quote(key, safe='')}={quote(str(value), safe='')}" for key, value in data.items())
        return text, {"content-type": "application/x-www-form-urlencoded"}
    return None, {}


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        body, kind = encode(data, json)
        prepared = requests.Request("POST", url, data=body, headers={**(headers or {}), **kind}).prepare()
        with requests.Session() as session, session.send(prepared, timeout=timeout, stream=True) as response:
            if not response.ok:
                print("refused:", response.status_code)
                return None
            print(response.status_code)
            print(response.text)
            return response
    except FAILURES as error:
        print("failed:", error)
        return None
