"""Follows every redirect with another POST.

fails: follows_redirects http_client.redirect_changes_method
"""

from urllib.parse import urljoin

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout, allow_redirects=False)
        for _ in range(20):
            if response.is_redirect:
                url = urljoin(url, response.headers["Location"])
                response = requests.post(
                    url, data=data, json=json, headers=headers, timeout=timeout, allow_redirects=False
                )
        if response.is_redirect:
            return None
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
