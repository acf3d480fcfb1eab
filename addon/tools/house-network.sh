#!/bin/sh
# Runs a command in the network of a house with Home Assistant, in namespaces of its own that end with it:
#   unshare --net --mount sh addon/tools/house-network.sh COMMAND…
# The Supervisor's bridge, where it is 172.30.32.2 and apps on the host's network are 172.30.32.1; and the LAN, where
# the machine is 192.168.1.5. Nothing leads outside.
set -e
ip link set lo up
ip link add hassio type bridge
ip address add 172.30.32.1/23 dev hassio
ip address add 172.30.32.2/23 dev hassio
ip link set hassio up
ip link add end0 type veth peer name switch
ip address add 192.168.1.5/24 dev end0
ip link set end0 up
ip link set switch up
ip route add default dev end0
# Names from outside are unknown at once.
mount -t tmpfs house /mnt
printf '127.0.0.1 localhost\n172.30.32.2 supervisor hassio\n192.168.1.5 homeassistant.local\n' >/mnt/hosts
echo 'nameserver 127.0.0.1' >/mnt/resolv.conf
mount --bind /mnt/hosts /etc/hosts
mount --bind /mnt/resolv.conf /etc/resolv.conf
exec "$@"
