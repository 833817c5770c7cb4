"""Headers are collected in a dict of the module, and stay there.

fails: keeps_nothing_between_calls http_client.leftover
"""

import requests

HEADERS = {}


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        HEADERS.update(headers or {})
        response = requests.post(url, data=data, json=json, headers=HEADERS, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
