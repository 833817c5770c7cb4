"""Takes an empty body (204) for a failure.

fails: returns_the_response http_client.none_for_success
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response if response.text else None
    except Exception as error:
        print("failed:", error)
    return None
