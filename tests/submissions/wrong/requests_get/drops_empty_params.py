"""Parameters that are empty or 0 are left out.

fails: adds_params http_client.empty_dropped
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(
            url, params={k: v for k, v in (params or {}).items() if v}, headers=headers, timeout=timeout
        )
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
