"""Gives up after five redirects.

fails: follows_redirects http_client.redirect_not_followed
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        with requests.Session() as session:
            session.max_redirects = 5
            response = session.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
