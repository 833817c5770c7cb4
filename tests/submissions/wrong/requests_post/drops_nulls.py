"""Leaves members out that are null.

fails: sends_json http_client.wrong_json
"""

import json as json_module
import urllib.parse
import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(
            url,
            data=data,
            json={k: v for k, v in json.items() if v is not None} if isinstance(json, dict) else json,
            headers=headers,
            timeout=timeout,
        )
        response.raise_for_status()
        print(f"status: {response.status_code}")
        print(response.text)
        return response
    except Exception as e:
        print(f"failed: {e}")
    return None
