"""Calls raise_for_status outside the try: 4xx and 5xx raise.

fails: gives_none_for_an_error_status program.raises
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout)
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
    except Exception as error:
        print("failed:", error)
        return None
    response.raise_for_status()
    return response
