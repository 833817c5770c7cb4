"""Uses PUT for JSON.

fails: sends_json http_client.wrong_method
"""

import json as json_module
import urllib.parse
import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.request(
            "PUT" if json is not None else "POST", url, data=data, json=json, headers=headers, timeout=timeout
        )
        response.raise_for_status()
        print(f"status: {response.status_code}")
        print(response.text)
        return response
    except Exception as e:
        print(f"failed: {e}")
    return None
