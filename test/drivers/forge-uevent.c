/*
 * Posts one message as udevd does after it handled a USB device, to everybody in this network namespace
 * who listens to group 2 of the kernel's uevent sockets. Usage: forge-uevent ACTION DEVPATH BUS DEVICE
 * PRODUCT. With "loopback" alone it sets up the loopback interface of the namespace instead. Layout of the header: systemd, src/libsystemd/sd-device/device-monitor.c.
 */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct header {
  char prefix[8];
  uint32_t magic;
  uint32_t header_size;
  uint32_t properties_offset;
  uint32_t properties_length;
  uint32_t subsystem_hash;
  uint32_t devtype_hash;
  uint32_t tag_bloom_high;
  uint32_t tag_bloom_low;
};

static char properties[2048];
static size_t used;

static void add(const char *name, const char *value) {
  used += (size_t)snprintf(properties + used, sizeof properties - used, "%s=%s", name, value) + 1;
}

static int set_up_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int socket_fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (socket_fd < 0 || ioctl(socket_fd, SIOCSIFFLAGS, &request) != 0) {
    perror("loopback");
    return 1;
  }
  close(socket_fd);
  return 0;
}

int main(int count, char **arguments) {
  char text[64];
  if (count == 2 && strcmp(arguments[1], "loopback") == 0) return set_up_loopback();
  if (count != 6) return 2;
  int bus = atoi(arguments[3]), device = atoi(arguments[4]);
  add("ACTION", arguments[1]);
  add("DEVPATH", arguments[2]);
  add("SUBSYSTEM", "usb");
  add("DEVTYPE", "usb_device");
  snprintf(text, sizeof text, "/dev/bus/usb/%03d/%03d", bus, device);
  add("DEVNAME", text);
  snprintf(text, sizeof text, "%03d", bus);
  add("BUSNUM", text);
  snprintf(text, sizeof text, "%03d", device);
  add("DEVNUM", text);
  add("PRODUCT", arguments[5]);
  add("MAJOR", "189");
  snprintf(text, sizeof text, "%d", device - 1);
  add("MINOR", text);
  add("SEQNUM", "1");

  struct header header = {
      .prefix = "libudev",
      .magic = htonl(0xfeedcafe),
      .header_size = sizeof header,
      .properties_offset = sizeof header,
      .properties_length = (uint32_t)used,
  };
  char message[sizeof header + sizeof properties];
  memcpy(message, &header, sizeof header);
  memcpy(message + sizeof header, properties, used);

  struct sockaddr_nl own = {.nl_family = AF_NETLINK};
  struct sockaddr_nl everybody = {.nl_family = AF_NETLINK, .nl_groups = 2};
  int socket_fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);
  if (socket_fd < 0 || bind(socket_fd, (struct sockaddr *)&own, sizeof own) != 0) {
    perror("netlink");
    return 1;
  }
  ssize_t sent = sendto(socket_fd, message, sizeof header + used, 0, (struct sockaddr *)&everybody, sizeof everybody);
  if (sent < 0) {
    perror("sendto");
    return 1;
  }
  close(socket_fd);
  return 0;
}
