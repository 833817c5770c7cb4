"""Prints nothing at all when the body is empty.

fails: prints_the_status http_client.prints_no_status
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        if response.text:
            print("status:", response.status_code)
            print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
