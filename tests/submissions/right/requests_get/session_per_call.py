"""A session for every call, closed at once; status judged by hand."""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        with requests.Session() as session:
            response = session.get(url, params=params, headers=headers, timeout=timeout)
        if response.status_code >= 400:
            print("refused with", response.status_code)
            return None
    except Exception as error:
        print("failed:", repr(error))
        return None
    print(response.status_code, response.reason)
    print(response.headers)
    print(response.text)
    return response


if __name__ == "__main__":
    send_get_request("https://www.python.org", params={"q": "socket"})
