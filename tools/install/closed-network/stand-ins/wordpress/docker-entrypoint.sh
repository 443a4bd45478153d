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

# Everything but what tells that WordPress is there, and then that: a copy that was interrupted is made again, whole.
copy() {
  local last=(index.php wp-includes/version.php) but=() kept begun=.copying-wordpress
  # A plugin or theme that the volume had is not mixed with files of another version.
  if [ ! -e "$begun" ]; then
    for kept in wp-content/*/*/; do but+=(-path "./${kept%/}" -prune -o); done
  fi
  touch "$begun"
  for kept in "${last[@]}"; do but+=(-path "./$kept" -o); done
  (cd "$source" && find . "${but[@]}" -mindepth 1 -printf '%P\0') | new | pack
  printf '%s\0' "${last[@]}" | pack
  rm -f "$begun"
}
# Leaves folders as they are: who may write into one need not be the one to whom it belongs.
new() {
  local entry
  while IFS= read -r -d '' entry; do [ -d "$entry" ] || printf '%s\0' "$entry"; done
}
pack() {
  tar --create --directory="$source" --owner="$owner" --group="$group" --null --no-recursion --files-from=- |
    tar --extract --no-overwrite-dir
}

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
