"""Prints that all went well, without the status code.

fails: prints_the_status http_client.prints_no_status
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("all went well")
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
