"""Gives back the last redirect of a loop that never ends.

fails: gives_none_for_a_redirect_to_nowhere http_client.lost_redirect_returned
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
    except requests.TooManyRedirects as error:
        return error.response
    except Exception as error:
        print("failed:", error)
    return None
