"""What the validator of RO-Crates says of a folder, without any network; started in its own environment.

Arguments: the folder, a file with the JSON-LD contexts by their address, the least severity, profiles. Prints
the issues by profile as JSON.
"""

import io
import json
import socket
import sys
from pathlib import Path


def refuse(*_args, **_more):
    raise OSError("something asks for the network")


socket.socket.connect = refuse
socket.getaddrinfo = refuse
socket.create_connection = refuse

from requests.adapters import HTTPAdapter  # noqa: E402 - with the network gone
from requests_cache import CachedSession  # noqa: E402 - likewise
from rocrate_validator import services  # noqa: E402 - likewise
from rocrate_validator.models import Severity  # noqa: E402 - likewise
from urllib3 import HTTPResponse  # noqa: E402 - likewise

ACCEPT = {"Accept": "application/ld+json, application/json, */*;q=0.1"}


class Contexts(HTTPAdapter):
    """Answers with a context that is at hand, as the web would."""

    def __init__(self, known):
        super().__init__()
        self.known = known

    def send(self, request, **_more):
        """The answer; KeyError for what is not at hand."""
        body = io.BytesIO(json.dumps(self.known[request.url]).encode())
        kind = {"Content-Type": "application/ld+json"}
        raw = HTTPResponse(body, kind, status=200, preload_content=False, request_url=request.url)
        return self.build_response(request, raw)


def seed(cache, contexts):
    """Put the contexts into a cache as if they had been asked for."""
    with CachedSession(cache_name=str(cache), backend="sqlite", expire_after=-1) as kept:
        kept.mount("https://", Contexts(contexts))
        for address in contexts:
            kept.get(address, headers=ACCEPT)


def issues(folder, profile, level, cache):
    """What the validator finds at fault on a profile."""
    settings = services.ValidationSettings(
        rocrate_uri=str(folder),
        profile_identifier=profile,
        requirement_severity=level,
        offline=True,
        cache_path=str(cache),
    )
    found = services.validate(settings).get_issues(level)
    return sorted(
        {f"{one.check.identifier}: {one.message} {one.violatingEntity or ''}".strip() for one in found}
    )


if __name__ == "__main__":
    folder, known, level = Path(sys.argv[1]), Path(sys.argv[2]), Severity[sys.argv[3]]
    cache = known.with_name("cache")
    seed(cache, json.loads(known.read_text(encoding="utf-8")))
    print(json.dumps({profile: issues(folder, profile, level, cache) for profile in sys.argv[4:]}))
