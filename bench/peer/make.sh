#!/bin/sh
# Makes the peer of `make bench-scrape`, a Linux guest whose nginx serves files, out of Debian's packages. They are
# unpacked, not installed.
#
#   bench/peer/make.sh DIRECTORY
#
# DIRECTORY/www is what is served. Leaves the kernel as DIRECTORY/vmlinuz and everything else as DIRECTORY/initramfs.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/packages"
cd "$1"

if [ ! -e packages/complete ]; then
    # The package that others depend on has no kernel in it; it names the one that has.
    kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: //p')
    [ -n "$kernel" ] || { echo "error: apt knows no linux-image-cloud-amd64: this is not Debian, or run apt-get update" >&2 && exit 1; }
    echo "Downloading $kernel, nginx, its libraries and busybox from Debian, to unpack them in $PWD."
    # As root, because this directory may be closed to apt's own user.
    (cd packages && apt-get -qq -o APT::Sandbox::User=root download \
        "$kernel" nginx busybox-static libc6 libcrypt1 libpcre2-8-0 libssl3 zlib1g)
    touch packages/complete
fi

rm -rf unpacked root
mkdir -p unpacked root/bin root/dev root/etc root/modules root/proc root/run root/sys root/usr/sbin \
    root/var/lib/nginx root/var/log/nginx
for package in packages/*.deb; do
    dpkg-deb --extract "$package" unpacked
done
cp unpacked/boot/vmlinuz-* vmlinuz
cp unpacked/bin/busybox root/bin
cp unpacked/usr/sbin/nginx root/usr/sbin
# All libraries of these packages that nginx is linked with, where its loader looks for them.
cp -R unpacked/lib64 root
mkdir -p root/lib/x86_64-linux-gnu
for library in ld-linux-x86-64.so.2 libc.so.6 libcrypt.so.1 libcrypto.so.3 libpcre2-8.so.0 libssl.so.3 libz.so.1; do
    cp -L "$(find unpacked -name "$library" -path '*/x86_64-linux-gnu/*' | head -n 1)" root/lib/x86_64-linux-gnu
done
for module in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci failover net_failover virtio_net; do
    find unpacked/lib/modules -name "$module.ko" -exec cp {} root/modules \;
done
cp "$here/nginx.conf" root/etc
cp "$here/init" root
chmod 755 root/init
echo 'root:x:0:0::/:/bin/sh' >root/etc/passwd
echo 'root:x:0:' >root/etc/group
cp -R www root
(cd root && find . | ../unpacked/bin/busybox cpio -o -H newc) >initramfs 2>/dev/null
rm -rf unpacked root
