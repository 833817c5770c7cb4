"""A refused connection is let through.

fails: gives_none_without_a_server program.raises
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
        return response
    except requests.ConnectionError as error:
        if "refused" in str(error):
            raise
    except Exception as error:
        print("failed:", error)
    return None
