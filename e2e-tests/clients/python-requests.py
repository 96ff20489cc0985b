"""requests, with the roots of its certifi package unless a variable names others."""

import sys

import requests

if sys.argv[1:] == ["--version"]:
    print("requests", requests.__version__)
    sys.exit()

for url in sys.argv[1:]:
    try:
        requests.get(url, timeout=5).raise_for_status()
        print("ok", url)
    # A bundle that cannot be found is an OSError of its own.
    except (requests.RequestException, OSError) as error:
        print(f"failed {url}: {error}")
