"""gRPC's C core, in which gRPC of Python, Ruby, PHP, C++ and C# (Grpc.Core) consists: a call at each URL's host, with TLS for https."""

import sys
from urllib.parse import urlsplit

import grpc

if sys.argv[1:] == ["--version"]:
    print("gRPC C-core (grpcio)", grpc.__version__)
    sys.exit()

for url in sys.argv[1:]:
    parts = urlsplit(url)
    is_tls = parts.scheme == "https"
    target = f"{parts.netloc.rsplit('@')[-1]}"
    if parts.port is None:
        target += ":443" if is_tls else ":80"
    # As many channels as URLs: each decides anew.
    options = [("grpc.use_local_subchannel_pool", 1)]
    channel = (
        grpc.secure_channel(target, grpc.ssl_channel_credentials(), options)
        if is_tls
        else grpc.insecure_channel(target, options)
    )
    try:
        with channel:
            channel.unary_unary("/service/method")(b"", timeout=5)
        print("ok", url)
    except grpc.RpcError as error:
        print(f"failed {url}: {error.details()}")
