"""boto3, AWS's SDK, which asks an S3 endpoint at each URL."""

import sys

import boto3
from botocore import UNSIGNED
from botocore.config import Config

if sys.argv[1:] == ["--version"]:
    print("boto3", boto3.__version__)
    sys.exit()

config = Config(
    connect_timeout=5,
    read_timeout=5,
    retries={"total_max_attempts": 1},
    s3={"addressing_style": "path"},
    signature_version=UNSIGNED,
)
for url in sys.argv[1:]:
    try:
        boto3.client("s3", endpoint_url=url, region_name="region", config=config).head_bucket(Bucket="bucket")
        print("ok", url)
    except Exception as error:
        print(f"failed {url}: {error or type(error).__name__}")
