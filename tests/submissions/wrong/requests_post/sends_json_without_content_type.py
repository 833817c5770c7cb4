"""Encodes the JSON itself and forgets Content-Type.

fails: sends_json http_client.wrong_content_type
"""

from json import dumps

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        if json is not None:
            data, json = dumps(json), None
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
