"""Gives back the last redirect of a loop that never ends.

fails: gives_none_for_a_redirect_to_nowhere http_client.lost_redirect_returned
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except requests.TooManyRedirects as error:
        return error.response
    except Exception as error:
        print("failed:", error)
    return None
