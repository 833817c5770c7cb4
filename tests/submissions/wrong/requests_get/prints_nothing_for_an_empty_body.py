"""Prints nothing at all when the body is empty.

fails: prints_the_status http_client.prints_no_status
fails: prints_the_headers http_client.prints_no_headers
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()
        if not response.content:
            return response
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
