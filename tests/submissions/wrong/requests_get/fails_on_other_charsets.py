"""Decodes every body as strict UTF-8, and fails where it is none.

fails: accepts_any_body http_client.body_not_utf8
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.content.decode("utf-8")[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
