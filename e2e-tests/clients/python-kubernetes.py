"""kubernetes, the official client of the API. It decides on the proxy once for each configuration, by the server's URL."""

import sys

import kubernetes
from kubernetes import client

if sys.argv[1:] == ["--version"]:
    print("kubernetes", kubernetes.__version__)
    sys.exit()

for url in sys.argv[1:]:
    try:
        configuration = client.Configuration()
        configuration.host = url.rstrip("/")
        # As urllib3 would repeat a request that fails.
        configuration.retries = False
        client.ApiClient(configuration).rest_client.GET(url, _request_timeout=5)
        print("ok", url)
    except Exception as error:
        # The reason is on a line of its own.
        print(f"failed {url}: {' '.join(str(error).split()) or type(error).__name__}")
