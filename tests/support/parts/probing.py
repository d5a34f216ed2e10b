"""Whether a part says over HTTP that it is well."""

import ssl
import urllib.error
import urllib.request


def says_yes(url: str, seconds: float, context: ssl.SSLContext | None = None) -> bool:
    """Whether it answers in time and with success. (An error holds a connection until closed.)"""
    try:
        with urllib.request.urlopen(url, timeout=seconds, context=context) as answer:
            return bool(200 <= answer.status < 400)
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False
