#!/usr/bin/env bash
# An environment of Python with what a file of requirements names, made anew when the file has changed.
#
#   tests/venv.sh FOLDER REQUIREMENTS
#
# Wants Python 3.11.
set -euo pipefail

venv=$1 requirements=$2
! cmp -s "$requirements" "$venv/requirements.txt" || exit 0
rm -rf "$venv"
mkdir -p "$(dirname "$venv")"
log=$venv.log
# Debian keeps the part of Python that makes environments in a package of its own.
python3 -m venv "$venv" >"$log" 2>&1 || {
  apt-get install -qq -y python3-venv || { apt-get update -qq && apt-get install -qq -y python3-venv; }
  python3 -m venv --clear "$venv"
} >>"$log" 2>&1
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
cp "$requirements" "$venv/"
