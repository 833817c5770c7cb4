"""Parameters are collected in a session, and stay there.

fails: keeps_nothing_between_calls http_client.wrong_query
fails: adds_params http_client.wrong_query
"""

import requests

PARAMS = {}


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        PARAMS.update(params or {})
        response = requests.get(url, params=PARAMS, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
