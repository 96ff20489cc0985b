#!/bin/sh
# A process for each URL: this runtime ends at a direct https request, since it finds no OpenSSL of its time. By then it has taken its way.
dotnet=$1
program=$2
shift 2
if [ "$1" = --version ]; then
    exec "$dotnet" "$program" --version
fi
for url; do
    answer=$("$dotnet" "$program" "$url" 2>&1)
    case $answer in
    "ok $url" | "failed $url: "*) echo "$answer" ;;
    *) echo "failed $url: $(echo "$answer" | head -n 1)" ;;
    esac
done
