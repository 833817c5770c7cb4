"""Without data it always sends JSON: null when there is no json either.

fails: posts_without_a_body http_client.unwanted_body
"""

from json import dumps

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        if data is None:
            data, json = dumps(json), None
            headers = {**(headers or {}), "Content-Type": "application/json"}
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
