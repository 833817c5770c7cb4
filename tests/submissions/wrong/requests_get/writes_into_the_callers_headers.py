"""A default User-Agent is written into the caller's own dict.

fails: leaves_the_arguments_alone http_client.changes_headers
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        headers = {} if headers is None else headers
        headers.setdefault("User-Agent", "Mozilla/5.0")
        response = requests.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
