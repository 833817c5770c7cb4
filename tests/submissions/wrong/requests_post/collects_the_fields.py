"""A mutable default collects the form fields of all calls.

fails: keeps_nothing_between_calls http_client.leftover
fails: sends_a_form http_client.wrong_form
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10, fields={}):
    try:
        if data is not None:
            fields.update(data)
            data = fields
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
