/*
 * A USB token for machines without one: a CCID device (USB CCID rev. 1.1) made with FunctionFS, with a card inside.
 *
 *   virtual-token FUNCTIONFS NSS_DATABASE MEMORY CERTIFICATE...    cac-card.h tells what is in the folder MEMORY
 *
 * Says "ready" when the device may be connected. It lives through unplugging.
 */
#include "../cards/cac-card.h"

#include <fcntl.h>
#include <linux/usb/functionfs.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = 10, MESSAGE = 4096 };

/* CCID 5.1: one slot, T=0 and T=1, short APDUs handled as a whole. Little-endian, as the x86 that this runs on. */
struct ccid_class {
  uint8_t length, type;
  uint16_t release;
  uint8_t last_slot, voltages;
  uint32_t protocols, clock, clock_max;
  uint8_t clocks;
  uint32_t rate, rate_max;
  uint8_t rates;
  uint32_t ifsd, synchronous, mechanical, features, longest_message;
  uint8_t class_get_response, class_envelope;
  uint16_t display;
  uint8_t pin_pad, busy_slots;
} __attribute__((packed));

struct function {
  struct usb_interface_descriptor interface;
  struct ccid_class ccid;
  struct usb_endpoint_descriptor_no_audio in, out;
} __attribute__((packed));

#define ENDPOINT(address, size) \
  { .bLength = 7, .bDescriptorType = USB_DT_ENDPOINT, .bEndpointAddress = address, \
    .bmAttributes = USB_ENDPOINT_XFER_BULK, .wMaxPacketSize = size }
#define FUNCTION(size) \
  { .interface = { .bLength = 9, .bDescriptorType = USB_DT_INTERFACE, .bNumEndpoints = 2, \
                   .bInterfaceClass = 0x0b /* smart card */ }, \
    .ccid = { .length = 54, .type = 0x21, .release = 0x0110, .voltages = 7, .protocols = 3, \
              .clock = 4000, .clock_max = 4000, .rate = 10752, \
              .rate_max = 10752, .ifsd = 254, .features = 0x000200ba, \
              .longest_message = 271, .class_get_response = 0xff, .class_envelope = 0xff, \
              .busy_slots = 1 }, \
    .in = ENDPOINT(0x81, size), .out = ENDPOINT(0x02, size) }

static const struct {
  struct usb_functionfs_descs_head_v2 head;
  uint32_t full_count, high_count;
  struct function full, high;
} __attribute__((packed)) descriptors = {
  .head = { .magic = FUNCTIONFS_DESCRIPTORS_MAGIC_V2, .length = sizeof descriptors,
            .flags = FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC },
  .full_count = 4, .high_count = 4, .full = FUNCTION(64), .high = FUNCTION(512),
};
static const struct usb_functionfs_strings_head no_strings = { .magic = FUNCTIONFS_STRINGS_MAGIC,
                                                               .length = sizeof no_strings };

static int powered;
/* Rises with every plugging: an answer that took longer than the cable was in must not meet the next host. */
static atomic_int connection;

/*
 * A read of ep0 that waits holds FunctionFS's mutex, which unbinding wants before it wakes the reader (Linux 6.1,
 * functionfs_unbind): whoever unplugs would hang for ever. So nothing here waits in a read.
 */
static void *serve_control(void *context) {
  int control = *(int *)context;
  struct pollfd wanted = { .fd = control, .events = POLLIN };
  struct usb_functionfs_event event;
  fcntl(control, F_SETFL, O_NONBLOCK);
  for (;;) {
    /* poll misses an event while somebody else has the mutex. */
    poll(&wanted, 1, 50);
    if (read(control, &event, sizeof event) <= 0) continue;
    if (event.type == FUNCTIONFS_ENABLE || event.type == FUNCTIONFS_DISABLE) atomic_fetch_add(&connection, 1);
    if (event.type != FUNCTIONFS_SETUP) continue;
    /* No class request is supported; the wrong direction makes FunctionFS stall it. */
    if (event.u.setup.bRequestType & USB_DIR_IN) (void)!read(control, NULL, 0);
    else (void)!write(control, NULL, 0);
  }
  return NULL;
}

/* CCID 6.1 and 6.2; gives the length of the answer. */
static int run_command(uint8_t *command, int length, uint8_t *answer) {
  int data = 0;
  memset(answer, 0, HEADER);
  answer[0] = 0x81; /* slot status */
  switch (command[0]) {
  case 0x62: /* power on: the answer is the ATR */
    answer[0] = 0x80;
    data = power_card_on(answer + HEADER);
    powered = 1;
    break;
  case 0x63: /* power off */
    power_card_off();
    powered = 0;
    break;
  case 0x65: /* slot status */
    break;
  case 0x61: case 0x6c: case 0x6d: /* parameters of T=0 */
    answer[0] = 0x82;
    data = 5;
    memcpy(answer + HEADER, "\x11\x00\x00\x0a\x00", 5);
    break;
  case 0x6f: /* APDU */
    answer[0] = 0x80;
    data = ask_card(command + HEADER, length - HEADER, answer + HEADER);
    break;
  default:
    answer[7] = 0x40; /* failed: command not supported */
  }
  answer[1] = data & 0xff;
  answer[2] = data >> 8;
  answer[5] = command[5];
  answer[6] = command[6];
  answer[7] |= powered ? 0 : 1;
  return HEADER + data;
}

static int open_endpoint(const char *folder, const char *name, int flags) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return open(path, O_RDWR | flags);
}

static void serve(int in, int out) {
  static uint8_t command[MESSAGE], answer[HEADER + MOST_CARD_BYTES];
  int served = -1;
  for (;;) {
    ssize_t length = read(out, command, sizeof command);
    int now = atomic_load(&connection);
    if (length < HEADER) {
      usleep(20000); /* unplugged */
      continue;
    }
    if (now != served) {
      power_card_off();
      powered = 0;
      served = now;
    }
    int answered = run_command(command, length, answer);
    if (atomic_load(&connection) == now) (void)!write(in, answer, answered);
  }
}

int main(int count, char **arguments) {
  if (count < 5) return 2;
  make_card(arguments[2], arguments[3], arguments + 4, count - 4);
  int control = open_endpoint(arguments[1], "ep0", 0);
  if (control < 0 || write(control, &descriptors, sizeof descriptors) < 0 ||
      write(control, &no_strings, sizeof no_strings) < 0) {
    perror("ep0");
    return 1;
  }
  /* An answer that comes just after the token was pulled would wait for the next plugging, and meet that host. */
  int in = open_endpoint(arguments[1], "ep1", O_NONBLOCK), out = open_endpoint(arguments[1], "ep2", 0);
  if (in < 0 || out < 0) {
    perror("endpoints");
    return 1;
  }
  pthread_t thread;
  pthread_create(&thread, NULL, serve_control, &control);
  printf("ready\n");
  fflush(stdout);
  serve(in, out);
}
