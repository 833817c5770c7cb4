"""Returns True instead of the response object.

fails: returns_the_response http_client.not_the_librarys
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
        return True
    except Exception as error:
        print("failed:", error)
    return None
