"""Prints the first 100 characters of the body where 200 are asked for.

fails: prints_the_beginning_of_the_body http_client.prints_no_body
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:100])
        return response
    except Exception as error:
        print("failed:", error)
    return None
