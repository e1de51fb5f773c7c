#!/bin/sh
# Makes the host's files into a machine on which ctl-bridge is installed, then becomes systemd.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
here=/usr/lib/ctl-bridge

# Of the host nothing may be mounted, and none of its own services started.
: > /etc/fstab
: > /etc/crypttab
rm -f /etc/reader.conf.d/*
tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id
mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\nForwardToConsole=yes\nTTYPath=/dev/ttyS0\nMaxLevelConsole=info\n' \
  > /etc/systemd/journald.conf.d/machine.conf

# As a package would.
install_at() { mkdir -p "${2%/*}" && cp "$here/systemd/$1" "$2"; }
install_at ctl-bridge.service /usr/lib/systemd/system/ctl-bridge.service
install_at ctl-bridge.socket /usr/lib/systemd/system/ctl-bridge.socket
install_at sysusers.conf /usr/lib/sysusers.d/ctl-bridge.conf
install_at tmpfiles.conf /usr/lib/tmpfiles.d/ctl-bridge.conf
install_at polkit.rules /usr/share/polkit-1/rules.d/50-ctl-bridge.rules
install_at udev.rules /usr/lib/udev/rules.d/70-ctl-bridge.rules
policy=/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy
[ -e $policy ] || cp $here/test/usb/guest/pcsc.policy $policy
printf '#!/bin/sh\nexec /usr/bin/node %s/dist/daemon/cli/main.js "$@"\n' $here > /usr/bin/ctl-bridge
chmod 755 /usr/bin/ctl-bridge /usr/share/polkit-1/rules.d
systemd-sysusers
# Packages that were only unpacked have not given their folders to their users.
chown polkitd /usr/share/polkit-1/rules.d /etc/polkit-1/rules.d 2> /dev/null
mkdir -p /etc/ctl-bridge
cp $here/test/usb/guest/config.toml /etc/ctl-bridge/config.toml

cp $here/test/usb/guest/scenario.service $here/test/usb/guest/scenario.target /etc/systemd/system/
# Nothing here hangs on these, and under emulation each costs a second or so.
mkdir -p /etc/systemd/system-generators
for generator in /usr/lib/systemd/system-generators/*; do
  ln -sf /dev/null "/etc/systemd/system-generators/${generator##*/}"
done
for unit in tmpfiles-clean.timer timesyncd.service networkd.service binfmt.service journal-flush.service \
  random-seed.service update-utmp.service pcrphase.service pcrphase-sysinit.service; do
  ln -s /dev/null /etc/systemd/system/systemd-$unit
done
for unit in modprobe@.service dev-hugepages.mount dev-mqueue.mount sys-fs-fuse-connections.mount \
  sys-kernel-debug.mount sys-kernel-tracing.mount; do
  ln -s /dev/null /etc/systemd/system/$unit
done
# Where the host is a container, this machine is none.
rm -f /.dockerenv /run/.containerenv
exec /lib/systemd/systemd --unit=scenario.target --show-status=no
