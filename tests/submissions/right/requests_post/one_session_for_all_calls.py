"""One session for the life of the program: connections are kept, cookies are not."""
from http.cookiejar import DefaultCookiePolicy

import requests

_session = requests.Session()
_session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
_session.headers.clear()
_session.headers["User-Agent"] = "pooled/1.0"


def _show(response, *, headers):
    print(response.status_code, response.reason)
    if headers:
        print(dict(response.headers))
    print(response.text)


def _send(method, url, **kwargs):
    try:
        response = _session.request(method, url, **kwargs)
        response.raise_for_status()
        _show(response, headers=method == "GET")
    except Exception as e:
        print("failed:", type(e).__name__, e)
        return None
    return response


def send_get_request(url, params=None, headers=None, timeout=10):
    return _send("GET", url, params=params, headers=headers, timeout=timeout)


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    return _send("POST", url, data=data, json=json, headers=headers, timeout=timeout)
