"""Sends each value of a list in params once, however often it is there.

fails: adds_params http_client.wrong_query
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        once = {
            name: list(dict.fromkeys(value)) if isinstance(value, list) else value
            for name, value in (params or {}).items()
        }
        response = requests.get(url, params=once, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
