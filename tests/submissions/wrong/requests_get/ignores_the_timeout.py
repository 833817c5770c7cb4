"""The time-out never reaches the library.

fails: gives_none_when_time_is_up http_client.ignores_timeout
fails: gives_none_for_silence_inside_the_body http_client.ignores_timeout
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
