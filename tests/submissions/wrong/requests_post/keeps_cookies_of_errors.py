"""Clears the cookies of its session after a success only.

fails: keeps_nothing_between_calls http_client.leftover
"""

import json as json_module
import urllib.parse
import requests


S = requests.Session()


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = S.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        S.cookies.clear()
        print(f"status: {response.status_code}")
        print(response.text)
        return response
    except Exception as e:
        print(f"failed: {e}")
    return None
