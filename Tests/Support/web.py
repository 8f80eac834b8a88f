"""HTTP to the server under test, with nothing but the standard library."""

import json
import urllib.error
import urllib.request

BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15"


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def call(method, url, token=None, body=None, headers=None, agent=BROWSER):
    """One request; every status is an answer, redirects are not followed."""
    everything = {"User-Agent": agent, **(headers or {})}
    if token:
        everything["Authorization"] = f"Bearer {token}"
    data = body
    if body is not None and not isinstance(body, bytes):
        data = json.dumps(body).encode()
        everything.setdefault("Content-Type", "application/json")
    request = urllib.request.Request(url, data=data, headers=everything, method=method)
    try:
        with _opener.open(request, timeout=30) as response:
            return Answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


def single_send(server, token, body):
    return call("POST", f"{server.url}/marketing/v3/transactional/single-email/send", token, body)


def send_status(server, token, identifier):
    return call("GET", f"{server.url}/marketing/v3/email/send-statuses/{identifier}", token)
