"""Prepares the request by hand, streams the answer and reports through logging (stderr)."""

import logging

import requests
import urllib3

log = logging.getLogger(__name__)
FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, ValueError, OSError)


def fetch(request, timeout):
    with requests.Session() as session:
        response = session.send(session.prepare_request(request), timeout=timeout, stream=True, allow_redirects=True)
        with response:
            response.raise_for_status()
            response.content  # noqa: B018  reads the body to its end, or raises
    return response


def send_get_request(url, params=None, headers=None, timeout=10):
    if not log.handlers:
        log.addHandler(logging.StreamHandler())
    try:
        response = fetch(requests.Request("GET", url, params=params, headers=headers), timeout)
    except FAILURES as error:
        log.error("GET %r: %s", url, error)
        return None
    log.warning("status %s", response.status_code)
    for pair in response.headers.items():
        log.warning("%s: %s", *pair)
    log.warning("%s", response.text[:200])
    return response
