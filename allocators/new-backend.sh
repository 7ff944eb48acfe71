#!/bin/sh
# make new-backend NAME=x [LINK=-lx]: a malloc-shaped backend from new-backend.template.
# NAME is the backend's and, unless LINK says otherwise, the library's: lib<NAME>.so, -l<NAME>.
set -eu
name=${1:-}
here=$(dirname "$0")
case $name in
'' | *[!a-z0-9_]* | [0-9_]*)
    echo "new-backend: NAME='$name' is not a name: small letters, digits and _, a letter first (make new-backend NAME=jemalloc)" >&2
    exit 2
    ;;
esac
link=${2:-"-l$name"}
case $link in
*[!A-Za-z0-9_./+\ -]*)
    echo "new-backend: LINK='$link' has a character no linker flag needs here (LINK='-lx -L/path')" >&2
    exit 2
    ;;
esac
file=$here/$name.c
if [ -e "$file" ]; then
    echo "new-backend: $file is already there; choose another NAME or edit it" >&2
    exit 2
fi
# The provider is the first library named: -lfoo is libfoo.so, /path/libfoo.so itself.
provider=
for word in $link; do
    case $word in
    -l*) provider=lib${word#-l}.so ;;
    *.so | *.so.*) provider=$(basename "$word") ;;
    *) continue ;;
    esac
    break
done
sed -e "s|@NAME@|$name|g" -e "s|@LINK@|$link|g" -e "s|@PROVIDER@|$provider|g" \
    "$here/new-backend.template" >"$file"
echo "wrote $file; \`make run BACKENDS=system,$name\` builds and measures it"
