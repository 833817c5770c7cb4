"""Puts the form together with f-strings: & and = in a value divide it.

fails: sends_a_form http_client.form_not_escaped
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        if data is not None:
            data = "&".join(f"{k}={v}" for k, v in data.items()).encode()
            headers = {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
