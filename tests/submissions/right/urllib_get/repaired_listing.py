"""The lesson's structure (one try, three excepts, UTF-8 or a notice), with its faults repaired."""

import urllib.error
import urllib.parse
import urllib.request


def send_get_request(url, headers=None, timeout=10):
    try:
        url = urllib.parse.quote(url, safe="%:/?#[]@!$&'()*+,;=~-._")
        req = urllib.request.Request(url, headers=headers if headers is not None else {})
        with urllib.request.urlopen(req, timeout=timeout) as resp:
            print("OK, status", resp.status)
            for item in resp.getheaders():
                print("   ", item[0], "=", item[1])
            raw = resp.read()
            try:
                print("body:", raw.decode("utf-8")[:200])
            except UnicodeDecodeError:
                print("body of", len(raw), "bytes is not UTF-8")
            return resp
    except urllib.error.HTTPError as e:
        print("HTTP error", e.code, e.reason)
    except urllib.error.URLError as e:
        print("URL error", e.reason)
    except Exception as e:
        print("failed", e)
    return None


def main():
    send_get_request("https://www.python.org", {"User-Agent": "Mozilla/5.0"})


if __name__ == "__main__":
    main()
