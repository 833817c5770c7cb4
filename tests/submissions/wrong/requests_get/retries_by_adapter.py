"""An adapter with Retry repeats requests behind the caller's back.

fails: sends_one_request http_client.repeated_request
"""

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        session = requests.Session()
        session.mount(
            "http://",
            HTTPAdapter(max_retries=Retry(1, allowed_methods=None, status_forcelist=[503], raise_on_status=False)),
        )
        response = session.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
