"""Prints the error page, and believes that it is JSON.

fails: gives_none_for_an_error_status program.raises
"""

import json as json_module
import urllib.parse
import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print(f"status: {response.status_code}")
        print(response.text)
        return response
    except requests.HTTPError as e:
        print(e.response.json())
    except Exception as e:
        print(f"failed: {e}")
    return None
