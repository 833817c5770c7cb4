"""Takes the User-Agent out of the caller's dict to treat it specially.

fails: leaves_the_arguments_alone http_client.changes_headers
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        agent = (headers or {}).pop("User-Agent", None)
        response = requests.get(url, params=params, headers={**(headers or {}), "User-Agent": agent}, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
