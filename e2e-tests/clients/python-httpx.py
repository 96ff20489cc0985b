"""httpx, with the roots of the certifi package unless a variable names others."""

import sys

import httpx

if sys.argv[1:] == ["--version"]:
    print("httpx", httpx.__version__)
    sys.exit()

for url in sys.argv[1:]:
    # A client that cannot be made (no such bundle, an entry that httpx cannot parse) fails as the request does.
    try:
        with httpx.Client(timeout=5) as client:
            client.get(url).raise_for_status()
        print("ok", url)
    except Exception as error:
        print(f"failed {url}: {error or type(error).__name__}")
