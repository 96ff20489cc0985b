"""urllib, Python's own, with the ssl module's default roots."""

import platform
import sys
import urllib.request

if sys.argv[1:] == ["--version"]:
    print("Python", ".".join(platform.python_version_tuple()[:2]), "urllib")
    sys.exit()

for url in sys.argv[1:]:
    try:
        urllib.request.urlopen(url, timeout=5).close()
        print("ok", url)
    except OSError as error:
        print(f"failed {url}: {error}")
