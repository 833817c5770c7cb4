"""Only RequestException is caught: an over-long host label and a Location of garbage raise others.

fails: gives_none_for_an_unusable_url program.raises
fails: gives_none_for_a_redirect_to_nowhere program.raises
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except requests.RequestException as error:
        print("failed:", error)
    return None
