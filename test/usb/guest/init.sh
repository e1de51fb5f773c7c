#!/bin/sh
# First program of the machine, in its initramfs. Its root is the host's, read-only, under the unpacked packages,
# under memory: what is written here is gone with the machine.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do insmod "/modules/$module.ko" || echo "cannot load $module"; done < /modules/order
. /settings
share='trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000'
mount -t 9p -o "$share" host /host || echo 'no host share'
mount -t 9p -o "$share" tree /tree || echo 'no tree share'
mount -t tmpfs -o size=400m memory /memory
mkdir /memory/upper /memory/work
mount -t overlay -o lowerdir=/tree:/host,upperdir=/memory/upper,workdir=/memory/work overlay /root
mkdir -p /root/usr/lib/ctl-bridge
mount -o bind "/root$PROJECT" /root/usr/lib/ctl-bridge
if [ "$NODE" != /usr/bin/node ]; then
  : > /root/usr/bin/node
  mount -o bind "/root$NODE" /root/usr/bin/node
fi
for folder in proc sys dev; do mount -o move /$folder /root/$folder; done
for folder in run tmp var/tmp etc/systemd/system; do mount -t tmpfs memory /root/$folder; done
echo "$WORK" > /root/run/work
exec switch_root /root /bin/sh /usr/lib/ctl-bridge/test/usb/guest/boot.sh
