"""Redirects are switched off, the 302 itself is returned.

fails: follows_redirects http_client.redirect_not_followed
fails: gives_none_for_a_redirect_to_nowhere http_client.lost_redirect_returned
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout, allow_redirects=False)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
