"""The lesson's structure: raise_for_status, then print, the most general except last."""

import requests
from requests.exceptions import ConnectionError, HTTPError, RequestException, Timeout


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        resp = requests.request("GET", url, params=params, headers=headers, timeout=timeout)
        resp.raise_for_status()
        print("OK, status", resp.status_code)
        for key, value in resp.headers.items():
            print("   ", key, "=", value)
        print("characters:", len(resp.text))
        print("begins with:", resp.text[:200])
        return resp
    except HTTPError as e:
        print("HTTP error", e)
    except ConnectionError as e:
        print("connection error", e)
    except Timeout as e:
        print("time-out", e)
    except RequestException as e:
        print("request error", e)
    except Exception as e:
        print("failed", e)
    return None


def main():
    send_get_request("https://www.python.org", headers={"User-Agent": "Mozilla/5.0"})


if __name__ == "__main__":
    main()
