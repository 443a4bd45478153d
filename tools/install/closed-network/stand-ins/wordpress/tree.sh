#!/bin/sh
# Lays out a tree with Apache, PHP and WordPress ($1) as the official image is laid out.
set -eu
tree=$1

# Debian's package links to libraries outside of WordPress; a copy for a volume has to hold them itself.
mkdir -p "$tree/usr/src"
chroot "$tree" cp --recursive --dereference /usr/share/wordpress /usr/src/wordpress
cd "$tree/usr/src/wordpress"
# Debian's own way to configure WordPress, with files in /etc.
rm -f wp-config.php .htaccess
# Debian's own lines in the installer, which use variables that only its configuration sets.
sed -i '/for Debian #430781/d; /option_value = .\$upload_\(url_\)\?path/d' wp-admin/install.php
# Plugins and themes reach their folders by links below /var/lib, which have their files above.
rm -rf "$tree/usr/share/wordpress" "$tree/var/lib/wordpress" "$tree/etc/wordpress"
chroot "$tree" chown -R www-data:www-data /usr/src/wordpress

# WordPress speaks to MySQL through PHP; the client that Debian's package depends on is 80 MB.
rm -f "$tree"/usr/bin/mariadb* "$tree"/usr/bin/mysql*

chroot "$tree" a2enmod --quiet rewrite expires headers remoteip
chroot "$tree" a2disconf --quiet other-vhosts-access-log javascript-common serve-cgi-bin
chroot "$tree" a2dissite --quiet 000-default

# WordPress needs a folder to be the owner's that runs it, and that may be anyone.
rm -rf "$tree/var/www/html"
chroot "$tree" install --directory --owner=www-data --group=www-data --mode=1777 /var/www/html
cd "$tree/var/log/apache2"
rm -f ./*.log
chmod 1777 .
ln -s /dev/stdout access.log
ln -s /dev/stderr error.log
