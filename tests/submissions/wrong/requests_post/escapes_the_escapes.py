"""Percent-encodes the whole URL again: %20 becomes %2520.

fails: asks_for_path_and_query http_client.escapes_twice
fails: encodes_a_non_ascii_url http_client.escapes_twice
"""

from urllib.parse import quote

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        url = quote(url, safe=":/?#[]@!$&'()*+,;=")
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
