"""Rebuilds the URL without its query.

fails: asks_for_path_and_query http_client.wrong_query
fails: encodes_a_non_ascii_url http_client.wrong_query
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        url = url.partition("?")[0]
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
