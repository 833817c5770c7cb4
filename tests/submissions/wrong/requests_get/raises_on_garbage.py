"""Only status and time-out errors are caught around a lower layer's: a server that talks nonsense raises.

fails: gives_none_for_garbage program.raises
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
    except requests.ConnectionError as error:
        if "aborted" in str(error):
            raise
    except Exception as error:
        print("failed:", error)
    return None
