"""Returns the parsed value where the answer is JSON.

fails: returns_the_response http_client.none_for_success
"""

import json as json_module
import urllib.parse
import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print(f"status: {response.status_code}")
        print(response.text)
        if "json" in response.headers.get("Content-Type", ""):
            return response.json()
        return response
    except Exception as e:
        print(f"failed: {e}")
    return None
