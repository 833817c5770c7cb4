"""Calls raise_for_status outside the try: 4xx and 5xx raise.

fails: gives_none_for_an_error_status program.raises
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        print("status:", response.status_code)
        print(response.text)
    except Exception as error:
        print("failed:", error)
        return None
    response.raise_for_status()
    return response
