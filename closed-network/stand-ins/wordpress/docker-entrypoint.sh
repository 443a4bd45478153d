#!/bin/bash
# Puts WordPress into its volume as the official image promises to: https://hub.docker.com/_/wordpress
set -euo pipefail
shopt -s nullglob

source=/usr/src/wordpress
note() { printf 'WordPress: %s\n' "$*" >&2; }

# Whom the files are to belong to: who serves them, when root may choose.
owner=$(id --user)
group=$(id --group)
if [ "$owner" = 0 ]; then
  owner=${APACHE_RUN_USER:-www-data}
  group=${APACHE_RUN_GROUP:-www-data}
  # Apache takes numbers behind a #.
  owner=${owner#\#}
  group=${group#\#}
fi

# Everything but what tells that WordPress is there, and then that: a copy that was interrupted is made again.
copy() {
  local last=(index.php wp-includes/version.php) without=(--anchored) all kept
  for kept in "${last[@]}" wp-content/*/*/; do
    # A plugin or theme that the volume has is not mixed with files of another version.
    without+=(--exclude="${kept%/}")
  done
  # By name, and not the folder itself: who may write into the volume need not be the one to whom it belongs.
  mapfile -t all < <(ls --almost-all "$source")
  pack "${without[@]}" "${all[@]}" | tar --extract --no-overwrite-dir
  pack "${last[@]}" | tar --extract --no-overwrite-dir
}
pack() { tar --create --directory="$source" --owner="$owner" --group="$group" "$@"; }

# wp-config.php, with eight phrases that nobody else has.
configure() {
  local line phrase
  while IFS= read -r line; do
    if [[ $line == *'put your unique phrase here'* ]]; then
      phrase=$(head --bytes=48 /dev/urandom | base64 --wrap=0)
      line=${line/put your unique phrase here/$phrase}
    fi
    printf '%s\n' "$line"
  done <"$source/wp-config-docker.php" >wp-config.php.new
  [ "$(id --user)" != 0 ] || chown "$owner:$group" wp-config.php.new
  # Only whole files: what was interrupted is made again.
  mv wp-config.php.new wp-config.php
}

case ${1:-} in
  apache2*)
    if [ ! -e index.php ] || [ ! -e wp-includes/version.php ]; then
      if [ "$(id --user)" = 0 ] && [ "$(stat --format=%u:%g .)" = 0:0 ]; then chown "$owner:$group" .; fi
      note "copying WordPress to $PWD"
      copy
    fi
    settings=("${!WORDPRESS_@}")
    if [ ! -s wp-config.php ] && [ "${#settings[@]}" -gt 0 ]; then
      note "writing $PWD/wp-config.php, which reads ${settings[*]} from the environment"
      configure
    fi
    ;;
esac
exec "$@"
