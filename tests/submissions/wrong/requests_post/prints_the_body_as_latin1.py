"""Overrides the charset that the server declares for what it prints.

fails: prints_the_body http_client.prints_no_body
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.content.decode("latin-1"))
        return response
    except Exception as error:
        print("failed:", error)
    return None
