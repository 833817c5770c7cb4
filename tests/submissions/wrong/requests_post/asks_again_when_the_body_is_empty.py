"""Posts once more when the answer has no body.

fails: sends_one_request http_client.repeated_request
"""

import json as json_module
import urllib.parse
import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        if not response.content and response.ok:
            response = requests.post(url, headers=headers, timeout=timeout)
        response.raise_for_status()
        print(f"status: {response.status_code}")
        print(response.text)
        return response
    except Exception as e:
        print(f"failed: {e}")
    return None
