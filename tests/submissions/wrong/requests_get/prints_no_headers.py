"""The response headers are not printed.

fails: prints_the_headers http_client.prints_no_headers
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
