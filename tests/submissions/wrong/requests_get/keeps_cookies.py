"""One session serves all calls, and keeps the cookies.

fails: keeps_nothing_between_calls http_client.leftover
"""

import requests

SESSION = requests.Session()


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = SESSION.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
