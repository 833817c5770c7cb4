"""Follows redirects by itself, and joins scheme, host and Location where it begins with a slash.

fails: follows_redirects http_client.redirect_not_followed
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout, allow_redirects=False)
        for _ in range(20):
            if not response.is_redirect:
                break
            where = response.headers["Location"]
            if where.startswith("/"):
                where = "/".join(response.url.split("/")[:3]) + where
            response = requests.get(where, headers=headers, timeout=timeout, allow_redirects=False)
        if response.is_redirect:
            raise ValueError("too many redirects")
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
