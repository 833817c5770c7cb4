"""The time-out never reaches the library.

fails: gives_none_when_time_is_up http_client.ignores_timeout
fails: gives_none_for_silence_inside_the_body http_client.ignores_timeout
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
