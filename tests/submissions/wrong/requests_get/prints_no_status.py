"""Prints that all went well, without the status code.

fails: prints_the_status http_client.prints_no_status
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("all went well")
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
