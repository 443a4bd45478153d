#!/bin/sh
# Finishes a tree of Debian packages ($1) before it becomes an image.
set -eu
tree=$1

# What was installed, for the image's label.
for package in $LAB_PACKAGES; do
  dpkg-query --admindir="$tree/var/lib/dpkg" --show --showformat='${Package} ${Version}\n' "$package"
done | sort -u > "$LAB_PACKAGES_FILE"

# A source may be signed with a key that only the host has.
for keyring in $LAB_KEYRINGS; do
  [ -e "$tree$keyring" ] || install -D -m 644 "$keyring" "$tree$keyring"
done

# Packages that were installed need not stay in the layer. Not told to apt from the start: what it downloads is read here.
echo 'APT::Keep-Downloaded-Packages "false";' > "$tree/etc/apt/apt.conf.d/99keep-no-packages"

# Only this tree was to be small: what is installed later comes with what it recommends, as everywhere.
sed -i '/APT::Install-Recommends/d' "$tree/etc/apt/apt.conf.d/99mmdebstrap"

# The host's, copied for the installation; Docker gives every container its own.
rm -f "$tree/etc/resolv.conf" "$tree/etc/hostname"
rm -rf "$tree"/var/lib/apt/lists/* "$tree"/var/cache/apt/*.bin "$tree"/var/cache/debconf/*-old \
  "$tree"/var/lib/dpkg/*-old "$tree"/tmp/* "$tree"/var/tmp/*
find "$tree/var/log" -type f -delete
