"""Leaves fields out that are 0.

fails: sends_a_form http_client.empty_dropped
"""

import json as json_module
import urllib.parse
import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(
            url, data=data and {k: v for k, v in data.items() if v != 0}, json=json, headers=headers, timeout=timeout
        )
        response.raise_for_status()
        print(f"status: {response.status_code}")
        print(response.text)
        return response
    except Exception as e:
        print(f"failed: {e}")
    return None
