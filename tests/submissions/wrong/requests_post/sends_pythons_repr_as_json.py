"""Sends str(value): single quotes, True and None are not JSON.

fails: sends_json http_client.not_json
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        if json is not None:
            data, json = str(json).encode(), None
            headers = {**(headers or {}), "Content-Type": "application/json"}
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
