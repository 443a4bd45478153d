#!/bin/sh
# Gives a tree with MySQL ($1) the accounts and folders of the official image.
set -eu
tree=$1

chroot "$tree" groupadd --system --gid 999 mysql
chroot "$tree" useradd --system --uid 999 --gid 999 --home-dir /var/lib/mysql --no-create-home --shell /bin/bash mysql

# Open to everyone, as in the official image: it may be started as any user.
chroot "$tree" install --directory --owner=mysql --group=mysql --mode=1777 /var/lib/mysql
chroot "$tree" install --directory --owner=mysql --group=mysql --mode=750 /var/lib/mysql-files
mkdir -p "$tree/etc/mysql/conf.d" "$tree/docker-entrypoint-initdb.d"

# Programs that no server needs, 7 MB each.
cd "$tree/usr/bin"
rm -f ibd2sdi innochecksum myisam_ftdump myisamchk myisamlog myisampack mysql_migrate_keyring \
  mysql_secure_installation mysqlslap mysqld_multi mysqld_safe
