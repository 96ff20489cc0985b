#!/bin/sh
# Adds the certificates of http-proxy-policy to the trust store of this machine. Written by http-proxy nodes.
# ROOT  the root folder where that is not /, for an image
set -eu
root=${ROOT:-}
update='update-ca-trust'
if [ -d "$root/etc/pki/ca-trust/source/anchors" ]; then # Red Hat, Amazon Linux
    anchors=$root/etc/pki/ca-trust/source/anchors
elif [ -d "$root/usr/share/pki/ca-trust-source/anchors" ]; then # Azure Linux
    anchors=$root/usr/share/pki/ca-trust-source/anchors
elif [ -d "$root/etc/pki/trust/anchors" ]; then # SUSE
    anchors=$root/etc/pki/trust/anchors update=update-ca-certificates
else # Debian
    anchors=$root/usr/local/share/ca-certificates update=update-ca-certificates
fi
mkdir -p "$anchors"
for certificate in "$root"/etc/http-proxy-policy/*.crt; do
    cp "$certificate" "$anchors/http-proxy-policy-${certificate##*/}"
done
"$update"
