"""dnf as it gets a repository's metadata: librepo with libcurl."""

import sys
import tempfile

import dnf

if sys.argv[1:] == ["--version"]:
    print("dnf", ".".join(dnf.VERSION.split(".")[:2]))
    sys.exit()

for url in sys.argv[1:]:
    with tempfile.TemporaryDirectory() as directory, dnf.Base() as base:
        base.conf.cachedir = directory
        base.conf.retries = 1
        base.conf.timeout = 5
        # That of the machine, which is no Fedora.
        base.conf.substitutions["releasever"] = "1"
        repository = base.repos.add_new_repo("repository", base.conf, baseurl=[url])
        try:
            repository.load()
            print("ok", url)
        except dnf.exceptions.RepoError as error:
            print(f"failed {url}: {error}")
