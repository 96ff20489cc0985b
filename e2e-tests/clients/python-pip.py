"""pip's own session, with which it asks an index."""

import sys

import pip
from pip._internal.network.session import PipSession

if sys.argv[1:] == ["--version"]:
    print("pip", ".".join(pip.__version__.split(".")[:2]))
    sys.exit()

session = PipSession(retries=0)
for url in sys.argv[1:]:
    try:
        session.get(url, timeout=5).raise_for_status()
        print("ok", url)
    except Exception as error:
        print(f"failed {url}: {error or type(error).__name__}")
