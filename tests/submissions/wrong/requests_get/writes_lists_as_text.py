"""A list of values is sent as one value, brackets and all.

fails: adds_params http_client.wrong_query
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(
            url, params={k: str(v) for k, v in (params or {}).items()}, headers=headers, timeout=timeout
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
