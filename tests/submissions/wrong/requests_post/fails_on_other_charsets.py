"""Decodes every body as strict UTF-8, and fails where it is none.

fails: accepts_any_body http_client.body_not_utf8
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.content.decode("utf-8"))
        return response
    except Exception as error:
        print("failed:", error)
    return None
