#!/bin/sh
# Runs as the first process of its namespaces (sandbox.py) and becomes systemd, on an overlay of a root.
set -e
folder=$1 root=$1/root lower=$2
mount -t overlay -o "lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work" overlay "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"  # the kernel is the machine's
mount -o remount,bind,ro "$root/proc/sys"
cat /proc/sys/kernel/random/uuid >"$folder/boot_id"  # the journal tells boots apart by it
mount --bind "$folder/boot_id" "$root/proc/sys/kernel/random/boot_id"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
for node in null zero full random urandom tty; do cp -a "/dev/$node" "$root/dev/$node"; done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
touch "$root/dev/console"
mount --bind "$folder/console.log" "$root/dev/console"
for place in dev/shm run tmp; do mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/$place"; done
chmod 755 "$root/run"

if [ ! -e "$folder/booted" ]; then
  units=$root/etc/systemd/system
  # What the machine has enabled, its journal and its rules about starting services stay outside.
  rm -rf "$units"/*.wants "$root/var/log/journal" "$root/usr/sbin/policy-rc.d" "$root/etc/fstab"
  mkdir -p "$units" "$root/var/log/journal" "$root/etc/systemd/system-generators"
  for unit in systemd-sysctl.service systemd-modules-load.service systemd-udevd.service systemd-udev-trigger.service \
    systemd-remount-fs.service systemd-timesyncd.service systemd-logind.service systemd-networkd.service \
    sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount dev-mqueue.mount getty.target \
    systemd-networkd-wait-online.service ifupdown-wait-online.service; do
    ln -sfn /dev/null "$units/$unit"
  done
  # Debian's for postfix takes a second at each boot and reload.
  for one in postfix-instance-generator postgresql-generator systemd-sysv-generator; do
    ln -sfn /dev/null "$root/etc/systemd/system-generators/$one"
  done
  : >"$folder/booted"
fi

mkdir "$root/run/machine"
cd "$root"
pivot_root . run/machine
# In a container systemd leaves / private; LoadCredential= hands over an empty folder then.
exec chroot . /bin/sh -c 'umount -l /run/machine && rmdir /run/machine && mount --make-rshared / &&
  exec env -i container=ticketd-test PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    /lib/systemd/systemd --system --unit=multi-user.target --show-status=no --log-target=journal-or-kmsg'
